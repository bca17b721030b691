"""Fits of cPCA: from records, or from sums that are at hand (see docs/cpca.md)."""

import logging

import numpy as np
from threadpoolctl import threadpool_limits

from flhetero_dash.analysis.alpha_choice import CANDIDATES
from flhetero_dash.analysis.array_space import Array, ArraySpace, NumpySpace, array_space
from flhetero_dash.analysis.contrast_fit import ContrastiveFit, fit_within, whole_fit
from flhetero_dash.analysis.contrast_solver import LowRankSolver, fits_coarse_space
from flhetero_dash.analysis.moments import (
    Centering,
    PairMoments,
    raw_moments,
    without_null_directions,
)
from flhetero_dash.analysis.record_sums import RecordSums, subset_sums
from flhetero_dash.analysis.small_eigen import orthonormal_rows
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray, SampleArray

LOGGER = logging.getLogger(__name__)

# Up to this many coordinates all are kept: there is nothing to save.
_ALL_KEPT = 96
# Vectors of each candidate contrast that the basis holds.
_N_HELD = 3
# Share of the target's variance that an eigenvalue must have to be told from rounding.
_POSITIVE = 1e-9


def contrastive_fit(
    target: SampleArray,
    background: SampleArray,
    centering: Centering = "target",
    device: str = "cpu",
    sums: RecordSums | None = None,
) -> ContrastiveFit:
    """Solve the 40 candidate contrasts once, and keep the small space that holds all planes.

    Parameters
    ----------
    target, background, centering
        As for `contrastive_plane`.
    device : str, default='cpu'
        'cpu', or a device of torch such as 'cuda'. When its memory is full, the CPU does it.
    sums : RecordSums, optional
        Those of the target, so that its records are not summed again.

    Returns
    -------
    ContrastiveFit

    Raises
    ------
    ValueError
        As `contrastive_plane`, or if the sums are of another number of records.
    """
    check_records(target, background)
    space = array_space(device)
    # Many small products: more threads than one cost more than they bring.
    with threadpool_limits(1, user_api="blas"):
        try:
            return _fit(target, background, centering, sums, space)
        except space.out_of_memory:
            LOGGER.warning("cPCA does not fit into the memory of '%s'; the CPU does it", device)
        return _fit(target, background, centering, sums, NumpySpace())


def selection_fit(
    X: SampleArray,
    in_target: BoolArray,
    selected: IntArray,
    sums: RecordSums,
    centering: Centering = "target",
    device: str = "cpu",
) -> ContrastiveFit:
    """Fit a selection against the records it stands out from, by the sums of all records.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    in_target : ndarray of bool, shape (n_samples,)
        The records of the target, mostly the consistent and the selected ones.
    selected : ndarray of int
        The records of the background.
    sums : RecordSums
        Of all rows of `X`: only what the target leaves out is summed again.
    centering, device
        As for `contrastive_fit`.
    """
    if sums.n_records != len(X):
        raise ValueError(f"sums are of {sums.n_records} records, X has {len(X)}")
    own = sums if in_target.all() else subset_sums(sums, X, in_target)
    return contrastive_fit(X[in_target], X[selected], centering, device, own)


def check_records(target: SampleArray, background: SampleArray) -> None:
    """Raise ValueError unless there is a target record, and both sets have its features."""
    if target.ndim != 2 or len(target) == 0:
        raise ValueError(
            f"target has shape {target.shape}, expected (n_target, n_features) with a record"
        )
    if background.ndim != 2 or background.shape[1] != target.shape[1]:
        raise ValueError(
            f"background has shape {background.shape}, expected {target.shape[1]} features"
        )


def _fit(
    target: SampleArray,
    background: SampleArray,
    centering: Centering,
    sums: RecordSums | None,
    space: ArraySpace,
) -> ContrastiveFit:
    moments = raw_moments(target, background, centering, sums, space)
    solutions = _low_rank_solutions(moments, space)
    if solutions is None:
        moments = without_null_directions(moments)
        if len(moments.target) <= _ALL_KEPT:
            return whole_fit(moments, len(background), centering)
        solutions = _dense_solutions(moments, CANDIDATES if len(background) else np.zeros(1), space)
    # Less than 1e-7 of each vector lies outside of what is kept.
    basis = orthonormal_rows(space, solutions, 1e-14)
    return fit_within(moments, basis, len(background), centering, float(CANDIDATES[-1]), space)


def _low_rank_solutions(moments: PairMoments, space: ArraySpace) -> Array | None:
    """Vectors of all candidates in rows; None where dense solves are the better way."""
    rows, size = moments.background_rows, len(moments.target)
    if rows is None or len(rows) == 0 or not fits_coarse_space(len(rows), size):
        return None
    vectors, values, done = LowRankSolver(space, moments.target, rows).solve(CANDIDATES)
    # A direction along which nothing varies has eigenvalue 0. It takes no part while the plane's
    # eigenvalues, which fall with the contrast, are above that.
    if values[-1, 1] <= _POSITIVE * np.trace(moments.target):
        return None
    solutions = vectors[:, :_N_HELD].reshape(-1, size)
    if done.all():
        return solutions
    rest = _dense_solutions(moments, CANDIDATES[~done], space)
    return space.joined([solutions, rest], 0)


def _dense_solutions(moments: PairMoments, alphas: FloatArray, space: ArraySpace) -> Array:
    target, background = space.array(moments.target), space.array(moments.background)
    return space.joined(
        [space.leading(target - float(alpha) * background, _N_HELD) for alpha in alphas], 0
    )
