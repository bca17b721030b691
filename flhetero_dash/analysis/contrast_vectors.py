"""Vectors with their products, and the small eigenproblems within their span."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.array_space import Array, ArraySpace
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class Vectors:
    """Rows for each contrast, of shape (n_contrasts, k, n), and their products with C_t, C_b."""

    rows: Array
    target: Array
    background: Array

    def combined(self, weights: Array) -> "Vectors":
        """Give linear combinations within each contrast."""
        return Vectors(weights @ self.rows, weights @ self.target, weights @ self.background)

    def scaled(self, factors: Array) -> "Vectors":
        """Scale each row."""
        return Vectors(self.rows * factors, self.target * factors, self.background * factors)

    def picked(self, chosen: BoolArray | IntArray) -> "Vectors":
        """Give those of some contrasts."""
        return Vectors(self.rows[chosen], self.target[chosen], self.background[chosen])


@dataclass(frozen=True)
class Solutions:
    """Leading eigenvectors for each contrast.

    Attributes
    ----------
    vectors : array of the space, shape (n_contrasts, k, n)
        Orthonormal rows; the first two are the plane.
    values : ndarray of shape (n_contrasts, k)
        Their eigenvalues, descending.
    done : ndarray of bool, shape (n_contrasts,)
        False where the plane is not as exact as promised: solve densely there.
    rounds : ndarray of int, shape (n_contrasts,)
        How often the plane had to be corrected.
    """

    vectors: Array
    values: FloatArray
    done: BoolArray
    rounds: IntArray


def joined_vectors(space: ArraySpace, parts: list[Vectors]) -> Vectors:
    """Put the rows of each contrast one behind the other."""
    return Vectors(
        space.joined([part.rows for part in parts], 1),
        space.joined([part.target for part in parts], 1),
        space.joined([part.background for part in parts], 1),
    )


def joined_solutions(space: ArraySpace, parts: list[Solutions]) -> Solutions:
    """Put the solutions of several groups of contrasts one behind the other."""
    return Solutions(
        space.joined([part.vectors for part in parts], 0),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.done for part in parts]),
        np.concatenate([part.rounds for part in parts]),
    )


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
