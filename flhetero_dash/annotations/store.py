"""Where the team's notes are kept, and changed without losing anybody's words."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice
from uuid import uuid4

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from flhetero_dash.annotations.checks import checked_id, checked_text
from flhetero_dash.annotations.database import Database
from flhetero_dash.annotations.errors import UnknownNoteError
from flhetero_dash.annotations.models import NoteRow, StateRow
from flhetero_dash.annotations.notes import ConflictError, Note, NoteDraft, now
from flhetero_dash.annotations.rows import copy_to, note_of, row_of

CHUNK = 200


class Outcome(StrEnum):
    """What became of one note of another store."""

    ADDED = "added"
    UPDATED = "updated"
    RESTORED = "restored"
    UNCHANGED = "unchanged"
    OTHER = "another note"  # of the same id and version: ours stays


class NoteStore:
    """The notes of one database; connects when it is first asked, in each process.

    Safe between threads and processes. Each method raises `StorageError` when the database does
    not do it; then nothing was written.

    Parameters
    ----------
    url : str
        As `place.notes_url` gives it.
    """

    def __init__(self, url: str) -> None:
        self._database = Database(url)

    def migrate(self) -> None:
        """Bring the tables to the newest form; SQLite's are brought there by the first use."""
        self._database.migrate()

    def close(self) -> None:
        """Close this process's connections."""
        self._database.close()

    def revision(self) -> str:
        """Give a text that is another one after any change of any note by any process."""
        with self._database.reading("asking for changes") as session:
            return session.scalars(select(StateRow.revision)).one()

    def count(self) -> int:
        """Count the notes that are not deleted."""
        query = select(func.count()).select_from(NoteRow).where(NoteRow.deleted.is_(None))
        with self._database.reading("counting the notes") as session:
            return session.scalars(query).one()

    def get(self, note_id: str) -> Note:
        """Give a note, deleted or not; UnknownNoteError if there is none."""
        with self._database.reading("reading a note") as session:
            return note_of(_row(session, note_id))

    def notes(
        self,
        dataset: str | None = None,
        client: str | None = None,
        round_index: int | None = None,
        *,
        deleted: bool | None = False,
    ) -> tuple[Note, ...]:
        """List notes, the oldest first.

        Parameters
        ----------
        dataset, client : str, optional
            Only those of it.
        round_index : int, optional
            Only those of this round, from 0.
        deleted : bool or None, default=False
            Those that are not deleted, those that are, or all.
        """
        query = select(NoteRow).order_by(NoteRow.created, NoteRow.id)
        given = ((NoteRow.dataset, dataset), (NoteRow.client, client))
        for column, name in given:
            query = query if name is None else query.where(column == name)
        if round_index is not None:
            query = query.where(NoteRow.round_index == round_index)
        if deleted is not None:
            query = query.where(NoteRow.deleted.is_not(None) == deleted)
        with self._database.reading("listing the notes") as session:
            return tuple(note_of(row) for row in session.scalars(query))

    def add(self, draft: NoteDraft, note_id: str | None = None) -> Note:
        """Keep a new note.

        Parameters
        ----------
        draft : NoteDraft
        note_id : str, optional
            From `new_id()`: a form that is sent twice, or again after a failure, adds one note.

        Raises
        ------
        ConflictError
            If there is another note of this id.
        """
        note_id = checked_id(note_id) if note_id is not None else new_id()
        with self._database.writing("saving the note") as session:
            _announce(session)
            found = session.get(NoteRow, note_id)
            if found is not None and not note_of(found).is_of(draft):
                raise ConflictError(
                    f"note {note_id} is there already, with other contents; it was not changed",
                    note_of(found),
                    draft.text,
                )
            if found is None:
                time = now()
                found = row_of(draft.as_note(id=note_id, created=time, changed=time, version=1))
                session.add(found)
            return note_of(found)

    def edit(self, note_id: str, version: int, text: str) -> Note:
        """Replace the text of a note.

        Parameters
        ----------
        note_id : str
        version : int
            Of the note that was edited.
        text : str

        Raises
        ------
        ConflictError
            If it was changed or deleted since that version; it has the newer note, and the text.
        InvalidNoteError
            If the text is blank, too long, or cannot be kept literally.
        UnknownNoteError
        """
        checked_text(text)
        with self._database.writing("saving the note") as session:
            row = _expected(session, note_id, version, text)
            row.text, row.changed, row.version = text, now(), version + 1
            return note_of(row)

    def delete(self, note_id: str, version: int) -> Note:
        """Delete a note so that `restore` brings it back; raises as `edit` does."""
        with self._database.writing("deleting the note") as session:
            row = _expected(session, note_id, version, None)
            row.deleted, row.version = now(), version + 1
            return note_of(row)

    def restore(self, note_id: str) -> Note:
        """Bring a deleted note back; one that is not deleted stays as it is."""
        with self._database.writing("restoring the note") as session:
            _announce(session)
            row = _row(session, note_id)
            if row.deleted is not None:
                row.deleted, row.version = None, row.version + 1
            return note_of(row)

    def merge(self, notes: Iterable[Note]) -> tuple[Outcome, ...]:
        """Take in notes of another store, all of them or, when the database fails, none.

        A version that is strictly higher replaces ours. A note that is deleted here and not
        there comes back as it was here, if its version there is not higher: deleted for good
        would be more than a deletion can be.

        Returns
        -------
        tuple of Outcome
            Of each note, in their order.
        """
        outcomes = []
        with self._database.writing("importing the notes") as session:
            _announce(session)
            for chunk in batched(notes, CHUNK):
                wanted = {note.id for note in chunk}
                found = session.scalars(select(NoteRow).where(NoteRow.id.in_(wanted)))
                rows = {row.id: row for row in found}
                outcomes += [_merged(session, rows, note) for note in chunk]
                session.flush()
                session.expunge_all()  # many long notes need not be in memory at once
        return tuple(outcomes)


def new_id() -> str:
    """Give an id that no note has."""
    return uuid4().hex


def batched(notes: Iterable[Note], size: int) -> Iterator[tuple[Note, ...]]:
    """Give them in rows of `size`."""
    left = iter(notes)
    while chunk := tuple(islice(left, size)):
        yield chunk


def _announce(session: Session) -> None:
    """Tell that notes change; as the first thing, for it makes writers come one by one."""
    session.execute(update(StateRow).values(revision=uuid4().hex))


def _row(session: Session, note_id: str) -> NoteRow:
    row = session.get(NoteRow, checked_id(note_id))
    if row is None:
        raise UnknownNoteError(f"there is no note {note_id}; another one may have been meant")
    return row


def _expected(session: Session, note_id: str, version: int, typed: str | None) -> NoteRow:
    """Give the row of a note that is to be changed, if it is still the one that was read."""
    _announce(session)
    row = _row(session, note_id)
    if row.version == version and row.deleted is None:
        return row
    newer = note_of(row)
    if newer.deleted is not None:
        what = f"was deleted on {newer.deleted:%Y-%m-%d at %H:%M} UTC"
    else:
        what = f"was changed on {newer.changed:%Y-%m-%d at %H:%M} UTC"
    kept = "" if typed is None else "; what you typed was not saved yet, and is still here"
    raise ConflictError(
        f"note {note_id} {what}: found version {newer.version}, expected {version}{kept}",
        newer,
        typed,
    )


def _merged(session: Session, rows: dict[str, NoteRow], note: Note) -> Outcome:
    row = rows.get(note.id)
    if row is None:
        rows[note.id] = row_of(note)
        session.add(rows[note.id])
        return Outcome.ADDED
    ours = note_of(row)
    if note.version > ours.version:
        copy_to(row, note)
        return Outcome.UPDATED
    if ours.deleted is not None and note.deleted is None:
        row.deleted, row.version = None, row.version + 1
        return Outcome.RESTORED
    return Outcome.OTHER if note.version == ours.version and note != ours else Outcome.UNCHANGED
