"""Inconsistent records by ground truth and federated output, and what lies behind them."""

import math
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
    pairs = np.unique(np.stack([y_global, y_true], axis=1)[inconsistent], axis=0)
    cells = []
    for output, truth in pairs.tolist():
        inside = inconsistent & (y_global == output) & (y_true == truth)
        ids, rest = np.flatnonzero(inside & selected), np.flatnonzero(inside & ~selected)
        cells.append(MatrixCell(truth, output, ids, rest))
    return LabelMatrix(np.unique(pairs[:, 0]), np.unique(pairs[:, 1]), tuple(cells))


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
    counts = _counts(points, x_edges, y_edges)
    if counts.sum() != len(points):
        raise ValueError(f"{len(points) - counts.sum()} of {len(points)} points are off the grid")
    values = np.full((len(labels), *counts.shape), np.nan)
    for label, plane in zip(labels, values, strict=True):
        mine = y_true == label
        np.divide(_counts(points[mine], x_edges, y_edges), counts, out=plane, where=counts > 0)
        if enrichment:
            plane /= mine.mean() if mine.any() else np.nan
    return LabelGrid(x_edges, y_edges, counts, values)


def _counts(points: FloatArray, x_edges: FloatArray, y_edges: FloatArray) -> IntArray:
    counts, _, _ = np.histogram2d(points[:, 1], points[:, 0], bins=(y_edges, x_edges))
    return counts.astype(np.int64)
