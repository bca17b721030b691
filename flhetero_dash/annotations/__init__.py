"""The team's notes: kept in a database, seen by everybody, exported and imported."""

from flhetero_dash.annotations.errors import (
    ExchangeError,
    InvalidNoteError,
    NotesError,
    StorageError,
    UnknownNoteError,
)
from flhetero_dash.annotations.exchange import ImportReport, Refusal, export_json, import_json
from flhetero_dash.annotations.notes import ConflictError, Note, NoteDraft
from flhetero_dash.annotations.place import notes_url
from flhetero_dash.annotations.store import NoteStore, new_id
from flhetero_dash.annotations.table import export_csv

__all__ = [
    "ConflictError",
    "ExchangeError",
    "ImportReport",
    "InvalidNoteError",
    "Note",
    "NoteDraft",
    "NoteStore",
    "NotesError",
    "Refusal",
    "StorageError",
    "UnknownNoteError",
    "export_csv",
    "export_json",
    "import_json",
    "new_id",
    "notes_url",
]
