"""Label matrix: local records by ground truth and federated output, in the contrast's plane."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.label_matrix import (
    LabelGrid,
    LabelMatrix,
    label_grid,
    label_matrix,
    natural_order,
)
from flhetero_dash.analysis.ranks import neighbour_ranks
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.comparable import comparable_inputs
from flhetero_dash.queries.contrast import ContrastQueries
from flhetero_dash.queries.outputs import Compared, compared
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    MatrixChoice,
    RecordChoice,
)

N_NEIGHBOURS = 10


@dataclass(frozen=True)
class MatrixAnswer:
    """The matrix and the plane that each of its cells shows.

    Attributes
    ----------
    matrix : LabelMatrix
    grid : LabelGrid
        Background of the columns, in the order of ``truths``.
    coordinates : ndarray of shape (n_local, 2)
    truths, outputs : tuple of int
        Class ids of the columns and of the rows, as they are shown.
    standalone : ndarray of int, shape (n_local,)
        Outputs of the stand-alone model.
    names : dict of int to str
        Of all class ids in columns, rows and the stand-alone model's outputs.
    """

    matrix: LabelMatrix
    grid: LabelGrid
    coordinates: FloatArray
    truths: tuple[int, ...]
    outputs: tuple[int, ...]
    standalone: IntArray
    names: dict[int, str]


@dataclass(frozen=True)
class Neighbours:
    """A local record and the local records nearest to it by their attributes.

    Attributes
    ----------
    records : ndarray of int, shape (n,)
        The record itself, then its neighbours, nearest first.
    inconsistent : ndarray of bool, shape (n,)
    truths, outputs : ndarray of int, shape (n,)
        Class ids: ground truth and federated output.
    coordinates : ndarray of shape (n_local, 2)
        Plane of the matrix, with all local records.
    """

    records: IntArray
    inconsistent: BoolArray
    truths: IntArray
    outputs: IntArray
    coordinates: FloatArray


class MatrixQueries:
    """The label matrix of the local records."""

    def __init__(
        self, sources: Sources, clusters: ClusterQueries, contrasts: ContrastQueries
    ) -> None:
        self._sources = sources
        self._clusters = clusters
        self._contrasts = contrasts

    def matrix(
        self,
        chosen: ClientRound,
        clusters: ClusterChoice,
        focus: Focus,
        contrast: ContrastChoice,
        choice: MatrixChoice,
    ) -> MatrixAnswer:
        """Sort the inconsistent local records into cells.

        With sampled inputs the selection is of other records than those in the cells, so no
        local record counts as selected.
        """
        both, y_true = self._local(chosen)
        if not both.inconsistent.any():
            raise NothingToShowError(
                "No local record is inconsistent in this round: both models agree on all of them."
            )
        selected = self._clusters.selected(chosen, clusters, focus)
        coordinates = self._plane(chosen, clusters, focus, contrast)
        if chosen.inputs != "local":
            selected = np.empty(0, np.int64)
        matrix = label_matrix(y_true, both.y_global, both.inconsistent, selected)
        info = self._sources.reader.samples_info(chosen.dataset)
        truths, outputs = matrix.truths, matrix.outputs
        if choice.labels == "all":
            known = np.arange(len(info.label_names))
            truths = outputs = np.unique(np.concatenate([known, y_true, both.y_global]))
        truths, outputs = _in_natural_order(truths, info), _in_natural_order(outputs, info)
        grid = label_grid(
            coordinates,
            y_true,
            truths,
            square=1 / choice.n_squares,
            enrichment=choice.background == "enrichment",
        )
        ids = np.unique(np.concatenate([truths, outputs, both.y_local])).tolist()
        return MatrixAnswer(
            matrix,
            grid,
            coordinates,
            tuple(truths.tolist()),
            tuple(outputs.tolist()),
            both.y_local,
            {label: info.label_name(label) for label in ids},
        )

    def neighbours(
        self,
        chosen: ClientRound,
        clusters: ClusterChoice,
        focus: Focus,
        contrast: ContrastChoice,
        record: RecordChoice,
    ) -> Neighbours | None:
        """Find the local records nearest to the chosen one, by default the selection's first.

        None when no local record is chosen: ids of sampled inputs are not those of local ones.
        """
        if chosen.inputs != "local":
            return None
        both, y_true = self._local(chosen)
        found = record.record
        if found is None or found >= len(both.X):
            selected = self._clusters.selected(chosen, clusters, focus)
            if not len(selected):
                return None
            found = int(selected[0])
        everybody = np.arange(len(both.X))
        memory = self._sources.settings.memory_bytes
        X = comparable_inputs(self._sources.settings, chosen.dataset, chosen.client, "local")
        ranks = neighbour_ranks(X, np.array([found]), everybody, memory_bytes=memory)[0]
        records = np.argsort(ranks)[: N_NEIGHBOURS + 1]
        coordinates = self._plane(chosen, clusters, focus, contrast)
        return Neighbours(
            records,
            both.inconsistent[records],
            y_true[records],
            both.y_global[records],
            coordinates,
        )

    def _local(self, chosen: ClientRound) -> tuple[Compared, IntArray]:
        both = compared(self._sources.reader, chosen, "local")
        if both.y_true is None:
            raise NothingToShowError(
                f"{chosen.dataset} has no ground truth, and the label matrix is about it."
            )
        return both, both.y_true

    def _plane(
        self, chosen: ClientRound, clusters: ClusterChoice, focus: Focus, contrast: ContrastChoice
    ) -> FloatArray:
        """Give the local records in the plane of the selection's contrast.

        A chosen cell may be empty in another round: the plane of the largest cluster then keeps
        the others in view, to choose from.
        """
        selected = self._clusters.selected(chosen, clusters, focus)
        answer = self._contrasts.contrast(
            chosen, clusters, focus if len(selected) else Focus(), contrast.contrast_alpha
        )
        return answer.coordinates


def _in_natural_order(labels: IntArray, info: SamplesInfo) -> IntArray:
    return labels[natural_order([info.label_name(label) for label in labels.tolist()])]
