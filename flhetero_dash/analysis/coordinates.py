"""Coordinates in which records vary: fewer than features where features depend on each other."""

import numpy as np
import scipy.linalg

from flhetero_dash.arrays import FloatArray

# A direction whose share of variation is below this is rounding, not data.
_RANK_TOLERANCE = 1e-12


def row_span(first: FloatArray, second: FloatArray) -> FloatArray:
    """Find orthonormal rows that span two sets of rows, by products of rows with rows.

    Parameters
    ----------
    first, second : ndarrays of shape (n_first, n_features), (n_second, n_features)
        Meant for many more features than rows: nothing of n_features squared is made.

    Returns
    -------
    ndarray of shape (rank, n_features)
        Directions along which rows are shorter than 1e-6 of their set's longest are left out.
    """
    basis = _orthonormal(first, scale=_largest_norm(first))
    # Mostly empty: in the overview the background is a part of the target. Taken away twice,
    # because the first time leaves rounding errors of the size of what was there.
    rest = second
    for _ in range(2):
        rest = rest - (rest @ basis.T) @ basis
    extension = _orthonormal(rest, scale=_largest_norm(second))
    return np.concatenate([basis, extension])


def varying_directions(covariance: FloatArray) -> FloatArray | None:
    """Find the directions along which dependent features vary, whatever their units are.

    Parameters
    ----------
    covariance : ndarray of shape (n_features, n_features)
        With a positive diagonal.

    Returns
    -------
    ndarray of shape (n_features, rank) or None
        Orthonormal columns; None when no feature is a combination of others.
    """
    size = len(covariance)
    if size == 0:
        return None
    deviation = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(deviation, deviation)
    triangle, order, rank, _ = scipy.linalg.lapack.dpstrf(correlation, tol=_RANK_TOLERANCE * size)
    if rank == size:
        return None
    # The triangle's rows span what the features share, in units of their deviations.
    span = np.zeros((size, rank))
    span[order - 1] = np.triu(triangle)[:rank].T
    inner: FloatArray = np.linalg.qr(deviation[:, None] * span)[0]
    return inner


def _largest_norm(rows: FloatArray) -> float:
    return float(np.sqrt(np.square(rows).sum(axis=1).max(initial=0.0)))


def _orthonormal(rows: FloatArray, scale: float) -> FloatArray:
    if len(rows) == 0:
        return rows
    values, vectors = np.linalg.eigh(rows @ rows.T)
    used = values > _RANK_TOLERANCE * scale**2 * len(rows)
    basis = (vectors[:, used] / np.sqrt(values[used])).T @ rows
    # The squares have cost the short directions half their digits.
    factor = np.linalg.cholesky(basis @ basis.T)
    straight: FloatArray = scipy.linalg.solve_triangular(factor, basis, lower=True)
    return straight
