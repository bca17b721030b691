"""Stratified and systematic inputs, as docs/demo.md defines them."""

import numpy as np
import pytest

from preprocess.sampled_inputs import stratified_inputs, systematic_inputs


@pytest.fixture
def X(rng):
    """Make records whose two principal axes are features 0 and 1."""
    X = np.full((90, 5), 128.0)
    X[:, 0] += rng.uniform(-100, 100, 90)
    X[:, 1] += rng.uniform(-20, 20, 90)
    return X.round().astype(np.uint8)


def test_the_grid_runs_from_the_smallest_to_the_largest_coordinate(X):
    grid = systematic_inputs(X, 4)
    assert grid.shape == (16, 5)
    assert grid.dtype == np.uint8
    assert len(np.unique(grid[:, 0].round(-1))) == 4
    assert abs(int(grid[:, 0].min()) - int(X[:, 0].min())) <= 3
    assert abs(int(grid[:, 0].max()) - int(X[:, 0].max())) <= 3
    assert (grid[:, 2:] == 128).all()


def test_each_stratum_gives_as_many_points(X, rng):
    points = stratified_inputs(X, 3, 2, rng)
    assert points.shape == (18, 5)
    cuts = np.quantile(X[:, 0], [1 / 3, 2 / 3])
    counts = np.bincount(np.searchsorted(cuts, points[:, 0].astype(float)), minlength=3)
    np.testing.assert_allclose(counts, 6, atol=1)  # a point may round over its border


def test_points_beyond_white_are_clipped(rng):
    X = np.zeros((40, 3), dtype=np.uint8)
    X[:20, 0] = 255
    X[::2, 1] = 255
    grid = systematic_inputs(X, 5)
    assert grid.max() == 255
    assert grid.min() == 0


def test_too_few_records_are_told(X, rng):
    with pytest.raises(ValueError, match="90 records for 100 strata"):
        stratified_inputs(X, 10, 1, rng)
