"""Notes as a JSON file and back; docs/notes-format.md describes it."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from flhetero_dash.annotations.checks import shown
from flhetero_dash.annotations.errors import ExchangeError, InvalidNoteError
from flhetero_dash.annotations.notes import Note, now
from flhetero_dash.annotations.store import NoteStore, Outcome

FORMAT = "flhetero-notes"
FORMAT_VERSION = 1
# JSON may take twenty times its size in memory.
MOST_BYTES = 32 << 20
TIMES = ("created", "changed", "deleted")
_NAMES = {"records_text": "records"}
KEYS = tuple(_NAMES.get(entry.name, entry.name) for entry in fields(Note))
# Not every way to write a time that Python reads: no week days, no fractions of hours.
_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


@dataclass(frozen=True)
class Refusal:
    """A note of a file that was not taken in: where it stands, and why."""

    where: str
    reason: str


@dataclass(frozen=True)
class ImportReport:
    """What became of the notes of a file.

    Attributes
    ----------
    added, updated, restored, unchanged : int
        Notes that were not here; that replaced an older version; that were deleted here and are
        back; that are here already, in this version or a newer one.
    refused : tuple of Refusal
    """

    added: int
    updated: int
    restored: int
    unchanged: int
    refused: tuple[Refusal, ...]


def export_json(notes: Iterable[Note]) -> bytes:
    """Write notes, deleted ones too, so that `import_json` reads the same.

    Raises
    ------
    ExchangeError
        If the file would be too large to be read again.
    """
    head = {"format": FORMAT, "format_version": FORMAT_VERSION, "exported": _time_text(now())}
    written = [json.dumps(_entry(note), ensure_ascii=False, allow_nan=False) for note in notes]
    lines = ",\n".join(written)
    body = f'{json.dumps(head)[:-1]}, "notes": [\n{lines}\n]}}\n'.encode()
    if len(body) > MOST_BYTES:
        raise ExchangeError(
            f"the export: {len(written):,} notes take {len(body):,} bytes; expected at most "
            f"{MOST_BYTES:,}. Choose fewer notes, such as those of one dataset"
        )
    return body


def import_json(store: NoteStore, content: bytes, most_bytes: int = MOST_BYTES) -> ImportReport:
    """Take the notes of a file into a store, each once; a bad one does not hurt the others.

    Parameters
    ----------
    store : NoteStore
    content : bytes
        Of a file from anywhere.
    most_bytes : int

    Raises
    ------
    ExchangeError
        If the file cannot be read, or is none of notes; nothing was taken in.
    StorageError
        If the database fails; nothing was taken in.
    """
    refused: list[Refusal] = []
    good: dict[str, tuple[str, Note]] = {}
    for where, entry in _entries(content, most_bytes):
        try:
            note = _note(entry)
            if note.id in good:
                raise InvalidNoteError(f"id: {note.id} is that of {good[note.id][0]} too")
        except InvalidNoteError as error:
            refused.append(Refusal(where, str(error)))
        else:
            good[note.id] = (where, note)
    outcomes = store.merge(note for _, note in good.values())
    for (where, note), outcome in zip(good.values(), outcomes, strict=True):
        if outcome is Outcome.OTHER:
            reason = f"version {note.version} with other contents is here already; it was kept"
            refused.append(Refusal(where, reason))
    counts = Counter(outcomes)
    return ImportReport(
        added=counts[Outcome.ADDED],
        updated=counts[Outcome.UPDATED],
        restored=counts[Outcome.RESTORED],
        unchanged=counts[Outcome.UNCHANGED],
        refused=tuple(refused),
    )


def _entry(note: Note) -> dict[str, object]:
    entry: dict[str, object] = {}
    for field in fields(note):
        value = getattr(note, field.name)
        is_time = isinstance(value, datetime)
        entry[_NAMES.get(field.name, field.name)] = _time_text(value) if is_time else value
    return entry


def _entries(content: bytes, most_bytes: int) -> Iterator[tuple[str, object]]:
    """Give each note of a file with its place, after a look at what all have in common."""
    if len(content) > most_bytes:
        raise ExchangeError(f"the file: {len(content):,} bytes; expected at most {most_bytes:,}")
    file = _parsed(content)
    if not isinstance(file, dict) or file.get("format") != FORMAT:
        raise ExchangeError(
            f"the file: {shown(file)} without 'format': '{FORMAT}'; expected a file that an export "
            "of notes wrote"
        )
    version = file.get("format_version")
    if isinstance(version, bool) or version != FORMAT_VERSION:
        raise ExchangeError(
            f"'format_version': {shown(version)}; expected {FORMAT_VERSION}. A newer program may "
            "have written the file: update this one"
        )
    notes = file.get("notes")
    if not isinstance(notes, list):
        raise ExchangeError(f"'notes': {shown(notes)}; expected a list")
    return ((f"notes[{at}]", entry) for at, entry in enumerate(notes))


def _parsed(content: bytes) -> object:
    try:
        return json.loads(
            content.decode("utf-8-sig"),
            parse_constant=_refuse_constant,
            parse_int=_whole,
            object_pairs_hook=_object,
        )
    except json.JSONDecodeError as error:
        at = f"line {error.lineno}, column {error.colno}"
        raise ExchangeError(
            f"the file, {at}: {error.msg}; expected JSON. It may be cut short: export it again"
        ) from None
    except UnicodeDecodeError as error:
        raise ExchangeError(
            f"the file, byte {error.start + 1}: {error.reason}; expected UTF-8"
        ) from None
    except RecursionError:
        raise ExchangeError("the file: lists within lists, too deep; expected notes") from None


def _refuse_constant(name: str) -> object:
    raise ExchangeError(f"the file: the number {name}; expected finite numbers")


def _whole(digits: str) -> int:
    if len(digits) > 20:
        raise ExchangeError(
            f"the file: a number of {len(digits):,} digits ({digits[:20]}...); expected at most 20"
        )
    return int(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = Counter(name for name, _ in pairs)
        raise ExchangeError(f"the file: {shown(names.most_common(1)[0][0])} twice in one object")
    return made


def _note(entry: object) -> Note:
    if not isinstance(entry, dict):
        raise InvalidNoteError(f"{shown(entry)}; expected an object")
    if missing := [key for key in KEYS if key not in entry]:
        raise InvalidNoteError(f"lacks {', '.join(missing)}")
    if unknown := [key for key in entry if key not in KEYS]:
        raise InvalidNoteError(f"has {shown(unknown[0])}; expected only {', '.join(KEYS)}")
    values = {name: entry[_NAMES.get(name, name)] for name in (e.name for e in fields(Note))}
    for name in TIMES:
        if name != "deleted" or values[name] is not None:
            values[name] = _time(values[name], name)
    return Note(**values).checked()


def _time(value: object, name: str) -> datetime:
    try:
        if isinstance(value, str) and _TIME.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidNoteError(f"{name}: {shown(value)}; expected a time such as 2026-01-31T23:59:00Z")


def _time_text(time: datetime) -> str:
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")
