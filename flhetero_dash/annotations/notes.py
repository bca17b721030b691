"""A note of the team: its records."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Self

from flhetero_dash.annotations.checks import (
    MOST_ROUND,
    MOST_VERSION,
    checked_id,
    checked_line,
    checked_parameters,
    checked_text,
    checked_time,
    checked_whole,
    n_records,
)
from flhetero_dash.annotations.errors import InvalidNoteError, NotesError
from flhetero_dash.selection import read_records, records_text
from flhetero_dash.selection.own import MOST_RECORDS


@dataclass(frozen=True, kw_only=True)
class NoteDraft:
    """A note that is to be kept; checked when it is made.

    Attributes
    ----------
    dataset : str
    samples : str
        Identity of the samples' content, the same for every copy of the file.
    client : str
    round_index : int
        From 0.
    inputs : str
        Sampling type; the records are rows of it.
    records_text : str
        The records as runs, ``3-7,12``: ascending, each once, as `selection.records_text` writes.
    text : str
        Kept literally; not blank.
    author : str
        Empty: unknown.
    parameters : dict of str to str
        Those of the URL, so that the picture can be shown again.

    Raises
    ------
    InvalidNoteError
        If a field cannot be kept.
    """

    dataset: str
    samples: str
    client: str
    round_index: int
    inputs: str
    records_text: str
    text: str
    author: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        self._check()
        # A copy: whoever made the draft may go on changing what was passed.
        object.__setattr__(self, "parameters", dict(self.parameters))

    def _check(self) -> None:
        for name in ("dataset", "samples", "client", "inputs"):
            checked_line(getattr(self, name), name)
        if self.author != "":
            checked_line(self.author, "author")
        checked_whole(self.round_index, "round_index", 0, MOST_ROUND)
        n_records(self.records_text)
        checked_text(self.text)
        checked_parameters(self.parameters)

    @classmethod
    def of(cls, records: Iterable[int], **rest: Any) -> Self:  # noqa: ANN401 - the other fields
        """Make a draft of record numbers in any order."""
        numbers = list(records)
        if len(numbers) > MOST_RECORDS:
            raise InvalidNoteError(f"records: {len(numbers):,}; expected 1 to {MOST_RECORDS:,}")
        for record in numbers:
            checked_whole(record, "records", 0, 10**9 - 1)
        return cls(records_text=records_text(numbers), **rest)

    def as_note(self, **rest: Any) -> "Note":  # noqa: ANN401 - the other fields
        """Make a note of it; `rest` is what a draft lacks."""
        return Note(**{e.name: getattr(self, e.name) for e in fields(NoteDraft)}, **rest)

    @cached_property
    def records(self) -> tuple[int, ...]:
        """The record numbers, ascending and each once."""
        return read_records(self.records_text)

    @property
    def n_records(self) -> int:
        """How many records there are."""
        return n_records(self.records_text)


@dataclass(frozen=True, kw_only=True)
class Note(NoteDraft):
    """A note as it is kept.

    Attributes
    ----------
    id : str
        32 hexadecimal digits; never used again.
    created, changed : datetime
        UTC; when it was made, and when its text was written last.
    version : int
        From 1; counts every edit, deletion and restoration.
    deleted : datetime or None
        UTC; None: it is not deleted.
    """

    id: str
    created: datetime
    changed: datetime
    version: int
    deleted: datetime | None = None

    def __post_init__(self) -> None:
        """Trust what comes from the store, where it was checked; others call `checked`."""

    def checked(self) -> Self:
        """Give the note back if every field can be kept; InvalidNoteError if not."""
        self._check()
        checked_id(self.id)
        checked_whole(self.version, "version", 1, MOST_VERSION)
        for name in ("created", "changed", "deleted"):
            if (time := getattr(self, name)) is not None or name != "deleted":
                checked_time(time, name)
        return self

    def is_of(self, draft: NoteDraft) -> bool:
        """Whether this is what a draft asked to keep."""
        return all(getattr(self, e.name) == getattr(draft, e.name) for e in fields(NoteDraft))


def now() -> datetime:
    """Give the time of a change."""
    return datetime.now(UTC)


class ConflictError(NotesError):
    """Somebody changed the note meanwhile; nothing was written.

    Attributes
    ----------
    newer : Note
        The note as it is kept now.
    typed : str or None
        The text that was not saved; None: none was to be saved.
    """

    def __init__(self, message: str, newer: Note, typed: str | None = None) -> None:
        super().__init__(message)
        self.newer = newer
        self.typed = typed
