"""Label matrix: local records by ground truth and federated output, in the contrast's plane."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.label_matrix import LabelGrid, LabelMatrix, label_grid, label_matrix
from flhetero_dash.arrays import FloatArray
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.contrast import ContrastQueries
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    MatrixChoice,
)


@dataclass(frozen=True)
class MatrixAnswer:
    """The matrix and the plane that each of its cells shows.

    Attributes
    ----------
    matrix : LabelMatrix
    grid : LabelGrid
        Background of the columns, in the order of ``matrix.truths``.
    coordinates : ndarray of shape (n_local, 2)
    truth_names, output_names : tuple of str
        Of the columns and the rows.
    """

    matrix: LabelMatrix
    grid: LabelGrid
    coordinates: FloatArray
    truth_names: tuple[str, ...]
    output_names: tuple[str, ...]


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
        reader = self._sources.reader
        both = compared(reader, chosen, "local")
        if both.y_true is None:
            raise NothingToShowError(
                f"{chosen.dataset} has no ground truth, and the label matrix is about it."
            )
        if not both.inconsistent.any():
            raise NothingToShowError(
                "No local record is inconsistent in this round: both models agree on all of them."
            )
        selected = self._clusters.selected(chosen, clusters, focus)
        # A chosen cell may be empty in another round: the plane of the largest cluster then
        # keeps the others in view, to choose from.
        plane = focus if len(selected) else Focus()
        answer = self._contrasts.contrast(chosen, clusters, plane, contrast.contrast_alpha)
        if chosen.inputs != "local":
            selected = np.empty(0, np.int64)
        matrix = label_matrix(both.y_true, both.y_global, both.inconsistent, selected)
        grid = label_grid(
            answer.coordinates, both.y_true, matrix.truths, square=1 / choice.n_squares
        )
        info = reader.samples_info(chosen.dataset)
        return MatrixAnswer(
            matrix,
            grid,
            answer.coordinates,
            tuple(info.label_name(int(label)) for label in matrix.truths),
            tuple(info.label_name(int(label)) for label in matrix.outputs),
        )
