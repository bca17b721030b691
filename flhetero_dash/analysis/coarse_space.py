"""The small space in which contrasts are solved first (see docs/cpca.md)."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.array_space import Array, ArraySpace

# Directions of the target beside the background's span.
_N_TARGET = 40
_N_SPARE = 8
_N_POWERS = 3
_LEAST = 1e-300


@dataclass(frozen=True)
class CoarseSpace:
    """The space spanned by the background and the leading rest of the target, or the whole one.

    `rows` (n_coarse, n) are orthonormal, None for the whole space; `images` are rows @ C_t;
    `target` and `background` are both covariances within the space; `rest` bounds the target's
    eigenvalues outside of it.
    """

    rows: Array  # or None
    images: Array
    target: Array
    background: Array
    rest: float

    def inside(self, rows: Array) -> Array:
        """Give the coordinates within the space."""
        return rows if self.rows is None else rows @ self.rows.mT

    def lifted(self, rows: Array) -> Array:
        """Turn coordinates within the space into rows."""
        return rows if self.rows is None else rows @ self.rows


def coarse_space(space: ArraySpace, target: Array, background_rows: Array) -> CoarseSpace:
    """Span the background's rows and the leading rest of the target.

    Parameters
    ----------
    space : ArraySpace
    target : array of the space, shape (n, n)
        Covariance.
    background_rows : array of the space, shape (n_background, n)
        Scaled offsets, as of `PairMoments`.
    """
    span, triangle = space.qr(background_rows.mT)
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
    # The estimate is from below, so with some room; and never nothing, to divide by.
    least = 1e-12 * float(abs(target).max()) + _LEAST
    rest = max(1.15 * float(values[_N_SPARE - 1]), least)
    return CoarseSpace(rows, images, (inner + inner.mT) / 2, background, rest)


def spans_little(n_background: int, size: int) -> bool:
    """Whether the background's span, and some more, is clearly less than the whole space."""
    return n_background + _N_TARGET <= 0.65 * size
