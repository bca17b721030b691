"""Leading eigenvectors of C_t - alpha C_b for many contrasts at once (see docs/cpca.md)."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.array_space import Array, ArraySpace
from flhetero_dash.analysis.small_eigen import generalized_eigh, orthonormal_rows
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray

# Vectors kept for each contrast: the plane, and the neighbours that it nearly crosses.
N_KEPT = 5
_N_PLANE = 2
# Directions of the target beside the background's span in the coarse space.
_N_TARGET = 60
_N_SPARE = 8
_N_POWERS = 3
# Every third contrast is solved densely in the coarse space; their vectors start all.
_START_STEP = 3
# Neighbouring contrasts that share one factorization.
_N_SHARED = 2
_MOST_ROUNDS = 30
# A plane is done when its estimated angle to the true one is below this.
_TOLERANCE = 5e-7


@dataclass(frozen=True)
class _Coarse:
    """The space spanned by the background and the leading rest of the target.

    `rows` (n_coarse, n) are orthonormal; `images` are rows @ C_t; `target` and `background` are
    both covariances within the space; `rest` bounds the target's eigenvalues outside of it.
    """

    rows: Array
    images: Array
    target: Array
    background: Array
    rest: float


@dataclass(frozen=True)
class _Vectors:
    """Rows for each contrast, of shape (n_contrasts, k, n), and their products with C_t, C_b."""

    rows: Array
    target: Array
    background: Array

    def combined(self, weights: Array) -> "_Vectors":
        return _Vectors(weights @ self.rows, weights @ self.target, weights @ self.background)

    def scaled(self, factors: Array) -> "_Vectors":
        return _Vectors(self.rows * factors, self.target * factors, self.background * factors)

    def picked(self, chosen: BoolArray) -> "_Vectors":
        return _Vectors(self.rows[chosen], self.target[chosen], self.background[chosen])


def fits_coarse_space(n_background: int, size: int) -> bool:
    """Whether the background is small enough for `LowRankSolver` to beat dense solves."""
    return size >= 200 and n_background + _N_TARGET <= 0.65 * size


class LowRankSolver:
    """Solves for many contrasts when the background has few records.

    Parameters
    ----------
    space : ArraySpace
    target : ndarray of shape (n, n)
        Covariance of the target.
    background_rows : ndarray of shape (n_background, n)
        Scaled offsets: the background's covariance is rows.T @ rows.
    """

    def __init__(self, space: ArraySpace, target: FloatArray, background_rows: FloatArray) -> None:
        self._space = space
        self._target = space.array(target)
        self._background = space.array(background_rows)
        self._coarse = self._coarse_space()
        self._factors: dict[int, Array] = {}

    def solve(self, alphas: FloatArray) -> tuple[Array, FloatArray, BoolArray]:
        """Find the leading eigenvectors for each contrast.

        Parameters
        ----------
        alphas : ndarray of shape (n_contrasts,)
            Ascending.

        Returns
        -------
        vectors : array of the space, shape (n_contrasts, N_KEPT, n)
            Orthonormal rows; the first two are the plane.
        values : ndarray of shape (n_contrasts, N_KEPT)
            Their eigenvalues, descending.
        done : ndarray of bool, shape (n_contrasts,)
            False where the plane is not yet as exact as promised: solve densely there.
        """
        self._factors = {}
        trial = self._with_products(self._start(alphas))
        found, values = trial.rows[:, :N_KEPT] * 0, np.zeros((len(alphas), N_KEPT))
        left = np.arange(len(alphas))
        for _ in range(_MOST_ROUNDS):
            kept, step, ritz = self._ritz(trial, alphas[left])
            residuals = self._residuals(kept, ritz, alphas[left])
            bad = self._angles(residuals, ritz) > _TOLERANCE
            found[left], values[left] = kept.rows, ritz
            if not bad.any():
                left = left[bad]
                break
            kept, ritz, left = kept.picked(bad), ritz[bad], left[bad]
            wanted = self._corrections(residuals[bad][:, :_N_PLANE], kept, ritz, left, alphas)
            trial = self._joined([kept, wanted] + ([step.picked(bad)] if step else []))
        done = np.ones(len(alphas), dtype=bool)
        done[left] = False
        return found, values, done

    def _coarse_space(self) -> _Coarse:
        space, target = self._space, self._target
        span, triangle = space.qr(self._background.mT)
        block = space.array(
            np.random.default_rng(0).standard_normal((len(target), _N_TARGET + _N_SPARE))
        )
        for _ in range(_N_POWERS):
            block = target @ block
            block = space.qr(block - span @ (span.mT @ block))[0]
        values, vectors = space.eigh(block.mT @ (target @ block))
        leading = block @ vectors[:, _N_SPARE:]
        leading = space.qr(leading - span @ (span.mT @ leading))[0]
        rows = space.joined([span, leading], 1).mT
        images = rows @ target
        inner = images @ rows.mT
        background = inner * 0
        rank = len(triangle)
        background[:rank, :rank] = triangle @ triangle.mT
        # The estimate is from below, so with some room.
        rest = 1.15 * float(values[_N_SPARE - 1])
        return _Coarse(rows, images, (inner + inner.mT) / 2, background, rest)

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
        small = [
            space.leading(target - float(alpha) * background, N_KEPT)[None] for alpha in alphas
        ]
        return (space.joined(small, 0) @ basis) @ coarse.rows

    def _with_products(self, rows: Array) -> _Vectors:
        flat = rows.reshape(-1, rows.shape[-1])
        background = (flat @ self._background.mT) @ self._background
        return _Vectors(
            rows, (flat @ self._target).reshape(rows.shape), background.reshape(rows.shape)
        )

    def _joined(self, parts: list[_Vectors]) -> _Vectors:
        return _Vectors(
            *(
                self._space.joined([getattr(part, name) for part in parts], 1)
                for name in ("rows", "target", "background")
            )
        )

    def _ritz(
        self, trial: _Vectors, alphas: FloatArray
    ) -> tuple[_Vectors, _Vectors | None, FloatArray]:
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
            step = step.scaled(1 / ((step.rows**2).sum(2)[:, :, None] + 1e-300) ** 0.5)
        return kept, step, values[:, :N_KEPT]

    def _residuals(self, kept: _Vectors, ritz: FloatArray, alphas: FloatArray) -> Array:
        array = self._space.array
        return (
            kept.target
            - array(alphas[:, None, None]) * kept.background
            - array(ritz[:, :, None]) * kept.rows
        )

    def _angles(self, residuals: Array, ritz: FloatArray) -> FloatArray:
        """Estimate the angle of each plane to the true one: residual over gap.

        The kept neighbours are not in a plane's residual, so the gap that counts is that to the
        last of them; how exact they are enters by the gap to the first.
        """
        squares = self._space.host((residuals**2).sum(2))
        plane = np.sqrt(squares[:, :_N_PLANE].sum(1))
        neighbours = np.sqrt(squares[:, _N_PLANE:-1].sum(1))
        least = 1e-300
        far = np.maximum(ritz[:, _N_PLANE - 1] - ritz[:, -1], least)
        near = np.maximum(ritz[:, _N_PLANE - 1] - ritz[:, _N_PLANE], least)
        return np.asarray(plane / far * (1 + neighbours / near))

    def _corrections(
        self,
        residuals: Array,
        kept: _Vectors,
        ritz: FloatArray,
        left: IntArray,
        alphas: FloatArray,
    ) -> _Vectors:
        """Approximately solve (theta - C_t + alpha C_b) w = residual, first outside, then inside.

        Outside the coarse space the background vanishes and the target is small; inside a
        Cholesky factor is at hand.
        """
        coarse, shape = self._coarse, residuals.shape
        flat = residuals.reshape(-1, shape[-1])
        inside = flat @ coarse.rows.mT
        outside = self._outside(flat - inside @ coarse.rows, ritz[:, :_N_PLANE].reshape(-1))
        inside = (inside + outside @ coarse.images.mT).reshape(shape[0], shape[1], -1)
        inside = self._inside(inside, kept, ritz, left, alphas)
        wanted = (outside + inside.reshape(-1, inside.shape[-1]) @ coarse.rows).reshape(shape)
        wanted = wanted - (wanted @ kept.rows.mT) @ kept.rows
        wanted = wanted / ((wanted**2).sum(2)[:, :, None] + 1e-300) ** 0.5
        return self._with_products(wanted)

    def _inside(
        self, wanted: Array, kept: _Vectors, ritz: FloatArray, left: IntArray, alphas: FloatArray
    ) -> Array:
        """Solve the coarse problems for rows of shape (n_contrasts, k, n_coarse)."""
        solved = wanted * 0
        groups = left // _N_SHARED
        for group in np.unique(groups).tolist():
            own = groups == group
            if group not in self._factors:
                centre = min(group * _N_SHARED + _N_SHARED // 2, len(alphas) - 1)
                self._factors[group] = self._factor(kept, ritz, own, float(alphas[centre]))
            rows = wanted[own]
            flat = self._space.solve(self._factors[group], rows.reshape(-1, rows.shape[-1]))
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

    def _factor(self, kept: _Vectors, ritz: FloatArray, own: BoolArray, alpha: float) -> Array:
        """Cholesky factor of the coarse problem, shifted to just above the second eigenvalue."""
        coarse = self._coarse
        first, second, third = ritz[own, 0].max(), ritz[own, 1].max(), ritz[own, 2].min()
        shift = second + 0.5 * (second - third)
        # The first eigenvector is known: it is lifted out of the way.
        leading = kept.rows[own][0, :1] @ coarse.rows.mT
        lift = 2 * (first - ritz[own, 1].min()) * (leading.mT @ leading)
        diagonal = self._space.array(np.eye(len(coarse.target)))
        for _ in range(60):
            matrix = alpha * coarse.background - coarse.target + lift + float(shift) * diagonal
            if (factor := self._space.factor(matrix)) is not None:
                return factor
            shift += first - third + abs(first) * 1e-3
        raise np.linalg.LinAlgError("the coarse problem has no positive definite shift")
