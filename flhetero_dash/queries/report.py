"""What a report of a client says: numbers of both models, and each note with its records."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.comparison import accuracy
from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.reader import Federation
from flhetero_dash.queries.label_counts import LabelCount, label_counts
from flhetero_dash.queries.learning import LearningQueries
from flhetero_dash.queries.notes import ListedNote, NoteQueries
from flhetero_dash.queries.outputs import Compared, compared
from flhetero_dash.queries.overview import Overview, OverviewQueries
from flhetero_dash.queries.record_examples import Examples, record_examples
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, OverviewChoice

SAMPLES_CHANGED = (
    "The client's records have changed since this note was written, so its record numbers mean "
    "other records now. Nothing is shown of those."
)
SAMPLES_UNREADABLE = "The client's records cannot be read here, so nothing is shown of them."


@dataclass(frozen=True)
class Counts:
    """How both models do on some records.

    Attributes
    ----------
    n_records, n_inconsistent : int
    federated, standalone : float
        Accuracy on all of them, from 0 to 1; NaN where there is no ground truth.
    federated_inconsistent, standalone_inconsistent : float
        The same on the inconsistent ones.
    """

    n_records: int
    n_inconsistent: int
    federated: float
    standalone: float
    federated_inconsistent: float
    standalone_inconsistent: float


@dataclass(frozen=True)
class RoundCurves:
    """A client's curves by round: each of shape (n_rounds,), NaN where not recorded.

    Attributes
    ----------
    held_out : ndarray or None
        Accuracy of the federated model on the client's held-out records.
    band : pair of ndarray, or None
        Smallest and largest of all clients.
    n_inconsistent : ndarray
        Of the local records.
    standalone : float
        Accuracy of the stand-alone model on all local records; NaN where not known.
    n_train : int or None
        Records that it was trained on, which are among these.
    """

    held_out: FloatArray | None
    band: tuple[FloatArray, FloatArray] | None
    n_inconsistent: FloatArray
    standalone: float
    n_train: int | None


@dataclass(frozen=True)
class NoteReport:
    """A note and what is known of its records; `gap` says why that is nothing."""

    listed: ListedNote
    gap: str = ""
    counts: Counts | None = None
    labels: tuple[LabelCount, ...] = ()
    records: IntArray | None = None
    plane: Overview | str = ""
    examples: Examples | None = None


@dataclass(frozen=True)
class ClientReport:
    """A client in one round.

    Attributes
    ----------
    chosen : ClientRound
        Of local inputs.
    n_train, n_held_out : int or None
    gap : str
        Why there is nothing to compare; empty where there is.
    counts : Counts or None
    curves : RoundCurves
    plane : Overview or str
        Or why there is none.
    notes : tuple of NoteReport
        Of every round, the oldest first.
    """

    chosen: ClientRound
    n_train: int | None
    n_held_out: int | None
    gap: str
    counts: Counts | None
    curves: RoundCurves
    plane: Overview | str
    notes: tuple[NoteReport, ...]


@dataclass(frozen=True)
class Report:
    """One client of a dataset, or all of them.

    Attributes
    ----------
    federation : Federation
    of_all : bool
    clients : tuple of ClientReport
    strangers : tuple of NoteReport
        Notes of clients that the dataset does not have any more.
    """

    federation: Federation
    of_all: bool
    clients: tuple[ClientReport, ...]
    strangers: tuple[NoteReport, ...] = ()


class ReportQueries:
    """Joins what the panels ask one by one."""

    def __init__(
        self,
        sources: Sources,
        learning: LearningQueries,
        overview: OverviewQueries,
        notes: NoteQueries,
    ) -> None:
        self._sources = sources
        self._learning = learning
        self._overview = overview
        self._notes = notes

    def report(
        self, dataset: str, client: str | None, shown_round: int | None, with_records: bool
    ) -> Report:
        """Collect a report.

        Parameters
        ----------
        dataset : str
        client : str or None
            None: all clients.
        shown_round : int or None
            From 1; None: each client's last round with recorded outputs.
        with_records : bool
            Whether notes have examples of their records.

        Raises
        ------
        DataError
            If the dataset cannot be used, or there is no such client or round.
        NotesError
            If the notes cannot be read.
        """
        federation = self._sources.reader.federation(dataset)
        names = federation.samples.client_names
        if client is not None and client not in names:
            shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
            raise UnknownNameError(f"{dataset}: no client '{client}'; there are {shown}")
        if shown_round is not None and not 1 <= shown_round <= federation.n_rounds:
            raise UnknownNameError(
                f"{dataset}: no round {shown_round}; the rounds are 1 to {federation.n_rounds}"
            )
        listed = self._notes.listed(dataset, client)
        clients = tuple(
            self._client(
                self._chosen(federation, name, shown_round),
                federation,
                [one for one in listed if one.note.client == name],
                with_records,
            )
            for name in (names if client is None else (client,))
        )
        strangers = tuple(
            NoteReport(one, SAMPLES_UNREADABLE) for one in listed if one.note.client not in names
        )
        return Report(federation, client is None, clients, strangers)

    def _chosen(self, federation: Federation, client: str, shown: int | None) -> ClientRound:
        if shown is None:
            recorded = self._sources.reader.output_rounds(federation.dataset, client)
            within = [index + 1 for index in recorded if index < federation.n_rounds]
            shown = max(within, default=max(1, federation.n_rounds))
        return ClientRound(federation.dataset, client, shown - 1)

    def _client(
        self,
        chosen: ClientRound,
        federation: Federation,
        listed: Sequence[ListedNote],
        with_records: bool,
    ) -> ClientReport:
        reader = self._sources.reader
        samples = reader.samples(chosen.dataset, chosen.client)
        counts, gap = None, ""
        try:
            counts = _counts(compared(reader, chosen))
        except NothingToShowError as error:
            gap = str(error)
        return ClientReport(
            chosen,
            samples.train_size,
            samples.test_size,
            gap,
            counts,
            self._curves(chosen, federation),
            gap or self._plane(chosen, OverviewChoice()),
            tuple(self._note(one, with_records) for one in listed),
        )

    def _curves(self, chosen: ClientRound, federation: Federation) -> RoundCurves:
        by_round = self._learning.disagreement(chosen)
        history = federation.history
        values = None if history is None else history.val_acc
        held_out = band = None
        if values is not None and history is not None:
            held_out = values[history.row(chosen.client)]
            if len(values) > 1:
                band = values.min(axis=0), values.max(axis=0)
        return RoundCurves(
            held_out,
            band,
            by_round.n_inconsistent,
            by_round.standalone_accuracy,
            self._sources.reader.samples(chosen.dataset, chosen.client).train_size,
        )

    def _note(self, listed: ListedNote, with_records: bool) -> NoteReport:
        if not listed.stands:
            return NoteReport(
                listed, SAMPLES_UNREADABLE if listed.stands is None else SAMPLES_CHANGED
            )
        note, reader = listed.note, self._sources.reader
        chosen = ClientRound(note.dataset, note.client, note.round_index, note.inputs)
        records = np.array(note.records, dtype=np.int64)
        try:
            held = reader.samples(chosen.dataset, chosen.client).inputs
            # An imported note may name what is not there.
            if chosen.inputs not in held or records[-1] >= len(held[chosen.inputs]):
                return NoteReport(listed, "The note names records that the client does not have.")
            both = compared(reader, chosen)
        except (NothingToShowError, DataError) as error:
            return NoteReport(listed, str(error))
        return NoteReport(
            listed,
            "",
            _counts(both, records),
            label_counts(both, reader.samples_info(chosen.dataset), records),
            records,
            self._plane(chosen, OverviewChoice.checked(dict(note.parameters))),
            record_examples(both, reader.samples_info(chosen.dataset), records)
            if with_records
            else None,
        )

    def _plane(self, chosen: ClientRound, choice: OverviewChoice) -> Overview | str:
        try:
            return self._overview.overview(chosen, choice)
        except NothingToShowError as error:
            return str(error)


def _counts(both: Compared, rows: IntArray | None = None) -> Counts:
    at = slice(None) if rows is None else rows
    y_local, y_global, different = both.y_local[at], both.y_global[at], both.inconsistent[at]
    shares = [float("nan")] * 4
    if both.y_true is not None:
        truth = both.y_true[at]
        shares = [
            accuracy(truth[mask], outputs[mask])
            for mask in (np.ones(len(truth), dtype=bool), different)
            for outputs in (y_global, y_local)
        ]
    return Counts(len(y_local), int(different.sum()), *shares)
