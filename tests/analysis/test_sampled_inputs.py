"""Stratified and systematic inputs, as docs/demo.md defines them."""

import numpy as np
import pytest

from flhetero_dash.analysis.sampled_inputs import stratified_inputs, systematic_inputs


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
    assert len(np.unique((grid[:, 0] / 20).round())) == 4
    assert abs(int(grid[:, 0].min()) - int(X[:, 0].min())) <= 3
    assert abs(int(grid[:, 0].max()) - int(X[:, 0].max())) <= 3
    np.testing.assert_allclose(grid[:, 2:], 128)


def test_each_stratum_gives_as_many_points(X, rng):
    points = stratified_inputs(X, 3, 2, rng)
    assert points.shape == (18, 5)
    cuts = np.quantile(X[:, 0], [1 / 3, 2 / 3])
    counts = np.bincount(np.searchsorted(cuts, points[:, 0].astype(float)), minlength=3)
    np.testing.assert_allclose(counts, 6, atol=1)  # strata of rounded records overlap a little


def test_each_column_of_strata_is_cut_along_the_second_axis_too(X, rng):
    points = stratified_inputs(X, 3, 2, rng).astype(float)
    order = np.argsort(X[:, 0], kind="stable")
    if np.corrcoef(np.arange(len(points)), points[:, 0])[0, 1] < 0:  # the sign is free
        order = order[::-1]
    for column, own in zip(np.array_split(order, 3), points.reshape(3, 6, 5), strict=True):
        cuts = np.quantile(X[column, 1], [1 / 3, 2 / 3])
        counts = np.bincount(np.searchsorted(cuts, own[:, 1]), minlength=3)
        np.testing.assert_allclose(counts, 2, atol=1)  # strata of rounded records overlap a little


def test_the_other_axes_are_those_of_one_record():
    X = np.full((9, 3), 100, dtype=np.uint8)
    X[:, 0] = np.linspace(0, 250, 9)
    X[:, 1] += np.tile([0, 40, 80], 3).astype(np.uint8)
    X[::2, 2] = 110
    points = stratified_inputs(X, 1, 60, np.random.default_rng(0))
    assert len(np.unique(points[:, 0])) > 20  # drawn evenly along the first axis
    near = np.abs(points[:, 2].astype(float)[:, None] - [100, 110]).min(axis=1)
    assert near.max() <= 3
    plane = stratified_inputs(X, 1, 60, np.random.default_rng(0), n_axes=2)
    assert np.ptp(plane[:, 2]) <= 3  # the mean's, where there is no third axis


def test_the_grid_lies_in_the_plane_of_the_two_leading_axes(rng):
    X = (128 + rng.normal(size=(200, 6)) @ np.diag([20, 15, 4, 3, 2, 1])).round().astype(np.uint8)
    X = X[:, rng.permutation(6)]
    center = X.mean(axis=0)
    _, _, axes = np.linalg.svd(X - center, full_matrices=False)
    coordinates = (systematic_inputs(X, 5) - center) @ axes.T
    np.testing.assert_allclose(coordinates[:, 2:], 0, atol=1e-9)
    reach = (X - center) @ axes[:2].T
    np.testing.assert_allclose(coordinates[:, :2].max(axis=0), reach.max(axis=0), atol=1e-9)
    np.testing.assert_allclose(coordinates[:, :2].min(axis=0), reach.min(axis=0), atol=1e-9)


def test_too_few_records_are_told(X, rng):
    with pytest.raises(ValueError, match="90 records for 100 strata"):
        stratified_inputs(X, 10, 1, rng)
