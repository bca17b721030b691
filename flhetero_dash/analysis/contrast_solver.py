"""Leading eigenvectors of C_t - alpha C_b for many contrasts at once (see docs/cpca.md)."""

import numpy as np

from flhetero_dash.analysis.array_space import Array, ArraySpace
from flhetero_dash.analysis.coarse_space import CoarseSpace, coarse_space, spans_little
from flhetero_dash.analysis.contrast_vectors import (
    Solutions,
    Vectors,
    generalized_eigh,
    joined_solutions,
    joined_vectors,
    orthonormal_rows,
)
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray

# Vectors kept for each contrast: the plane, and the neighbours that it nearly crosses.
N_KEPT = 5
_N_PLANE = 2
# Every fourth contrast is solved densely in the coarse space; their vectors start all.
_START_STEP = 4
# Contrasts within a factor of 1.6 share one Cholesky factor; below the first all do.
_FIRST_SHARED, _SHARED = 0.08, 1.6
_MOST_ROUNDS = 30
# A plane that took this many rounds gets a factor of its own.
_PATIENCE = 4
# A plane is done when its estimated angle to the true one is below this. In the whole space, where
# planes change quickly with the contrast, a factor of a neighbour may estimate too little. Planes
# that a basis is looked over for (it holds them to 1e-7) need not be better than the last.
_TOLERANCE, _WHOLE_TOLERANCE, _LOOK_TOLERANCE = 4e-7, 3e-8, 2e-7
# Most bytes of Cholesky factors that are kept; contrasts are solved some at a time to keep to it.
_FACTOR_BYTES = 1 << 28
_LEAST = 1e-300  # keeps the length of an empty vector from 0


class ContrastSolver:
    """Solves for many contrasts, and keeps what further contrasts can use.

    Parameters
    ----------
    space : ArraySpace
    target, background : ndarrays of shape (n, n)
        Covariances.
    background_rows : ndarray of shape (n_background, n) or None
        Scaled offsets: background = rows.T @ rows. If they are few, their span is used.
    """

    def __init__(
        self,
        space: ArraySpace,
        target: FloatArray,
        background: FloatArray,
        background_rows: FloatArray | None,
    ) -> None:
        self._space = space
        self._target = space.array(target)
        if background_rows is not None and spans_little(len(background_rows), len(target)):
            self._rows = space.array(background_rows)
            self._coarse = coarse_space(space, self._target, self._rows)
            self._tolerance = _TOLERANCE
        else:
            self._rows = None
            self._tolerance = _WHOLE_TOLERANCE
            self._coarse = CoarseSpace(None, None, self._target, space.array(background), 0.0)
        self._norms = float(np.linalg.norm(target)), float(np.linalg.norm(background))
        self._factors: dict[float, Array | None] = {}

    def solve(self, alphas: FloatArray) -> Solutions:
        """Find the leading eigenvectors for each contrast, ascending."""
        return self._refined(self._with_products(self._start(alphas)), alphas, self._tolerance)

    def refine(self, alphas: FloatArray, basis: Array) -> Solutions:
        """As `solve`, from the span of a basis (rows); its products are computed once."""
        products = self._with_products(basis)
        weights = self._best(basis @ products.target.mT, basis @ products.background.mT, alphas)
        tolerance = max(self._tolerance, _LOOK_TOLERANCE)
        return self._refined(products.combined(weights), alphas, tolerance)

    def _refined(self, trial: Vectors, alphas: FloatArray, tolerance: float) -> Solutions:
        """Correct the vectors of all contrasts until each plane is exact enough."""
        most = max(1, _FACTOR_BYTES // (8 * len(self._coarse.target) ** 2))
        parts = []
        for start in range(0, len(alphas), most):
            if len(self._factors) >= most:
                self._factors.clear()
            some = np.arange(len(alphas))[start : start + most]
            parts.append(self._refined_together(trial.picked(some), alphas[some], tolerance))
        return joined_solutions(self._space, parts)

    def _refined_together(self, trial: Vectors, alphas: FloatArray, tolerance: float) -> Solutions:
        found, values = trial.rows * 1.0, np.zeros((len(alphas), N_KEPT))
        rounds = np.zeros(len(alphas), dtype=int)
        done = np.zeros(len(alphas), dtype=bool)
        left = np.arange(len(alphas))
        for _ in range(_MOST_ROUNDS):
            kept, step, ritz = self._ritz(trial, alphas[left])
            found[left], values[left] = kept.rows, ritz
            groups = self._groups(alphas[left], rounds[left])
            wanted = self._corrections(kept, ritz, alphas[left], groups)
            lost = np.array([self._factors[group] is None for group in groups.tolist()])
            enough = np.maximum(tolerance, self._rounding(ritz, alphas[left]))
            exact = self._lengths(wanted, kept.rows) <= enough
            tolerance = self._tolerance
            done[left[exact & ~lost]] = True
            bad = ~exact & ~lost
            left = left[bad]
            if len(left) == 0:
                break
            rounds[left] += 1
            kept, wanted = kept.picked(bad), wanted[bad]
            wanted = wanted - (wanted @ kept.rows.mT) @ kept.rows
            wanted = wanted / ((wanted**2).sum(2)[:, :, None] + _LEAST) ** 0.5
            parts = [kept, self._with_products(wanted)]
            trial = joined_vectors(self._space, parts + ([step.picked(bad)] if step else []))
        return Solutions(found, values, done, rounds)

    def _start(self, alphas: FloatArray) -> Array:
        """Solve a few contrasts in the coarse space, and all in the span of what comes out."""
        space, coarse = self._space, self._coarse
        chosen = sorted({*range(0, len(alphas), _START_STEP), len(alphas) - 1})
        some = [
            space.leading(coarse.target - float(alphas[i]) * coarse.background, N_KEPT)
            for i in chosen
        ]
        basis = orthonormal_rows(space, space.joined(some, 0), 1e-12)
        target = basis @ coarse.target @ basis.mT
        background = basis @ coarse.background @ basis.mT
        return coarse.lifted(self._best(target, background, alphas) @ basis)

    def _best(self, target: Array, background: Array, alphas: FloatArray) -> Array:
        """Leading vectors for each contrast, from covariances within a small space."""
        small = [
            self._space.leading(target - float(alpha) * background, N_KEPT)[None]
            for alpha in alphas
        ]
        return self._space.joined(small, 0)

    def _with_products(self, rows: Array) -> Vectors:
        flat = rows.reshape(-1, rows.shape[-1])
        if self._rows is None:
            background = flat @ self._coarse.background
        else:
            background = (flat @ self._rows.mT) @ self._rows
        return Vectors(
            rows, (flat @ self._target).reshape(rows.shape), background.reshape(rows.shape)
        )

    def _ritz(
        self, trial: Vectors, alphas: FloatArray
    ) -> tuple[Vectors, Vectors | None, FloatArray]:
        """Best vectors within each contrast's trial space, and the step that led to them."""
        space = self._space
        gram = space.host(trial.rows @ trial.rows.mT)
        inner = space.host(trial.target @ trial.rows.mT)
        inner -= alphas[:, None, None] * space.host(trial.background @ trial.rows.mT)
        values, weights = generalized_eigh(inner, gram)
        kept = trial.combined(space.array(weights[:, :N_KEPT]))
        step = None
        if trial.rows.shape[1] > N_KEPT:
            moved = weights[:, :_N_PLANE].copy()
            moved[:, :, :N_KEPT] = 0  # what came in by the corrections
            step = trial.combined(space.array(moved))
            step = step.scaled(1 / ((step.rows**2).sum(2)[:, :, None] + _LEAST) ** 0.5)
        return kept, step, values[:, :N_KEPT]

    def _rounding(self, ritz: FloatArray, alphas: FloatArray) -> FloatArray:
        """Angle below which a plane is not defined in double precision."""
        norms = self._norms[0] + alphas * self._norms[1]
        gaps = np.maximum(ritz[:, _N_PLANE - 1] - ritz[:, _N_PLANE], _LEAST)
        return np.asarray(np.minimum(100 * np.finfo(float).eps * norms / gaps, 1.0))

    def _lengths(self, wanted: Array, kept: Array) -> FloatArray:
        """Length of the corrections beside the planes themselves: the planes' angles."""
        plane = kept[:, :_N_PLANE]
        beside = wanted - (wanted @ plane.mT) @ plane
        return self._space.host((beside**2).sum((1, 2)) ** 0.5)

    def _corrections(
        self, kept: Vectors, ritz: FloatArray, alphas: FloatArray, groups: FloatArray
    ) -> Array:
        """Approximately solve (theta - C_t + alpha C_b) w = residual, first outside, then inside.

        Outside the coarse space the background vanishes and the target is small; inside a
        Cholesky factor is at hand.
        """
        coarse, array = self._coarse, self._space.array
        rows = kept.rows[:, :_N_PLANE]
        residuals = kept.target[:, :_N_PLANE] - array(ritz[:, :_N_PLANE, None]) * rows
        residuals = residuals - array(alphas[:, None, None]) * kept.background[:, :_N_PLANE]
        flat = residuals.reshape(-1, residuals.shape[-1])
        inside = coarse.inside(flat)
        if coarse.rows is None:
            outside = 0.0
        else:
            outside = self._outside(flat - inside @ coarse.rows, ritz[:, :_N_PLANE].reshape(-1))
            inside = inside + outside @ coarse.images.mT
        solved = self._inside(inside.reshape(*rows.shape[:2], -1), kept, ritz, groups)
        wanted = outside + coarse.lifted(solved.reshape(inside.shape))
        return wanted.reshape(rows.shape)

    def _inside(self, wanted: Array, kept: Vectors, ritz: FloatArray, groups: FloatArray) -> Array:
        """Solve the coarse problems for rows of shape (n_contrasts, k, n_coarse)."""
        solved = wanted * 0
        for alpha in np.unique(groups).tolist():
            own = groups == alpha
            if alpha not in self._factors:
                self._factors[alpha] = self._factor(kept, ritz, own, alpha)
            if self._factors[alpha] is None:
                continue
            rows = wanted[own]
            flat = self._space.solve(self._factors[alpha], rows.reshape(-1, rows.shape[-1]))
            solved[own] = flat.reshape(rows.shape)
        return solved

    def _outside(self, rows: Array, thetas: FloatArray) -> Array:
        """Two Chebyshev steps for (theta - C_t) w = rows outside the coarse space."""
        coarse = self._coarse
        theta = np.maximum(thetas, 1.2 * coarse.rest)
        half = coarse.rest / 2
        middle = theta - half
        ratio = half / middle
        first, second = 2 / (2 - ratio**2), 2 / (middle * (2 - ratio**2))
        array = self._space.array
        start = rows / array(middle[:, None])
        applied = start @ self._target - (start @ coarse.images.mT) @ coarse.rows
        residual = rows - array(theta[:, None]) * start + applied
        momentum = array((first * ratio**2 / 2)[:, None])
        return start * (1 + momentum) + array(second[:, None]) * residual

    def _factor(
        self, kept: Vectors, ritz: FloatArray, own: BoolArray, alpha: float
    ) -> Array | None:
        """Cholesky factor of the coarse problem, shifted to just above the second eigenvalue.

        None if more eigenvalues than the first, which is known and lifted out of the way, are
        above the shift: then the vectors at hand miss one.
        """
        coarse = self._coarse
        first, second, third = ritz[own, 0].max(), ritz[own, 1].max(), ritz[own, 2].min()
        shift = second + 0.5 * (second - third)
        leading = coarse.inside(kept.rows[own][0, :1])
        # In place: copies of so large a matrix cost as much as its factor.
        lift = leading.mT @ leading
        lift *= 2 * (first - ritz[own, 1].min())
        matrix = alpha * coarse.background
        matrix -= coarse.target
        matrix += lift
        matrix.reshape(-1)[:: len(matrix) + 1] += float(shift)
        return self._space.factor(matrix)

    def _groups(self, alphas: FloatArray, rounds: IntArray) -> FloatArray:
        """Give the contrast at which each contrast's factor is made: shared, or its own."""
        if self._rows is None:
            return alphas
        place = np.log(np.maximum(alphas, _FIRST_SHARED) / _FIRST_SHARED) // np.log(_SHARED)
        shared = np.where(place > 0, _FIRST_SHARED * _SHARED ** (place + 0.5), 0.0)
        return np.where(rounds >= _PATIENCE, alphas, shared)
