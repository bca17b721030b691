"""Covariances of two sets of records, in coordinates in which the records vary."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.linalg

from flhetero_dash.arrays import BoolArray, FloatArray, SampleArray

Centering = Literal["target", "own"]

# Rows turned into double precision at a time; bounds the memory, not the result.
_BLOCK_ROWS = 2048
# A direction whose share of variation is below this is rounding, not data.
_RANK_TOLERANCE = 1e-12


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
    """

    center: FloatArray
    live: BoolArray
    basis: FloatArray | None
    target: FloatArray
    background: FloatArray

    def leading(self, alpha: float, n_components: int) -> FloatArray:
        """Eigenvectors of target - alpha * background in rows, the largest eigenvalue first.

        In these coordinates: of shape (k, n_coordinates), k at most `n_components`.
        """
        size = len(self.target)
        count = min(n_components, size)
        if count == 0:
            return np.zeros((0, size))
        _, vectors = scipy.linalg.eigh(
            self.target - alpha * self.background,
            subset_by_index=[size - count, size - 1],
            overwrite_a=True,
            check_finite=False,
        )
        return np.asarray(vectors[:, ::-1].T)

    def lift(self, vectors: FloatArray) -> FloatArray:
        """Turn rows of shape (k, n_coordinates) into rows over all features."""
        rows = vectors if self.basis is None else vectors @ self.basis
        lifted = np.zeros((len(rows), len(self.live)))
        lifted[:, self.live] = rows
        return lifted


def pair_moments(target: SampleArray, background: SampleArray, centering: Centering) -> PairMoments:
    """Compute both covariances once, in double precision.

    Parameters
    ----------
    target : ndarray of shape (n_target, n_features)
        At least one record.
    background : ndarray of shape (n_background, n_features)
        May be empty: its covariance is then 0.
    centering : {'target', 'own'}
        Whether the background is centred on the target's mean or on its own.

    Returns
    -------
    PairMoments
        Divisors are n - 1, but 1 for a single record.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    center = record_mean(target)
    own = centering == "own" and len(background) > 0
    background_center = record_mean(background) if own else center
    live = _varying(target, background, own)
    basis = None
    if len(target) < np.count_nonzero(live):
        basis = _row_span(
            _offsets(target, center, live), _offsets(background, background_center, live)
        )
    covariances = (
        _covariance(target, center, live, basis),
        _covariance(background, background_center, live, basis),
    )
    return _without_null_directions(PairMoments(center, live, basis, *covariances))


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


def _covariance(
    rows: SampleArray, center: FloatArray, live: BoolArray, basis: FloatArray | None
) -> FloatArray:
    size = int(np.count_nonzero(live)) if basis is None else len(basis)
    scatter = np.zeros((size, size))
    for block in _blocks(len(rows)):
        offsets = _offsets(rows[block], center, live)
        if basis is not None:
            offsets = offsets @ basis.T
        scatter += offsets.T @ offsets
    return scatter / max(len(rows) - 1, 1)


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


def _row_span(target_offsets: FloatArray, background_offsets: FloatArray) -> FloatArray:
    """Orthonormal rows that span the offsets: fewer than the features they are made of."""
    basis = _orthonormal(target_offsets, scale=_largest_norm(target_offsets))
    # Mostly empty: in the overview the background is a part of the target. Taken away twice,
    # because the first time leaves rounding errors of the size of what was there.
    rest = background_offsets
    for _ in range(2):
        rest = rest - (rest @ basis.T) @ basis
    extension = _orthonormal(rest, scale=_largest_norm(background_offsets))
    return np.concatenate([basis, extension])


def _largest_norm(rows: FloatArray) -> float:
    return float(np.sqrt(np.square(rows).sum(axis=1).max(initial=0.0)))


def _orthonormal(rows: FloatArray, scale: float) -> FloatArray:
    columns, triangle, _ = scipy.linalg.qr(rows.T, mode="economic", pivoting=True)
    rank = np.count_nonzero(np.abs(np.diag(triangle)) > np.sqrt(_RANK_TOLERANCE) * scale)
    basis: FloatArray = columns[:, :rank].T
    return basis


def _without_null_directions(moments: PairMoments) -> PairMoments:
    """Leave out what is a combination of other features, whatever their units are."""
    pooled = moments.target + moments.background
    size = len(pooled)
    if size == 0:
        return moments
    deviation = np.sqrt(np.diag(pooled))
    correlation = pooled / np.outer(deviation, deviation)
    _, _, rank, _ = scipy.linalg.lapack.dpstrf(correlation, tol=_RANK_TOLERANCE * size)
    if rank == size:
        return moments
    _, vectors = np.linalg.eigh(correlation)
    inner, _ = np.linalg.qr(deviation[:, None] * vectors[:, size - rank :])
    return PairMoments(
        moments.center,
        moments.live,
        inner.T if moments.basis is None else inner.T @ moments.basis,
        inner.T @ moments.target @ inner,
        inner.T @ moments.background @ inner,
    )
