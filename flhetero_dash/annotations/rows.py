"""Notes from rows of the database, and back."""

from dataclasses import fields

from flhetero_dash.annotations.models import NoteRow
from flhetero_dash.annotations.notes import Note

_COLUMNS = tuple(entry.name for entry in fields(Note))


def note_of(row: NoteRow) -> Note:
    """Read a row."""
    return Note(**{name: getattr(row, name) for name in _COLUMNS})


def row_of(note: Note) -> NoteRow:
    """Make a new row."""
    return copy_to(NoteRow(), note)


def copy_to(row: NoteRow, note: Note) -> NoteRow:
    """Write all of a note into a row."""
    for name in _COLUMNS:
        setattr(row, name, getattr(note, name))
    return row
