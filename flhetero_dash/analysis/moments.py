"""Covariances of two sets of records, in coordinates in which the records vary."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.linalg

from flhetero_dash.analysis.array_space import ArraySpace
from flhetero_dash.analysis.coordinates import row_span, varying_directions
from flhetero_dash.analysis.record_sums import RecordSums, record_sums
from flhetero_dash.arrays import BoolArray, FloatArray, SampleArray

Centering = Literal["target", "own"]

# Rows turned into double precision at a time; bounds the memory, not the result.
_BLOCK_ROWS = 2048


@dataclass(frozen=True)
class PairMoments:
    """Covariances of target and background in n_coordinates orthonormal coordinates.

    Directions along which neither set varies are left out: their eigenvalue is 0, so at a
    large contrast they would win although they show nothing.

    Attributes
    ----------
    center : ndarray of shape (n_features,)
        Mean of the target.
    live : ndarray of bool, shape (n_features,)
        Features that vary.
    basis : ndarray of shape (n_coordinates, n_live) or None
        Orthonormal rows; None when the coordinates are the live features themselves.
    target, background : ndarray of shape (n_coordinates, n_coordinates)
        Covariances, in squared units of the features.
    background_rows : ndarray of shape (n_background, n_coordinates) or None
        Offsets of the background, scaled so that background = rows.T @ rows; None if they are
        more than the live features.
    background_shift : ndarray of shape (n_coordinates,)
        Way from the target's mean to the background's; 0 without a background.
    """

    center: FloatArray
    live: BoolArray
    basis: FloatArray | None
    target: FloatArray
    background: FloatArray
    background_rows: FloatArray | None
    background_shift: FloatArray

    def leading(self, alpha: float, n_components: int) -> FloatArray:
        """Eigenvectors of target - alpha * background in rows, the largest eigenvalue first.

        In these coordinates: of shape (k, n_coordinates), k at most `n_components`.
        """
        return leading_vectors(self.target - alpha * self.background, n_components)

    def lift(self, vectors: FloatArray) -> FloatArray:
        """Turn rows of shape (k, n_coordinates) into rows over all features."""
        rows = vectors if self.basis is None else vectors @ self.basis
        lifted = np.zeros((len(rows), len(self.live)))
        lifted[:, self.live] = rows
        return lifted


def leading_vectors(matrix: FloatArray, n_components: int) -> FloatArray:
    """Eigenvectors of a symmetric matrix (n, n) in rows, the largest eigenvalue first.

    Of shape (k, n), k at most `n_components`.
    """
    size = len(matrix)
    count = min(n_components, size)
    if count == 0:
        return np.zeros((0, size))
    _, vectors = scipy.linalg.eigh(
        matrix, subset_by_index=[size - count, size - 1], check_finite=False
    )
    return np.asarray(vectors[:, ::-1].T)


def pair_moments(
    target: SampleArray,
    background: SampleArray,
    centering: Centering,
    sums: RecordSums | None = None,
    space: ArraySpace | None = None,
) -> PairMoments:
    """Compute both covariances once, in double precision.

    Parameters
    ----------
    target : ndarray of shape (n_target, n_features)
        At least one record.
    background : ndarray of shape (n_background, n_features)
        May be empty: its covariance is then 0.
    centering : {'target', 'own'}
        Whether the background is centred on the target's mean or on its own.
    sums : RecordSums, optional
        Those of the target; with them its records are not summed again.
    space : ArraySpace, optional
        Where to sum; by default numpy.

    Returns
    -------
    PairMoments
        Divisors are n - 1, but 1 for a single record.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    return without_null_directions(raw_moments(target, background, centering, sums, space))


def raw_moments(
    target: SampleArray,
    background: SampleArray,
    centering: Centering,
    sums: RecordSums | None = None,
    space: ArraySpace | None = None,
) -> PairMoments:
    """As `pair_moments`, but features that are combinations of others still take part."""
    own = centering == "own" and len(background) > 0
    live = _varying(target, background, own)
    if len(target) < np.count_nonzero(live):
        return _spanned_moments(target, background, live, own)
    if sums is None:
        sums = record_sums(target, space)
    elif sums.n_records != len(target):
        raise ValueError(f"sums are of {sums.n_records} records, target has {len(target)}")
    center = sums.mean
    rows, inner, shift = _background_moments(background, center, live, own, space)
    return PairMoments(
        center, live, None, sums.scatter(live) / max(len(target) - 1, 1), inner, rows, shift
    )


def without_null_directions(moments: PairMoments) -> PairMoments:
    """Leave out what is a combination of other features, whatever their units are."""
    inner = varying_directions(moments.target + moments.background)
    if inner is None:
        return moments
    rows = moments.background_rows
    return PairMoments(
        moments.center,
        moments.live,
        inner.T if moments.basis is None else inner.T @ moments.basis,
        inner.T @ moments.target @ inner,
        inner.T @ moments.background @ inner,
        None if rows is None else rows @ inner,
        moments.background_shift @ inner,
    )


def record_mean(rows: SampleArray) -> FloatArray:
    """Mean record of shape (n_features,), summed in double precision."""
    mean: FloatArray = np.mean(rows, axis=0, dtype=np.float64)
    return mean


def project_rows(rows: SampleArray, center: FloatArray, directions: FloatArray) -> FloatArray:
    """Coordinates of the records along directions (k, n_features); the center is at 0."""
    coordinates = np.empty((len(rows), len(directions)))
    for block in _blocks(len(rows)):
        coordinates[block] = (rows[block] - center) @ directions.T
    return coordinates


def explained_shares(rows: SampleArray, directions: FloatArray) -> FloatArray:
    """Share of the records' variance about their own mean along each direction, from 0 to 1.

    Of shape (k,) for directions (k, n_features); NaN when the records do not vary.
    """
    if len(rows) < 2:
        return np.full(len(directions), np.nan)
    center = record_mean(rows)
    total = sum(float(np.square(rows[block] - center).sum()) for block in _blocks(len(rows)))
    if total == 0:
        return np.full(len(directions), np.nan)
    along = np.square(project_rows(rows, center, directions)).sum(axis=0)
    return np.asarray(along / total)


def _blocks(n_rows: int) -> list[slice]:
    return [slice(start, start + _BLOCK_ROWS) for start in range(0, n_rows, _BLOCK_ROWS)]


def _offsets(rows: SampleArray, center: FloatArray, live: BoolArray) -> FloatArray:
    return np.asarray(rows[:, live], dtype=np.float64) - center[live]


def _background_moments(
    background: SampleArray,
    center: FloatArray,
    live: BoolArray,
    own: bool,
    space: ArraySpace | None,
) -> tuple[FloatArray | None, FloatArray, FloatArray]:
    """Scaled rows (if they are few), covariance and shift of the background."""
    size, divisor = int(np.count_nonzero(live)), max(len(background) - 1, 1)
    if len(background) == 0:
        return np.zeros((0, size)), np.zeros((size, size)), np.zeros(size)
    mean = record_mean(background)
    shift = (mean - center)[live]
    if len(background) <= size:
        rows = _offsets(background, mean if own else center, live) / np.sqrt(divisor)
        return rows, rows.T @ rows, shift
    scatter = record_sums(background, space).scatter(live)
    if not own:
        scatter += len(background) * np.outer(shift, shift)
    return None, scatter / divisor, shift


def _spanned_moments(
    target: SampleArray, background: SampleArray, live: BoolArray, own: bool
) -> PairMoments:
    """Moments in the span of the records, where that has fewer dimensions than the features."""
    center = record_mean(target)
    background_mean = record_mean(background) if len(background) else center
    target_offsets = _offsets(target, center, live)
    background_offsets = _offsets(background, background_mean if own else center, live)
    basis = row_span(target_offsets, background_offsets)
    inner = target_offsets @ basis.T
    rows = background_offsets @ basis.T / np.sqrt(max(len(background) - 1, 1))
    return PairMoments(
        center,
        live,
        basis,
        inner.T @ inner / max(len(target) - 1, 1),
        rows.T @ rows,
        rows,
        basis @ (background_mean - center)[live],
    )


def _varying(target: SampleArray, background: SampleArray, own: bool) -> BoolArray:
    """Features that take more than one value; compared exactly, so without rounding."""
    low, high = _bounds(target)
    if len(background) == 0:
        return low < high
    background_low, background_high = _bounds(background)
    if own:
        return (low < high) | (background_low < background_high)
    return np.minimum(low, background_low) < np.maximum(high, background_high)


def _bounds(rows: SampleArray) -> tuple[SampleArray, SampleArray]:
    low, high = rows.min(axis=0), rows.max(axis=0)
    bad = ~(np.isfinite(low) & np.isfinite(high))
    if bad.any():
        raise ValueError(
            f"values are not finite in {np.count_nonzero(bad)} of {len(bad)} features, "
            f"the first is feature {int(bad.argmax())}"
        )
    return low, high
