import numpy as np
import pytest
from scipy.stats import gaussian_kde

from flhetero_dash.analysis.outline import BANDWIDTH, convex_hull, density, domain_of


def test_hull_of_a_square_with_points_inside_is_the_square():
    corners = np.array([[0, 0], [2, 0], [2, 2], [0, 2]], dtype=np.float32)
    hull = convex_hull(np.concatenate([corners, [[1, 1], [0.5, 1]], corners]))
    assert sorted(hull.tolist()) == sorted(corners.tolist())
    x, y = hull.T
    area = np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y) / 2
    assert area == 4  # positive: counter-clockwise, and in order


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        (np.empty((0, 2)), []),
        ([[1, 2]], [[1, 2]]),
        ([[3, 4], [1, 2]], [[1, 2], [3, 4]]),
        ([[1, 1], [1, 1], [1, 1]], [[1, 1]]),
        ([[0, 0], [0.1, 0.3], [0.2, 0.6]], [[0, 0], [0.1, 0.3], [0.2, 0.6]]),
    ],
)
def test_what_has_no_area_is_its_points(points, expected):
    assert convex_hull(np.array(points, dtype=np.float64)).tolist() == expected


def test_hull_refuses_other_points():
    with pytest.raises(ValueError, match=r"shape \(3, 3\), expected \(n, 2\)"):
        convex_hull(np.eye(3))
    with pytest.raises(ValueError, match="not finite"):
        convex_hull(np.array([[0, 0], [1, np.nan], [2, 2]]))


def test_density_is_that_of_scipy(rng):
    points = rng.normal(size=(50, 2))
    # scipy scales the kernel by the points' covariance; these have that of a unit square.
    white = (points - points.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(points.T))).T
    ours = density(white, n_grid=12, domain=(0, 1, 0, 1))
    x, y = np.meshgrid(ours.x, ours.y)
    theirs = gaussian_kde(white.T, bw_method=BANDWIDTH)(np.stack([x.ravel(), y.ravel()]))
    np.testing.assert_allclose(ours.values.ravel(), theirs / theirs.max(), atol=1e-9)


def test_rows_are_y_and_columns_x():
    grid = density(np.array([[9.0, 1.0]]), n_grid=10, domain=(0, 10, 0, 2))
    row, column = np.unravel_index(grid.values.argmax(), grid.values.shape)
    assert int(column) in (8, 9)
    assert int(row) in (4, 5)
    np.testing.assert_allclose(grid.x[[0, -1]], [0.5, 9.5])
    np.testing.assert_allclose(grid.y[[0, -1]], [0.1, 1.9])


def test_bandwidth_is_four_squares_of_sixty():
    grid = density(np.array([[0.5 / 60, 0.5]]), domain=(0, 1, 0, 1))
    row = grid.values[30]
    np.testing.assert_allclose(row[4] / row[0], np.exp(-0.5))


def test_coincident_records_all_count():
    points = np.array([[0.0, 0.0]] * 3 + [[1.0, 1.0]])
    values = density(points, n_grid=2, domain=(-0.5, 1.5, -0.5, 1.5)).values
    np.testing.assert_allclose(np.diag(values), [1, 1 / 3], rtol=1e-6)


def test_domain_without_extent_or_records():
    assert domain_of(np.empty((0, 2))) == (0, 1, 0, 1)
    assert domain_of(np.array([[3.0, 5.0], [3.0, 9.0]])) == (2.5, 3.5, 5, 9)
    assert not density(np.empty((0, 2))).values.any()
    assert density(np.array([[3.0, 5.0]])).values.max() == 1
    with pytest.raises(ValueError, match=r"domain \(1, 1, 0, 1\)"):
        density(np.ones((1, 2)), domain=(1, 1, 0, 1))
    with pytest.raises(ValueError, match="n_grid is 0"):
        density(np.ones((1, 2)), n_grid=0)
