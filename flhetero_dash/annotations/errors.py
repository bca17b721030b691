"""Errors of the notes: their messages say what was tried, what was found, what was expected."""


class NotesError(Exception):
    """Base of these errors; `notes.ConflictError` is one too, and carries the newer note."""


class InvalidNoteError(NotesError):
    """What cannot be a note: the message says where, what was found and what was expected."""


class UnknownNoteError(NotesError):
    """There is no note of this id, not even a deleted one."""


class StorageError(NotesError):
    """The database did not do it: full, locked, read-only, damaged or gone. Nothing was written."""


class ExchangeError(NotesError):
    """A file of notes that cannot be read at all; one bad note in it is reported instead."""
