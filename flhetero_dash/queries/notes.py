"""The team's notes of a client, and whether their records are still those that are there."""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from flhetero_dash.annotations import Note, NoteDraft, NoteStore, notes_url
from flhetero_dash.data.errors import DataError
from flhetero_dash.queries.own_selections import OwnSelectionQueries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import ClientRound, Parameters, parameter_of, read_records
from flhetero_dash.settings import Settings, SettingsError

OWN = parameter_of("own")


@dataclass(frozen=True)
class ListedNote:
    """A note and what is known of its records.

    Attributes
    ----------
    note : Note
    stands : bool or None
        Whether the samples are those that were noted; None: they cannot be read here.
    search : str
        Query string of the picture in which it was written.
    """

    note: Note
    stands: bool | None
    search: str


class NoteQueries:
    """Notes are changed through `store`; here they are joined with the data."""

    def __init__(self, sources: Sources, own: OwnSelectionQueries) -> None:
        self._sources = sources
        self._own = own

    @property
    def store(self) -> NoteStore:
        """The database of the notes."""
        return store_of(self._sources.settings)

    def listed(
        self, dataset: str | None = None, client: str | None = None, *, deleted: bool = False
    ) -> list[ListedNote]:
        """List notes that are not deleted, or those that are, the oldest first."""
        notes = self.store.notes(dataset, client, deleted=deleted)
        there = {key: self._samples(*key) for key in {(n.dataset, n.client) for n in notes}}
        return [self._listed(note, there[note.dataset, note.client]) for note in notes]

    def one(self, note: Note) -> ListedNote:
        """Join one note with the data."""
        return self._listed(note, self._samples(note.dataset, note.client))

    def add(
        self,
        chosen: ClientRound,
        records: str,
        words: tuple[str, str],
        parameters: Parameters,
        note_id: str | None = None,
    ) -> ListedNote:
        """Keep a note of some records.

        Parameters
        ----------
        chosen : ClientRound
        records : str
            Rows of the chosen inputs, as runs.
        words : tuple of str
            Its text and its author.
        parameters : dict of str to str
            Those of the page's URL.
        note_id : str, optional
            See `NoteStore.add`.

        Raises
        ------
        DataError
            If there are no such records.
        NotesError
            If the note cannot be kept.
        """
        reader = self._sources.reader
        inputs = reader.samples(chosen.dataset, chosen.client).inputs
        count = len(inputs.get(chosen.inputs, ()))
        draft = NoteDraft(
            dataset=chosen.dataset,
            samples=reader.samples_identity(chosen.dataset, chosen.client),
            client=chosen.client,
            round_index=chosen.round_index,
            inputs=chosen.inputs,
            records_text=records,
            text=words[0],
            author=words[1],
            parameters=parameters | chosen.as_json(),
        )
        last = read_records(records)[-1]
        if last >= count:
            raise DataError(
                f"found record {last}, expected rows below {count:,} of {chosen.client}"
            )
        note = self.store.add(draft, note_id)
        if digest := parameters.get(OWN):  # so that the picture can be shown to others
            self._own.share(chosen, digest, records)
        return self.one(note)

    def _listed(self, note: Note, samples: str | None) -> ListedNote:
        stands = None if samples is None else samples == note.samples
        return ListedNote(note, stands, "?" + urlencode(note.parameters))

    def _samples(self, dataset: str, client: str) -> str | None:
        try:
            return self._sources.reader.samples_identity(dataset, client)
        except DataError:
            return None


@lru_cache(maxsize=2)
def store_of(settings: Settings) -> NoteStore:
    """Give this process's connection to the notes; nothing is opened until it is used."""
    try:
        return NoteStore(notes_url(settings))
    except ValueError as error:
        raise SettingsError(str(error)) from None
