"""Outline and density of records in a plane."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull

from flhetero_dash.arrays import FloatArray

# Width of the kernel, as a share of the side of the plane.
BANDWIDTH = 4 / 60
# Points whose spread across their main direction is below this share are on one line.
_FLATNESS = 1e-9

# Left, right, bottom and top of the part of a plane that is shown.
Domain = tuple[float, float, float, float]


@dataclass(frozen=True)
class DensityGrid:
    """Density of records in the squares of a grid.

    Attributes
    ----------
    x, y : ndarray of shape (n_grid,)
        Centres of the squares, ascending.
    values : ndarray of shape (n_grid, n_grid)
        Rows by y, columns by x; from 0 to 1, the maximum being 1; all 0 without records.
    """

    x: FloatArray
    y: FloatArray
    values: FloatArray


def domain_of(points: FloatArray) -> Domain:
    """Bounding box of points (n, 2); a side without extent gets length 1 about its place."""
    if len(points) == 0:
        return (0.0, 1.0, 0.0, 1.0)
    low = points.min(axis=0).astype(np.float64)
    high = points.max(axis=0).astype(np.float64)
    pad = np.where(high > low, 0.0, 0.5)
    (left, bottom), (right, top) = low - pad, high + pad
    return (float(left), float(right), float(bottom), float(top))


def convex_hull(points: FloatArray) -> FloatArray:
    """Find the outline of records.

    Parameters
    ----------
    points : ndarray of shape (n, 2)

    Returns
    -------
    ndarray of shape (n_vertices, 2)
        Corners of the convex hull, counter-clockwise, the first one not repeated. Fewer than
        three points, or points on one line: the distinct points, sorted.

    Raises
    ------
    ValueError
        If the points are not in a plane or not finite.
    """
    if points.ndim != 2 or points.shape[1] != 2:
        raise ValueError(f"points have shape {points.shape}, expected (n, 2)")
    if not np.isfinite(points).all():
        raise ValueError("points are not finite")
    distinct = np.unique(np.asarray(points, dtype=np.float64), axis=0)
    if len(distinct) < 3:
        return distinct
    offsets = distinct - distinct.mean(axis=0)
    strengths = np.linalg.svd(offsets, compute_uv=False)
    if strengths[1] <= _FLATNESS * strengths[0]:
        return distinct
    return np.asarray(distinct[ConvexHull(distinct).vertices])


def density(points: FloatArray, n_grid: int = 60, domain: Domain | None = None) -> DensityGrid:
    """Estimate how densely records lie, with a Gaussian kernel of 4/60 of the plane's side.

    Parameters
    ----------
    points : ndarray of shape (n, 2)
    n_grid : int, default=60
        Squares along each side, at least 1.
    domain : tuple of float, optional
        Left, right, bottom and top of the grid; default the bounding box of the points.

    Returns
    -------
    DensityGrid

    Raises
    ------
    ValueError
        If there is no square, or the domain has no extent.
    """
    left, right, bottom, top = domain_of(points) if domain is None else domain
    if n_grid < 1 or not (left < right and bottom < top):
        raise ValueError(
            f"n_grid is {n_grid}, domain {(left, right, bottom, top)}; "
            "expected at least 1 square, left below right and bottom below top"
        )
    centres = (np.arange(n_grid) + 0.5) / n_grid
    # The kernel is a product of one in x and one in y, so the sum over records is exact.
    along_x = _kernel(centres, (points[:, 0] - left) / (right - left))
    along_y = _kernel(centres, (points[:, 1] - bottom) / (top - bottom))
    values = along_y @ along_x.T
    peak = values.max()
    return DensityGrid(
        left + centres * (right - left),
        bottom + centres * (top - bottom),
        values / peak if peak > 0 else values,
    )


def _kernel(centres: FloatArray, places: FloatArray) -> FloatArray:
    distances = (centres[:, None] - places[None, :]) / BANDWIDTH
    return np.asarray(np.exp(-0.5 * np.square(distances)))
