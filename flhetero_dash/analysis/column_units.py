"""Columns of a table in one unit: standard deviations of the client's own records."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from flhetero_dash.arrays import FloatArray, SampleArray

_CHUNK_BYTES = 32 << 20  # of double precision held at a time


@dataclass(frozen=True)
class ColumnUnits:
    """What is subtracted from each column, and what it is divided by.

    Attributes
    ----------
    peak : ndarray of shape (n_features,)
        Largest absolute value; 1 where a column is 0 throughout. In the column's own unit.
    mean, spread : ndarray of shape (n_features,)
        Mean and standard deviation (with n) of values divided by `peak`: so no square can
        overflow. A `spread` of 0 marks a constant column.
    """

    peak: FloatArray
    mean: FloatArray
    spread: FloatArray

    def applied(self, rows: SampleArray) -> FloatArray:
        """Give rows in standard deviations, as float32; constant columns are 0.

        Single precision on purpose: it absorbs the last bits of the computation, so that records
        in another unit give the same numbers, and equal distances stay equal.
        """
        offsets = rows / self.peak - self.mean
        varies = self.spread > 0
        scaled = np.divide(offsets, self.spread, out=np.zeros(rows.shape), where=varies)
        single: FloatArray = scaled.astype(np.float32)
        return single


def column_units(X: SampleArray) -> ColumnUnits:
    """Measure the columns of a table.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Each column in a unit of its own; may be mapped from a file, and is read in parts.

    Raises
    ------
    ValueError
        If there is no record.
    """
    if not len(X):
        raise ValueError("there is no record to take a standard deviation of")
    low, high = X.min(axis=0).astype(np.float64), X.max(axis=0).astype(np.float64)
    peak = np.maximum(np.abs(low), np.abs(high))
    peak[peak == 0] = 1.0
    # Of offsets from the middle of the range: a column far from 0 loses no digits.
    middle = low / peak / 2 + high / peak / 2
    total = np.zeros(X.shape[1])
    for rows in row_parts(X):
        total += (rows / peak - middle).sum(axis=0)
    mean = middle + total / len(X)
    squares = np.zeros(X.shape[1])
    for rows in row_parts(X):
        squares += ((rows / peak - mean) ** 2).sum(axis=0)
    # The range tells a constant column; rounding gives its mean a last bit, and so a spread.
    spread = np.where(low < high, np.sqrt(squares / len(X)), 0.0)
    return ColumnUnits(peak, mean, spread)


def row_parts(X: SampleArray) -> Iterator[SampleArray]:
    """Give a table in parts that are small in memory."""
    rows_at_a_time = max(1, _CHUNK_BYTES // (8 * max(1, X.shape[1])))
    for start in range(0, len(X), rows_at_a_time):
        yield X[start : start + rows_at_a_time]
