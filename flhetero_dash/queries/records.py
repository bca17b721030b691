"""Single records: what they are, what both models say of them, and their pictures."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flhetero_dash.analysis.names import attribute_name
from flhetero_dash.analysis.pictures import as_bytes, white_level
from flhetero_dash.arrays import IntArray, SampleArray
from flhetero_dash.data.errors import DataError
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, RecordChoice

Picture = npt.NDArray[np.uint8]


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
    standalone_score, federated_score : float or None
        Probability of the output, when scores were recorded.
    values : ndarray of shape (n_features,)
    median : ndarray of shape (n_features,), or None
        Of the selection; None when that is empty, or for pictures.
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
    federated_score: float | None
    standalone_score: float | None
    values: SampleArray
    median: npt.NDArray[np.float64] | None
    names: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]


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
        record = choice.record
        if record is None or record >= len(both.X):
            if not len(selected):
                raise NothingToShowError(
                    "No record is selected. Click a point of the overview to verify it."
                )
            record = int(selected[0])
        info = reader.federation(chosen.dataset).samples
        names: tuple[str, ...] = ()
        if not info.is_image:
            names = tuple(
                attribute_name(index, info.shape, info.feature_names, False)
                for index in range(info.n_features)
            )
        return Verified(
            record,
            selected,
            None if both.y_true is None else info.label_name(int(both.y_true[record])),
            info.label_name(int(both.y_global[record])),
            info.label_name(int(both.y_local[record])),
            *self._scores(chosen, record),
            both.X[record],
            np.median(both.X[selected], axis=0) if len(selected) and names else None,
            names,
            info.categories,
        )

    def _scores(self, chosen: ClientRound, record: int) -> tuple[float | None, float | None]:
        """Probability that each model gives its own output, when recorded."""
        reader = self._sources.reader
        found = []
        for outputs in (
            reader.global_outputs(chosen.dataset, chosen.client, chosen.round_index),
            reader.local_outputs(chosen.dataset, chosen.client),
        ):
            scores = None if outputs is None else outputs.scores.get(chosen.inputs)
            largest = None if scores is None else float(scores[record].max())
            # Logits are recorded by some; they are no probabilities.
            found.append(largest if largest is not None and 0 <= largest <= 1 else None)
        return found[0], found[1]

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
        name = self._sources.reader.federation(chosen.dataset).samples.label_name
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
        info = self._sources.reader.federation(dataset).samples
        held = self._sources.reader.samples(dataset, client).inputs
        if not info.is_image or len(info.shape) < 2 or inputs not in held:
            raise DataError(f"{dataset}: {client} has no pictures of {inputs} inputs")
        X = held[inputs]
        if not records or min(records) < 0 or max(records) >= len(X):
            raise DataError(f"{dataset}: {client} has {inputs} records 0 to {len(X) - 1}")
        height, width = info.shape[-2:]
        tiles = as_bytes(X[records], white_level(X)).reshape(len(records), -1, height, width)
        shown = tiles[:, :3] if tiles.shape[1] >= 3 else tiles[:, :1]
        row: Picture = shown.transpose(2, 0, 3, 1).reshape(height, len(records) * width, -1)
        return row if row.shape[2] == 3 else row[:, :, 0]

    def pictures_identity(self, dataset: str, client: str) -> str:
        """Name the version of a client's records, for the browser's cache."""
        return self._sources.reader.samples_identity(dataset, client)
