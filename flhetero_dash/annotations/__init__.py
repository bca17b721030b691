"""The team's notes: kept in a database, seen by everybody, exported and imported."""

from flhetero_dash.annotations.errors import (
    ExchangeError,
    InvalidNoteError,
    NotesError,
    StorageError,
    UnknownNoteError,
)
from flhetero_dash.annotations.notes import ConflictError, Note, NoteDraft
from flhetero_dash.annotations.place import notes_url
from flhetero_dash.annotations.store import NoteStore, new_id

__all__ = [
    "ConflictError",
    "ExchangeError",
    "InvalidNoteError",
    "Note",
    "NoteDraft",
    "NoteStore",
    "NotesError",
    "StorageError",
    "UnknownNoteError",
    "new_id",
    "notes_url",
]
