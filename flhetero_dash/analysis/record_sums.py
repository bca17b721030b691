"""Sums over records from which covariances follow; a subset's by the records that change."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.array_space import ArraySpace, NumpySpace
from flhetero_dash.arrays import BoolArray, FloatArray, SampleArray

# Single precision holds all integers up to 2^24. By Cauchy and Schwarz no sum of products of
# 8-bit offsets, nor any part of it, is larger than the largest sum of squares: while that stays
# below, a product in single precision is exact, whatever the order. Sums of them in double
# precision are exact as well.
_EXACT_SINGLE = 0.99 * 2**24
_BLOCK_ROWS = 8192
_SAMPLE_ROWS = 512
_SQUARE = 128


@dataclass(frozen=True)
class RecordSums:
    """Sums over records; exact for 8-bit records.

    Attributes
    ----------
    n_records : int
    exact : bool
        Whether the records are 8-bit, so that nothing is rounded.
    origin : ndarray of shape (n_features,)
        What is subtracted from each record first.
    total : ndarray of shape (n_features,)
        Sum of the offsets from the origin.
    products : ndarray of shape (n_features, n_features)
        Sum of the outer products of the offsets.
    """

    n_records: int
    exact: bool
    origin: FloatArray
    total: FloatArray
    products: FloatArray

    @property
    def mean(self) -> FloatArray:
        """Mean record, of shape (n_features,)."""
        return np.asarray(self.origin + self.total / max(self.n_records, 1))

    def scatter(self, features: BoolArray) -> FloatArray:
        """Sum of the outer products about the mean, for some features.

        Of shape (n, n); to be divided by n_records - 1 for the covariance.
        """
        total = self.total[features]
        products = self.products if features.all() else self.products[np.ix_(features, features)]
        # For 8-bit records all terms are integers below 2^53 up to 370,000 records: exact.
        scatter: FloatArray = products * float(self.n_records)
        scatter -= np.outer(total, total)
        scatter /= max(self.n_records, 1)
        return scatter

    def without(self, rows: SampleArray, space: ArraySpace | None = None) -> "RecordSums":
        """Leave out some of the records, from these records alone.

        Parameters
        ----------
        rows : ndarray of shape (n_rows, n_features)
            Records among those that were summed, of the same type.

        Raises
        ------
        ValueError
            If there are more rows than records, or the rows differ in features or type.
        """
        if len(rows) > self.n_records or rows.shape[1:] != self.total.shape:
            raise ValueError(
                f"rows has shape {rows.shape}, expected at most {self.n_records} rows of "
                f"{len(self.total)} features"
            )
        if self.exact != (rows.dtype == np.uint8):
            raise ValueError(f"rows are {rows.dtype}, but the sums are of other records")
        total, products = _sums(rows, self.origin, space or NumpySpace())
        return RecordSums(
            self.n_records - len(rows),
            self.exact,
            self.origin,
            self.total - total,
            self.products - products,
        )


def record_sums(rows: SampleArray, space: ArraySpace | None = None) -> RecordSums:
    """Sum records, blockwise: no copy of them in another type is made.

    Parameters
    ----------
    rows : ndarray of shape (n_records, n_features)
        At least one record; finite.
    space : ArraySpace, optional
        Where to compute; by default numpy.

    Returns
    -------
    RecordSums
    """
    exact = rows.dtype == np.uint8
    if exact:
        # Any whole numbers will do; near the mean the sums stay small.
        step = -(-len(rows) // _SAMPLE_ROWS)
        origin = np.rint(np.mean(rows[::step], axis=0))
    else:
        # About the mean: sums about 0 would lose what is small beside it.
        origin = np.mean(rows, axis=0, dtype=np.float64)
    total, products = _sums(rows, origin, space or NumpySpace())
    return RecordSums(len(rows), exact, origin, total, products)


def subset_sums(
    whole: RecordSums, X: SampleArray, kept: BoolArray, space: ArraySpace | None = None
) -> RecordSums:
    """Sum some of the records, by those that leave or those that stay, whichever are fewer.

    Parameters
    ----------
    whole : RecordSums
        Of all rows of `X`.
    X : ndarray of shape (n_records, n_features)
    kept : ndarray of bool, shape (n_records,)
        The records to sum.
    """
    if 2 * np.count_nonzero(kept) < len(X):
        return record_sums(X[kept], space)
    return whole.without(X[~kept], space)


def _sums(
    rows: SampleArray, origin: FloatArray, space: ArraySpace
) -> tuple[FloatArray, FloatArray]:
    single = rows.dtype == np.uint8
    center = space.array(origin, single)
    total = space.array(np.zeros(len(origin)))
    products = space.array(np.zeros((len(origin), len(origin))))
    waiting = _parts(rows, max(-(-len(rows) // _BLOCK_ROWS), 1))
    while waiting:
        block = waiting.pop()
        offsets = space.array(block, single) - center
        largest = float((offsets**2).sum(0).max()) if single else 0.0
        if largest > _EXACT_SINGLE:
            waiting += _parts(block, int(1.1 * largest / _EXACT_SINGLE) + 1)
            continue
        total += offsets.sum(0)
        space.add_gram(products, offsets)
    return space.host(total), _mirrored(space.host(products))


def _parts(rows: SampleArray, n_parts: int) -> list[SampleArray]:
    bounds = np.linspace(0, len(rows), n_parts + 1).astype(int)
    return [rows[start:stop] for start, stop in zip(bounds[:-1], bounds[1:], strict=True)]


def _mirrored(products: FloatArray) -> FloatArray:
    """Copy the lower triangle to the upper one, in squares that fit the processor's cache."""
    whole = np.tril(products)
    for start in range(0, len(whole), _SQUARE):
        own = slice(start, start + _SQUARE)
        whole[own, own] += np.tril(whole[own, own], -1).T
        for below in range(start + _SQUARE, len(whole), _SQUARE):
            other = slice(below, below + _SQUARE)
            whole[own, other] = whole[other, own].T
    return whole
