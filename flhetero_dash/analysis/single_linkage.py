"""Single linkage from the minimum spanning tree, without a copy of the dissimilarity."""

from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import FloatArray, IntArray

Numbers = npt.NDArray[np.number[Any]]


def single_linkage(dissimilarity: IntArray | FloatArray) -> tuple[IntArray, FloatArray]:
    """Join records step by step, those with the closest pair first.

    Parameters
    ----------
    dissimilarity : ndarray of shape (m, m)
        Symmetric; only read, row by row. m at least 1.

    Returns
    -------
    merges : ndarray of int, shape (m - 1, 2)
        The two clusters joined by each step: records are 0..m-1, step i makes cluster m + i.
    heights : ndarray of shape (m - 1,)
        Dissimilarity at which each step joins, ascending.

    Notes
    -----
    Prim's algorithm reaches all records one after the other. In this order each cluster is a run
    of neighbours, and a step joins two runs: Gower and Ross (1969), Applied Statistics 18:54.
    Equal heights are joined in the order in which they were reached, as scipy does.
    """
    reached, lengths = _spanning_path(dissimilarity)
    by_length = np.argsort(lengths, kind="stable")
    n_records = len(reached)
    # Of each run: its cluster at both ends, and where its other end is.
    cluster, other_end = reached.tolist(), list(range(n_records))
    merges = np.empty((n_records - 1, 2), dtype=np.int64)
    for step, gap in enumerate(by_length.tolist()):
        first, last = other_end[gap], other_end[gap + 1]
        left, right = cluster[gap], cluster[gap + 1]
        merges[step] = (left, right) if left < right else (right, left)
        other_end[first], other_end[last] = last, first
        cluster[first] = cluster[last] = n_records + step
    return merges, lengths[by_length].astype(np.float64)


def _spanning_path(dissimilarity: IntArray | FloatArray) -> tuple[IntArray, Numbers]:
    """Give the order in which Prim's algorithm reaches the records, and the edges to them."""
    n_records, kind = len(dissimilarity), dissimilarity.dtype
    is_float = np.issubdtype(kind, np.floating)
    below, beyond = (-np.inf, np.inf) if is_float else _range(kind)
    reached = np.zeros(n_records, dtype=np.int64)
    lengths = np.empty(n_records - 1, dtype=kind)
    nearest = np.full(n_records, beyond, dtype=kind)
    # Records that were reached are lifted beyond all others, which is quicker than a mask.
    lifted = np.full(n_records, below, dtype=kind)
    at = 0
    for step in range(n_records - 1):
        lifted[at] = beyond
        np.minimum(nearest, dissimilarity[at], out=nearest)
        np.maximum(nearest, lifted, out=nearest)
        at = int(nearest.argmin())
        reached[step + 1], lengths[step] = at, nearest[at]
    return reached, lengths


def _range(kind: np.dtype[Any]) -> tuple[int, int]:
    return int(np.iinfo(kind).min), int(np.iinfo(kind).max)
