"""Products of the ranks that two records hold among each other's neighbours."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.analysis.devices import CPU
from flhetero_dash.analysis.ranks import GIB, Progress, neighbour_ranks
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

# Rows and columns multiplied at a time: two blocks stay in the processor's cache.
_TILE = 512
# A file of products fits when so many of those computed again are about the same. Other programs
# order equal distances in any way, and compare rounded ones.
_N_CHECKED, _LEAST_AGREEING, _TOLERANCE = 32, 0.9, 0.05


@dataclass(frozen=True)
class RankProducts:
    """Mutual rank products of the records of one table; small is close.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
        All records; ranks count all of them.
    memory_bytes : int
        Bound of the working memory of one call, its result included.
    device : str
        ``cpu`` or ``cuda``.
    known : ndarray of shape (n_samples, n_samples) or None
        The products, where a file has them; they are taken as they are.
    """

    X: SampleArray
    memory_bytes: int = GIB
    device: str = CPU
    known: FloatArray | None = None

    def among(self, rows: IntArray, progress: Progress | None = None) -> IntArray | FloatArray:
        """Give the products of some records, shape (m, m): symmetric, 0 on the diagonal only."""
        if self.known is not None:
            return np.asarray(self.known[np.ix_(rows, rows)])
        left = max(self.memory_bytes - 8 * len(rows) ** 2, self.memory_bytes // 4)
        ranks = neighbour_ranks(
            self.X,
            rows,
            rows,
            memory_bytes=left,
            device=self.device,
            dtype=np.int64,
            progress=progress,
        )
        multiply_by_transposed(ranks)
        return ranks

    def all_pairs(self) -> FloatArray:
        """Give the products of all records, shape (n_samples, n_samples), in double precision."""
        products = self.among(np.arange(len(self.X)))
        numbers = products.view(np.float64)  # of the same size: the memory is used again
        for start in range(0, len(products), _TILE):
            numbers[start : start + _TILE] = products[start : start + _TILE].copy()
        return numbers

    def nearest(self, rows: IntArray, others: IntArray) -> IntArray:
        """Give the place in `others` of each record's nearest, shape (n_rows,); ties: the first."""
        nearest = np.empty(len(rows), dtype=np.int64)
        # Both ranks of a pair count all records, so one of the two tables has to be kept.
        compact = np.uint16 if len(self.X) <= 1 << 16 else np.int32
        kept = self.memory_bytes // 2 // (np.dtype(compact).itemsize * len(others))
        for start in range(0, len(rows), max(1, kept)):
            part = slice(start, start + max(1, kept))
            nearest[part] = self._nearest(rows[part], others, compact)
        return nearest

    def _nearest(self, rows: IntArray, others: IntArray, compact: npt.DTypeLike) -> IntArray:
        if self.known is None:
            backwards = self._ranks(others, rows, compact)
        nearest = np.empty(len(rows), dtype=np.int64)
        at_a_time = max(1, self.memory_bytes // 8 // (24 * len(others)))
        for start in range(0, len(rows), at_a_time):
            part = slice(start, start + at_a_time)
            if self.known is not None:
                nearest[part] = self.known[np.ix_(rows[part], others)].argmin(axis=1)
                continue
            products = self._ranks(rows[part], others, np.int64)
            products *= backwards[:, part].T
            nearest[part] = products.argmin(axis=1)
        return nearest

    def _ranks(self, rows: IntArray, columns: IntArray, dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        return neighbour_ranks(
            self.X,
            rows,
            columns,
            memory_bytes=self.memory_bytes // 2,
            device=self.device,
            dtype=dtype,
        )

    def most_clustered(self, linkage: str) -> int:
        """Bound how many records can be clustered at once within the memory."""
        if linkage == "average":  # the square array, and twice its upper half
            return math.isqrt(self.memory_bytes // 16)
        # The square array, beside what the ranks need.
        return math.isqrt(self.memory_bytes * 3 // 4 // 8)


def multiply_by_transposed(ranks: IntArray) -> None:
    """Multiply a square array by its transposed, in its own memory."""
    for top in range(0, len(ranks), _TILE):
        for left in range(0, top + 1, _TILE):
            here = ranks[top : top + _TILE, left : left + _TILE]
            there = ranks[left : left + _TILE, top : top + _TILE]
            products = here * there.T
            here[...] = products
            there[...] = products.T


def products_fit(products: FloatArray, X: SampleArray, seed: int = 0) -> bool:
    """Whether products from a file can be those of these records.

    Parameters
    ----------
    products : ndarray of shape (n_samples, n_samples)
    X : ndarray of shape (n_samples, n_features)
    seed : int, default=0
        Of the choice of the records whose products are computed again.
    """
    if products.shape != (len(X), len(X)):
        return False
    n_checked = min(_N_CHECKED, len(X))
    rows = np.random.default_rng(seed).choice(len(X), n_checked, replace=False)
    expected = RankProducts(X).among(rows)
    wrong_by = np.abs(products[np.ix_(rows, rows)] - expected)
    return bool(np.mean(wrong_by <= _TOLERANCE * expected + 1) >= _LEAST_AGREEING)
