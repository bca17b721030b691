import numpy as np
import pytest

from flhetero_dash.analysis.moments import explained_shares, pair_moments, project_rows


def dense(moments):
    """Both covariances over all features, whatever the coordinates are."""
    basis = moments.lift(np.eye(len(moments.target)))
    return basis.T @ moments.target @ basis, basis.T @ moments.background @ basis


@pytest.mark.parametrize("n_target", [5000, 60, 8])  # several blocks, one block, fewer than d
def test_covariances_are_those_of_numpy(rng, n_target):
    target = rng.normal(size=(n_target, 20)) + 5
    background = rng.normal(size=(7, 20))
    ours = dense(pair_moments(target, background, "own"))
    np.testing.assert_allclose(ours[0], np.cov(target.T), atol=1e-12)
    np.testing.assert_allclose(ours[1], np.cov(background.T), atol=1e-12)


@pytest.mark.parametrize("n_target", [60, 8])
def test_background_is_centred_on_the_target(rng, n_target):
    target, background = rng.normal(size=(n_target, 20)), rng.normal(size=(7, 20)) + 3
    offsets = background - target.mean(axis=0)
    ours = dense(pair_moments(target, background, "target"))[1]
    np.testing.assert_allclose(ours, offsets.T @ offsets / 6, atol=1e-11)


def test_constant_and_dependent_features_take_no_part(rng):
    free = rng.normal(size=(50, 3)) * [0.01, 1.0, 100.0]  # units do not matter
    X = np.column_stack([free, np.full(50, 0.1), free @ [1.0, 2.0, 3.0]])
    moments = pair_moments(X, X[:10], "target")
    assert moments.live.tolist() == [True, True, True, False, True]
    assert len(moments.target) == 3
    np.testing.assert_allclose(dense(moments)[0], np.cov(X.T), rtol=1e-9, atol=1e-14)


def test_feature_that_differs_between_the_sets_varies_only_about_the_targets_mean():
    target, background = np.zeros((4, 2)), np.ones((4, 2))
    target[0, 0] = 1.0
    assert pair_moments(target, background, "target").live.tolist() == [True, True]
    assert pair_moments(target, background, "own").live.tolist() == [True, False]


def test_many_features_need_no_square_of_them(rng):
    target = rng.normal(size=(6, 50_000))  # a square of 50,000 would take 20 GB
    moments = pair_moments(target, np.concatenate([target[:2], target[:2] + 1]), "target")
    assert moments.target.shape == (6, 6)  # 5 dimensions of the target, 1 of the shift
    np.testing.assert_allclose(np.trace(moments.target), target.var(axis=0, ddof=1).sum())


def test_values_that_are_not_finite_are_counted(rng):
    X = rng.normal(size=(5, 4))
    X[2, [1, 3]] = np.nan, np.inf
    with pytest.raises(ValueError, match="not finite in 2 of 4 features, the first is feature 1"):
        pair_moments(X, X[:0], "target")
    with pytest.raises(ValueError, match="not finite"):
        pair_moments(np.ones((2, 4)), X, "target")


def test_projection_and_shares_by_hand():
    X = np.array([[0, 0], [4, 0], [0, 2], [4, 2]], dtype=np.uint8)
    axes = np.array([[0.0, 1.0], [1.0, 0.0]])
    np.testing.assert_array_equal(
        project_rows(X, np.array([2.0, 1.0]), axes), [[-1, -2], [-1, 2], [1, -2], [1, 2]]
    )
    np.testing.assert_allclose(explained_shares(X, axes), [0.2, 0.8])
    assert np.isnan(explained_shares(X[:1], axes)).all()
    assert np.isnan(explained_shares(np.ones((3, 2)), axes)).all()
