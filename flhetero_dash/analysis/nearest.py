"""The records closest to one record."""

import numpy as np

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

_CHUNK_BYTES = 32 << 20  # of differences held at a time


def nearest_records(
    X: SampleArray, point: SampleArray, candidates: IntArray, count: int
) -> tuple[IntArray, FloatArray]:
    """Find the candidates nearest to a point by Euclidean distance.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    point : ndarray of shape (n_features,)
        In the same units; need not be a row of `X`.
    candidates : ndarray of int, shape (n_candidates,)
        Rows of `X` to choose from, ascending.
    count : int
        How many are wanted.

    Returns
    -------
    rows : ndarray of int
        The nearest first, equal ones by row; fewer than `count` where there are no more.
    distances : ndarray of float
        Theirs, in the unit of `X`.

    Raises
    ------
    ValueError
        If point and records have different features.
    """
    if point.shape != (X.shape[1],):
        raise ValueError(f"the point is {point.shape}, expected ({X.shape[1]},) as the records")
    squares = np.empty(len(candidates))
    rows_at_a_time = max(1, _CHUNK_BYTES // (8 * max(1, X.shape[1])))
    centre = point.astype(np.float64)
    for start in range(0, len(candidates), rows_at_a_time):
        part = slice(start, start + rows_at_a_time)
        offsets = X[candidates[part]].astype(np.float64) - centre
        squares[part] = np.einsum("ij,ij->i", offsets, offsets)
    order = np.argsort(squares, kind="stable")[:count]
    return candidates[order], np.sqrt(squares[order])
