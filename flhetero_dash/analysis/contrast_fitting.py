"""Fits of cPCA: from records, or from sums that are at hand (see docs/cpca.md)."""

import numpy as np
from threadpoolctl import threadpool_limits

from flhetero_dash.analysis.alpha_choice import CANDIDATES
from flhetero_dash.analysis.array_space import Array, ArraySpace, array_space
from flhetero_dash.analysis.coarse_space import spans_little
from flhetero_dash.analysis.contrast_fit import ContrastiveFit, fit_within, whole_fit
from flhetero_dash.analysis.contrast_plane import ContrastivePlane
from flhetero_dash.analysis.contrast_solver import ContrastSolver
from flhetero_dash.analysis.contrast_vectors import Solutions, orthonormal_rows
from flhetero_dash.analysis.devices import CPU, with_fallback
from flhetero_dash.analysis.moments import (
    Centering,
    PairMoments,
    raw_moments,
    without_null_directions,
)
from flhetero_dash.analysis.record_sums import RecordSums
from flhetero_dash.arrays import BoolArray, FloatArray, SampleArray

# Up to this many coordinates all are kept: there is nothing to save.
_ALL_KEPT = 96
# Below this the plain way is as fast.
_DENSE_BELOW = 200
_MOST_HALVINGS = 8
# Vectors of each candidate contrast that the basis holds.
_N_HELD = 3
# Share of the target's variance that an eigenvalue must have to be told from rounding.
_POSITIVE = 1e-9


def contrastive_fit(
    target: SampleArray,
    background: SampleArray,
    centering: Centering = "target",
    device: str = CPU,
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
    return _fit_on(device, target, background, centering, sums, between=True)


def automatic_plane(
    target: SampleArray,
    background: SampleArray,
    orient_to: FloatArray | None,
    centering: Centering,
    device: str,
    sums: RecordSums | None,
) -> ContrastivePlane:
    """As ``contrastive_fit(...).automatic()``, at less cost: no other contrast is asked for."""
    fit = _fit_on(device, target, background, centering, sums, between=False)
    return fit.automatic(orient_to)


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


def _fit_on(
    device: str,
    target: SampleArray,
    background: SampleArray,
    centering: Centering,
    sums: RecordSums | None,
    between: bool,
) -> ContrastiveFit:
    check_records(target, background)
    # Many small products: more threads than one cost more than they bring.
    with threadpool_limits(1, user_api="blas"):
        return with_fallback(
            lambda where: _fit(target, background, centering, sums, array_space(where), between),
            device,
        )


def _fit(
    target: SampleArray,
    background: SampleArray,
    centering: Centering,
    sums: RecordSums | None,
    space: ArraySpace,
    between: bool,
) -> ContrastiveFit:
    moments = raw_moments(target, background, centering, sums, space)
    few = moments.background_rows is not None and spans_little(
        len(moments.background_rows), len(moments.target)
    )
    solutions = None
    if few and len(background) and len(moments.target) >= _DENSE_BELOW:
        solutions = _solutions(moments, space, between, at_least=_POSITIVE)
    if solutions is None:
        moments = without_null_directions(moments)
        if len(moments.target) <= _ALL_KEPT:
            return whole_fit(moments, len(background), centering)
        if len(background) == 0:
            solutions = space.leading(space.array(moments.target), _N_HELD)
        else:
            solutions = _solutions(moments, space, between)
    return fit_within(moments, solutions, len(background), centering, float(CANDIDATES[-1]), space)


def _solutions(
    moments: PairMoments, space: ArraySpace, between: bool, at_least: float = -np.inf
) -> Array | None:
    """Orthonormal rows that hold the planes of the candidates, and of all contrasts between.

    None if the plane's eigenvalues come below a share of the target's variance: a direction along
    which nothing varies has eigenvalue 0, and takes no part only while these, which fall with
    the contrast, are above.
    """
    solver = ContrastSolver(space, moments.target, moments.background, moments.background_rows)
    solved = solver.solve(CANDIDATES)
    if solved.values[-1, 1] <= at_least * np.trace(moments.target):
        return None
    basis = _basis([], solved, CANDIDATES, moments, space)
    return _halved(solver, basis, moments, space) if between else basis


def _halved(solver: ContrastSolver, basis: Array, moments: PairMoments, space: ArraySpace) -> Array:
    """Look between the contrasts, and where a plane had to be corrected also beside it."""
    grid = CANDIDATES
    gaps = np.arange(len(grid) - 1)
    for _ in range(_MOST_HALVINGS):
        middle = np.where(gaps > 0, np.sqrt(grid[gaps] * grid[gaps + 1]), grid[gaps + 1] / 2)
        between = solver.refine(middle, basis)
        wrong = (between.rounds > 0) | ~between.done
        if not wrong.any():
            break
        basis = _basis([basis], between, middle, moments, space, wrong)
        grid = np.sort(np.concatenate([grid, middle]))
        at = np.searchsorted(grid, middle[wrong])
        gaps = np.unique(np.concatenate([at - 1, at]))
    return basis


def _basis(
    before: list[Array],
    solved: Solutions,
    alphas: FloatArray,
    moments: PairMoments,
    space: ArraySpace,
    wanted: BoolArray | None = None,
) -> Array:
    """Orthonormal rows for vectors that were found; less than 1e-7 of each lies outside."""
    vectors = solved.vectors[:, :_N_HELD]
    if wanted is not None:
        vectors = vectors[wanted]
    parts = [*before, vectors.reshape(-1, vectors.shape[-1])]
    if not solved.done.all():
        parts.append(_dense_solutions(moments, alphas[~solved.done], space))
    return orthonormal_rows(space, space.joined(parts, 0), 1e-14)


def _dense_solutions(moments: PairMoments, alphas: FloatArray, space: ArraySpace) -> Array:
    target, background = space.array(moments.target), space.array(moments.background)
    return space.joined(
        [space.leading(target - float(alpha) * background, _N_HELD) for alpha in alphas], 0
    )
