"""Inconsistent records by ground truth and federated output, and what lies behind them."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.outline import Domain, domain_of
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class MatrixCell:
    """Inconsistent records of one ground truth and one federated output.

    Attributes
    ----------
    truth, output : int
        Class ids: ground truth (the column) and federated output (the row).
    selected, others : ndarray of int
        Ids of the cell's records in the selection and outside it, ascending.
    """

    truth: int
    output: int
    selected: IntArray
    others: IntArray


@dataclass(frozen=True)
class LabelMatrix:
    """Rows are federated outputs, columns ground truths, both as class ids ascending.

    Attributes
    ----------
    outputs, truths : ndarray of int
        Classes with at least one inconsistent record.
    cells : tuple of MatrixCell
        The cells that hold a record, row by row.
    """

    outputs: IntArray
    truths: IntArray
    cells: tuple[MatrixCell, ...]


@dataclass(frozen=True)
class LabelGrid:
    """How frequent labels are in the squares of a plane.

    Attributes
    ----------
    x_edges, y_edges : ndarray
        Borders of the squares, ascending, from side to side of the domain.
    counts : ndarray of int, shape (n_y, n_x)
        Local records in each square; coincident ones all count.
    values : ndarray of shape (n_labels, n_y, n_x)
        Share of the label among the square's records, from 0 to 1, or its enrichment; NaN where
        the square is empty.
    """

    x_edges: FloatArray
    y_edges: FloatArray
    counts: IntArray
    values: FloatArray


def label_matrix(
    y_true: IntArray, y_global: IntArray, inconsistent: BoolArray, selected_ids: IntArray
) -> LabelMatrix:
    """Sort the inconsistent local records into the cells of the label matrix.

    Parameters
    ----------
    y_true, y_global : ndarray of int, shape (n_local,)
        Class ids: ground truth and federated output.
    inconsistent : ndarray of bool, shape (n_local,)
    selected_ids : ndarray of int
        Ids of local records; consistent ones among them are in no cell.

    Returns
    -------
    LabelMatrix

    Raises
    ------
    ValueError
        If the three do not belong to the same records, or an id is out of range.
    """
    if not y_true.shape == y_global.shape == inconsistent.shape:
        raise ValueError(
            f"y_true has shape {y_true.shape}, y_global {y_global.shape}, "
            f"inconsistent {inconsistent.shape}; expected one entry for each record"
        )
    if len(selected_ids) and not 0 <= selected_ids.min() <= selected_ids.max() < len(y_true):
        raise ValueError(f"selected_ids reach beyond the {len(y_true)} records")
    selected = np.zeros(len(y_true), dtype=bool)
    selected[selected_ids] = True
    differing = np.flatnonzero(inconsistent)
    pairs, cell_of = np.unique(
        np.stack([y_global, y_true], axis=1)[differing], axis=0, return_inverse=True
    )
    # One sort instead of one search through all records for each cell: there may be 10,000.
    ordered = differing[np.argsort(cell_of, kind="stable")]
    ends = np.cumsum(np.bincount(cell_of, minlength=len(pairs)))
    cells = []
    for (output, truth), ids in zip(pairs.tolist(), np.split(ordered, ends)[:-1], strict=True):
        inside = selected[ids]
        cells.append(MatrixCell(truth, output, ids[inside], ids[~inside]))
    return LabelMatrix(np.unique(pairs[:, 0]), np.unique(pairs[:, 1]), tuple(cells))


def natural_order(names: Sequence[str]) -> list[int]:
    """Give the places of names in natural order: "digit 2" before "digit 10".

    Only names that differ in one number are sorted by it; others (low, middle, high) keep the
    order that their class ids give them.
    """
    parts = [re.split(r"([0-9]+)", name) for name in names]
    shapes = {(len(part), *part[::2]) for part in parts}
    if len(shapes) != 1 or len(parts[0]) != 3:
        return list(range(len(names)))
    return sorted(range(len(names)), key=lambda at: int(parts[at][1]))


def label_grid(
    points: FloatArray,
    y_true: IntArray,
    labels: IntArray,
    square: float = 0.05,
    domain: Domain | None = None,
    enrichment: bool = False,
) -> LabelGrid:
    """Count labels in the squares of one plane, over all local records whatever their output.

    Parameters
    ----------
    points : ndarray of shape (n_local, 2)
        All local records in the plane.
    y_true : ndarray of int, shape (n_local,)
        Their ground truth, as class ids.
    labels : ndarray of int, shape (n_labels,)
        Class ids to give a background for.
    square : float, default=0.05
        Side of a square as a share of the domain's, above 0 and at most 1. Squares start at the
        lower left; where they do not come out even the last ones are narrower.
    domain : tuple of float, optional
        Left, right, bottom and top; default the bounding box of the points.
    enrichment : bool, default=False
        Give the share divided by the label's share among all local records instead; NaN for a
        label that no local record has.

    Returns
    -------
    LabelGrid

    Raises
    ------
    ValueError
        If the points do not fit the labels, the domain does not hold them all, or ``square`` is
        out of range.
    """
    if points.shape != (len(y_true), 2):
        raise ValueError(f"points have shape {points.shape}, expected ({len(y_true)}, 2)")
    if not 0 < square <= 1:
        raise ValueError(f"square is {square}; it must be above 0 and at most 1")
    left, right, bottom, top = domain_of(points) if domain is None else domain
    # A hair less, because 1 / 0.05 is not always 20.
    steps = np.minimum(np.arange(math.ceil(1 / square - 1e-9) + 1) * square, 1.0)
    steps[-1] = 1.0
    x_edges = left * (1 - steps) + right * steps
    y_edges = bottom * (1 - steps) + top * steps
    square_of, inside = _squares(points, x_edges, y_edges)
    if not inside.all():
        raise ValueError(f"{(~inside).sum()} of {len(points)} points are off the grid")
    shape = (len(y_edges) - 1, len(x_edges) - 1)
    counts = np.bincount(square_of, minlength=shape[0] * shape[1]).reshape(shape)
    values = np.full((len(labels), *counts.shape), np.nan)
    for label, plane in zip(labels, values, strict=True):
        mine = y_true == label
        own = np.bincount(square_of[mine], minlength=counts.size).reshape(shape)
        np.divide(own, counts, out=plane, where=counts > 0)
        if enrichment:
            plane /= mine.mean() if mine.any() else np.nan
    return LabelGrid(x_edges, y_edges, counts, values)


def _squares(
    points: FloatArray, x_edges: FloatArray, y_edges: FloatArray
) -> tuple[IntArray, BoolArray]:
    """Give the number of each point's square, row by row, and whether it is on the grid."""
    places, inside = [], np.ones(len(points), dtype=bool)
    for values, edges in ((points[:, 0], x_edges), (points[:, 1], y_edges)):
        inside &= (values >= edges[0]) & (values <= edges[-1])
        place = np.searchsorted(edges, values, side="right") - 1
        places.append(np.clip(place, 0, len(edges) - 2))  # the last border is the last square's
    return places[1] * (len(x_edges) - 1) + places[0], inside
