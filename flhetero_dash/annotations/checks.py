"""What is allowed in a note, alike for every database."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from flhetero_dash.annotations.errors import InvalidNoteError
from flhetero_dash.selection.own import MOST_RECORDS

MOST_TEXT = 100_000
MOST_NAME = 200
MOST_PARAMETERS = 100
MOST_PARAMETER = 2_000
MOST_ROUND = 10**9
MOST_VERSION = 2**31 - 1
_ID = re.compile(r"[0-9a-f]{32}")
_NOT_KEPT = re.compile("[\0\ud800-\udfff]")
_RUN = re.compile(r"(0|[1-9][0-9]{0,8})(?:-([1-9][0-9]{0,8}))?", re.ASCII)


def checked_id(value: object) -> str:
    """Give a note's id back if it can be one."""
    if not isinstance(value, str) or not _ID.fullmatch(value):
        raise InvalidNoteError(f"id: {shown(value)}; expected 32 hexadecimal digits")
    return value


def checked_text(value: object) -> str:
    """Give a note's text back, unchanged, if it says something that every database keeps."""
    text = _keepable(value, "text")
    if not any(letter.isprintable() and not letter.isspace() for letter in text):
        raise InvalidNoteError(f"text: {shown(text)} is blank; expected some words")
    if len(text) > MOST_TEXT:
        raise InvalidNoteError(
            f"text: {len(text):,} characters; expected at most {MOST_TEXT:,}. Shorten it, or make "
            "two notes of it"
        )
    return text


def checked_line(value: object, name: str) -> str:
    """Give a name back if it is one line of 1 to 200 characters."""
    text = _keepable(value, name)
    if not 1 <= len(text) <= MOST_NAME or not text.strip():
        raise InvalidNoteError(
            f"{name}: {len(text):,} characters ({shown(text)}); expected 1 to {MOST_NAME}, "
            "not blank"
        )
    if len(text.splitlines()) > 1:
        raise InvalidNoteError(f"{name}: {shown(text)}; expected one line")
    return text


def checked_whole(value: object, name: str, smallest: int, largest: int) -> int:
    """Give a whole number back if it is within its bounds."""
    if isinstance(value, bool) or not isinstance(value, int) or not smallest <= value <= largest:
        raise InvalidNoteError(
            f"{name}: {shown(value)}; expected a whole number from {smallest} to {largest}"
        )
    return value


def checked_time(value: datetime, name: str) -> datetime:
    """Give a time back if it is one of UTC."""
    if not isinstance(value, datetime) or value.utcoffset() != UTC.utcoffset(None):
        raise InvalidNoteError(f"{name}: {shown(value)}; expected a time in UTC")
    if not 1970 <= value.year <= 9998:  # beyond, some database or time zone fails
        raise InvalidNoteError(f"{name}: {value.isoformat()}; expected a year from 1970 to 9998")
    return value


def checked_parameters(value: object) -> None:
    """Refuse the URL's parameters unless they are texts, and not too many."""
    if not isinstance(value, Mapping) or len(value) > MOST_PARAMETERS:
        found = f"{len(value):,}" if isinstance(value, Mapping) else shown(value)
        raise InvalidNoteError(f"parameters: {found}; expected at most {MOST_PARAMETERS} texts")
    for name, text in value.items():
        for part in (_keepable(name, "parameters"), _keepable(text, f"parameters {shown(name)}")):
            if len(part) > MOST_PARAMETER:
                raise InvalidNoteError(
                    f"parameters {shown(name)}: {len(part):,} characters; "
                    f"expected at most {MOST_PARAMETER:,}"
                )


def n_records(text: object) -> int:
    """Count the records of `3-7,12` without listing them; refuse any other way to write them.

    A file of notes may claim a million records in few characters, many times over.
    """
    expected = f"1 to {MOST_RECORDS:,} record numbers such as 3-7,12, ascending and each once"
    if text == "":
        raise InvalidNoteError(f"records: none are selected; expected {expected}")
    if not isinstance(text, str) or len(text) > 11 * MOST_RECORDS:
        raise InvalidNoteError(f"records: {shown(text)}; expected {expected}")
    count, before = 0, -2
    for run in text.split(","):
        match = _RUN.fullmatch(run)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if match is None or first <= before + 1 or last < first or (match[2] and last == first):
            raise InvalidNoteError(f"records: {shown(run)}; expected {expected}")
        count, before = count + last - first + 1, last
        if count > MOST_RECORDS:
            raise InvalidNoteError(f"records: more than {MOST_RECORDS:,}; expected {expected}")
    return count


def _keepable(value: object, name: str) -> str:
    """Refuse what one of the databases cannot keep, so that all of them keep the same."""
    if not isinstance(value, str):
        raise InvalidNoteError(f"{name}: {shown(value)}; expected a text")
    if match := _NOT_KEPT.search(value):
        kind = "a NUL character" if match[0] == "\0" else f"half a character ({ascii(match[0])})"
        raise InvalidNoteError(
            f"{name}: {kind} at position {match.start() + 1}; expected none, remove it"
        )
    return value


def shown(value: object) -> str:
    """Write what was found, in one short line."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10**30:
        return "a number of more than 30 digits"  # Python refuses to write very long ones
    if isinstance(value, dict | list | tuple):
        return f"a {type(value).__name__} of {len(value):,}"
    shown = ascii(value[:80] if isinstance(value, str) else value)
    return shown if len(shown) <= 90 else f"{shown[:90]}..."
