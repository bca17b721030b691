"""Single records: what they are, what both models say of them, and their pictures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flhetero_dash.analysis.names import attribute_name
from flhetero_dash.analysis.pictures import as_tiles, white_level
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from flhetero_dash.data.errors import DataError
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.outputs import Compared, compared
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, RecordChoice

Picture = npt.NDArray[np.uint8]
ROUNDING = 0.02  # of probabilities that are kept with 16 bits
N_SCORES = 4  # classes whose scores are listed: the largest, and always the ground truth


@dataclass(frozen=True)
class ClassScore:
    """A class and the probabilities that the models give it; None: not recorded."""

    name: str
    is_truth: bool
    federated: float | None
    standalone: float | None


@dataclass(frozen=True)
class Verified:
    """One record under verification, within its selection.

    Attributes
    ----------
    record : int
        Row of the chosen inputs.
    selected : ndarray of int
        The selection's rows.
    truth, federated, standalone : str or None
        Label names; None where there is no ground truth.
    scores : tuple of ClassScore
        Of the classes that matter, in the order of classes; empty when none were recorded.
    values : ndarray of shape (n_features,)
    median : ndarray of shape (n_features,), or None
        Of the selection, of a categorical attribute its most frequent value; None when that is
        empty, or for pictures.
    distance : ndarray of shape (n_features,), or None
        Of value and median in standard deviations of the client's records; of a categorical
        attribute the share of the selection that has another value.
    names : tuple of str
        Of the attributes, when the record is no picture; else empty.
    categories : dict of str to tuple of str
        Names of the values of the categorical ones among them.
    """

    record: int
    selected: IntArray
    truth: str | None
    federated: str
    standalone: str
    scores: tuple[ClassScore, ...]
    values: SampleArray
    median: npt.NDArray[np.float64] | None
    distance: npt.NDArray[np.float64] | None
    names: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]


def shown_record(chosen: int | None, selected: IntArray, n_inputs: int) -> int:
    """Give the record under verification: the chosen one, by default the selection's first.

    Raises
    ------
    NothingToShowError
        If there is neither.
    """
    if chosen is not None and chosen < n_inputs:
        return chosen
    if not len(selected):
        raise NothingToShowError(
            "No record is selected. Click a point of the overview to verify it."
        )
    return int(selected[0])


def _probabilities(scores: FloatArray) -> FloatArray | None:
    """Give a record's scores if they are probabilities: some record logits."""
    row = np.asarray(scores, dtype=np.float64)
    sums_to_one = abs(float(row.sum()) - 1) < ROUNDING
    return row if sums_to_one and row.min() >= 0 and row.max() <= 1 else None


class RecordQueries:
    """Records one by one."""

    def __init__(self, sources: Sources, clusters: ClusterQueries) -> None:
        self._sources = sources
        self._clusters = clusters

    def verified(
        self, chosen: ClientRound, clusters: ClusterChoice, focus: Focus, choice: RecordChoice
    ) -> Verified:
        """Describe the chosen record, by default the selection's first."""
        reader = self._sources.reader
        both = compared(reader, chosen)
        selected = self._clusters.selected(chosen, clusters, focus)
        record = shown_record(choice.record, selected, len(both.X))
        info = reader.samples_info(chosen.dataset)
        names: tuple[str, ...] = ()
        if not info.is_image:
            names = tuple(
                attribute_name(index, info.shape, info.feature_names, False)
                for index in range(info.n_features)
            )
        median, distance = self._typical(chosen, both.X, selected, record, names)
        return Verified(
            record,
            selected,
            None if both.y_true is None else info.label_name(int(both.y_true[record])),
            info.label_name(int(both.y_global[record])),
            info.label_name(int(both.y_local[record])),
            self._scores(chosen, both, record),
            both.X[record],
            median,
            distance,
            names,
            info.categories,
        )

    def _typical(
        self,
        chosen: ClientRound,
        X: SampleArray,
        selected: IntArray,
        record: int,
        names: tuple[str, ...],
    ) -> tuple[npt.NDArray[np.float64] | None, npt.NDArray[np.float64] | None]:
        """Give the selection's middle values, and how far the record lies from them."""
        if not len(selected) or not names:
            return None, None
        reader = self._sources.reader
        local = reader.samples(chosen.dataset, chosen.client).inputs["local"]
        median = np.median(X[selected], axis=0)
        spread = local.std(axis=0, dtype=np.float64)
        offsets = np.abs(X[record] - median)
        distance = np.divide(offsets, spread, out=np.zeros(len(median)), where=spread > 0)
        categories = reader.samples_info(chosen.dataset).categories
        for at, name in enumerate(names):
            if name in categories:
                column = X[selected, at]
                values, counts = np.unique(column, return_counts=True)
                median[at] = values[counts.argmax()]
                distance[at] = np.mean(column != X[record, at])
        return median, distance

    def _scores(self, chosen: ClientRound, both: Compared, record: int) -> tuple[ClassScore, ...]:
        """Give the probabilities of the classes that matter for a record, when recorded."""
        reader = self._sources.reader
        info = reader.samples_info(chosen.dataset)
        given = []
        for outputs in (
            reader.global_outputs(chosen.dataset, chosen.client, chosen.round_index),
            reader.local_outputs(chosen.dataset, chosen.client),
        ):
            scores = None if outputs is None else outputs.scores.get(chosen.inputs)
            given.append(None if scores is None else _probabilities(scores[record]))
        known = [row for row in given if row is not None]
        if not known:
            return ()
        n_classes = max(len(row) for row in known)
        largest = np.max([np.pad(row, (0, n_classes - len(row))) for row in known], axis=0)
        wanted = set(np.argsort(-largest, kind="stable")[:N_SCORES].tolist())
        truth = None if both.y_true is None else int(both.y_true[record])
        if truth is not None and truth < n_classes and truth not in wanted:
            wanted.remove(min(wanted, key=lambda one: largest[one]))
            wanted.add(truth)
        federated, standalone = (
            [None if row is None or one >= len(row) else float(row[one]) for one in sorted(wanted)]
            for row in given
        )
        return tuple(
            ClassScore(info.label_name(one), one == truth, *pair)
            for one, pair in zip(
                sorted(wanted), zip(federated, standalone, strict=True), strict=True
            )
        )

    def n_records(self, chosen: ClientRound) -> int:
        """Count the chosen inputs."""
        samples = self._sources.reader.samples(chosen.dataset, chosen.client)
        return len(samples.inputs[chosen.inputs])

    def labels(self, chosen: ClientRound, record: int) -> list[tuple[str, str]]:
        """Say a record's number, ground truth and both outputs, for people: (term, word).

        Raises
        ------
        DataError
            If the table has no such record.
        """
        both = compared(self._sources.reader, chosen)
        if not 0 <= record < len(both.X):
            raise DataError(
                f"{chosen.dataset}: {chosen.client} has {chosen.inputs} records 0 to "
                f"{len(both.X) - 1}, not {record}"
            )
        name = self._sources.reader.samples_info(chosen.dataset).label_name
        words = [("record", f"{record:,}")]
        if both.y_true is not None:
            words.append(("ground truth", name(int(both.y_true[record]))))
        words.append(("federated", name(int(both.y_global[record]))))
        words.append(("stand-alone", name(int(both.y_local[record]))))
        return words

    def pictures(self, dataset: str, client: str, inputs: str, records: list[int]) -> Picture:
        """Give records of an image dataset as one row of pictures.

        Returns
        -------
        uint8 ndarray of shape (height, n_records * width) or (height, n_records * width, 3)

        Raises
        ------
        DataError
            If the records are no images, or one does not exist.
        """
        info = self._sources.reader.samples_info(dataset)
        held = self._sources.reader.samples(dataset, client).inputs
        if not info.is_image or len(info.shape) < 2 or inputs not in held:
            raise DataError(f"{dataset}: {client} has no pictures of {inputs} inputs")
        X = held[inputs]
        if not records or min(records) < 0 or max(records) >= len(X):
            raise DataError(f"{dataset}: {client} has {inputs} records 0 to {len(X) - 1}")
        tiles = as_tiles(X[records], info.shape, white_level(X))
        return np.concatenate(list(tiles), axis=1)

    def pictures_identity(self, dataset: str, client: str) -> str:
        """Name the version of a client's records, for the browser's cache."""
        return self._sources.reader.samples_identity(dataset, client)
