"""Small eigenproblems that hold for vectors of many coordinates."""

import numpy as np

from flhetero_dash.analysis.array_space import Array, ArraySpace
from flhetero_dash.arrays import FloatArray


def orthonormal_rows(space: ArraySpace, rows: Array, tolerance: float) -> Array:
    """Orthonormal rows that span the given ones, less what is small.

    Parameters
    ----------
    space : ArraySpace
    rows : array of the space, shape (k, n)
        Of length about 1.
    tolerance : float
        Share of the largest square sum below which a direction is left out.
    """
    values, vectors = space.eigh(rows @ rows.mT)
    used = values > tolerance * values[-1]
    basis = (vectors[:, used] / values[used] ** 0.5).mT @ rows
    return space.qr(basis.mT)[0].mT


def generalized_eigh(matrices: FloatArray, grams: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Solve stacks of small problems M w = theta G w, where G may be singular.

    Parameters
    ----------
    matrices, grams : ndarrays of shape (n_problems, k, k)
        Symmetric; each G of vectors of length about 1.

    Returns
    -------
    values : ndarray of shape (n_problems, k)
        Descending; those that G does not support come last.
    weights : ndarray of shape (n_problems, k, k)
        In rows.
    """
    lengths, frames = np.linalg.eigh(grams)
    used = lengths > 1e-13 * lengths[:, -1:]
    frames = frames * np.where(used, 1 / np.sqrt(np.where(used, lengths, 1)), 0)[:, None, :]
    inner = frames.mT @ matrices @ frames
    # What the trial space holds twice must not win with its eigenvalue 0.
    lowest = -1e3 * np.abs(inner).max(axis=(1, 2))
    inner += np.eye(inner.shape[1]) * np.where(used, 0, lowest[:, None])[:, None, :]
    values, vectors = np.linalg.eigh((inner + inner.mT) / 2)
    return values[:, ::-1], (frames @ vectors[:, :, ::-1]).mT
