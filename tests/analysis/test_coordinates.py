import numpy as np

from flhetero_dash.analysis.coordinates import row_span, varying_directions


def test_span_holds_both_sets_and_nothing_twice(rng):
    first = rng.normal(size=(6, 500)) * [[1], [1], [1e-4], [1], [1], [1]]
    second = np.concatenate([first[:3] + first[3:], rng.normal(size=(2, 500))])
    basis = row_span(first, second)
    assert basis.shape == (8, 500)
    np.testing.assert_allclose(basis @ basis.T, np.eye(8), atol=1e-12)
    both = np.concatenate([first, second])
    np.testing.assert_allclose(both @ basis.T @ basis, both, atol=1e-9)


def test_span_of_nothing_is_nothing():
    assert row_span(np.zeros((3, 5)), np.zeros((0, 5))).shape == (0, 5)


def test_independent_features_are_left_alone(rng):
    assert varying_directions(np.cov(rng.normal(size=(50, 4)).T)) is None
    assert varying_directions(np.zeros((0, 0))) is None


def test_dependent_features_leave_the_directions_that_vary(rng):
    X = rng.normal(size=(50, 4)) * [1, 1e-3, 10, 1]
    X[:, 3] = X[:, 0] - X[:, 2]
    frame = varying_directions(np.cov(X.T))
    assert frame is not None
    assert frame.shape == (4, 3)
    np.testing.assert_allclose(frame.T @ frame, np.eye(3), atol=1e-12)
    np.testing.assert_allclose(frame.T @ [1, 0, -1, -1], 0, atol=1e-9)
