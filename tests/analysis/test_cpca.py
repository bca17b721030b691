import time
import warnings

import numpy as np
import pytest
from sklearn.decomposition import PCA

from flhetero_dash.analysis.alpha_choice import CANDIDATES
from flhetero_dash.analysis.cpca import (
    contrastive_directions,
    contrastive_plane,
    principal_plane,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # an invalid escape in its text, told when it is compiled
    from contrastive import CPCA


def angle(ours, theirs):
    """Sine of the largest principal angle between two planes."""
    a, b = np.linalg.qr(np.transpose(ours))[0], np.linalg.qr(np.transpose(theirs))[0]
    return np.linalg.norm(b - a @ (a.T @ b), 2)


def test_alpha_zero_is_ordinary_pca(rng):
    target = rng.normal(size=(60, 4)) * [4, 3, 2, 1]
    ours = contrastive_directions(target, target[:9], alpha=0.0)
    reference = PCA(n_components=2).fit(target)
    np.testing.assert_allclose(np.abs(ours @ reference.components_.T), np.eye(2), atol=1e-10)
    assert (ours.max(axis=1) == np.abs(ours).max(axis=1)).all()  # the promised signs
    plane = contrastive_plane(target, target[:9], alpha=0.0)
    np.testing.assert_allclose(plane.explained_target, reference.explained_variance_ratio_)
    np.testing.assert_allclose(
        np.abs(plane.project(target)), np.abs(reference.transform(target)), atol=1e-10
    )


def test_contrast_drops_the_variation_shared_with_the_background(rng):
    background = rng.normal(size=(500, 3)) * [10, 0.1, 0.1]  # varies along x only
    target = rng.normal(size=(500, 3)) * [10, 1.0, 0.1]  # along x and, less, along y
    leading = contrastive_directions(target, background, alpha=5.0, n_components=1)[0]
    assert np.abs(leading).argmax() == 1  # y: the direction that is the target's own


@pytest.mark.parametrize(("n_target", "n_background"), [(90, 40), (12, 5), (9, 30)])
@pytest.mark.parametrize("alpha", [0.5, 3.0, 60.0])
def test_own_centring_is_that_of_the_reference_package(rng, n_target, n_background, alpha):
    target = rng.normal(size=(n_target, 8)) * np.arange(1, 9)
    background = rng.normal(size=(n_background, 8)) * 2 + 7
    reference = CPCA(standardize=False)
    reference.fit(target, background)
    theirs = reference.cpca_alpha(reference.fg, alpha)
    ours = contrastive_plane(target, background, alpha, centering="own").project(target)
    np.testing.assert_allclose(np.abs(ours), np.abs(theirs), atol=1e-9)


def test_default_centring_suppresses_the_way_to_the_background(rng):
    target = rng.normal(size=(100, 3)) * [3, 2, 1]
    background = rng.normal(size=(100, 3)) * 0.1 + [20, 0, 0]
    ours = contrastive_directions(target, background, alpha=1.0)
    assert np.abs(ours[:, 0]).max() < 0.1
    own = contrastive_directions(target, background, alpha=1.0, centering="own")
    assert np.abs(own[:, 0]).max() > 0.9


@pytest.mark.parametrize("round_index", [5, 9])
def test_published_planes(client_images, published_answers, round_index):
    answers = published_answers[f"Client-0/{round_index}"]
    wrong = ~np.array(answers["labels"]["consistencyLabel"])
    cluster = np.array(answers["cluster_12"]["clusterList"][0]["heteroIndex"])
    with_cluster = np.union1d(np.flatnonzero(~wrong), cluster)
    X = client_images
    for key, target, background in [
        ("cpca_10", X, X[wrong]),
        ("cpca_auto", X, X[wrong]),
        ("cpca_cluster", X[with_cluster], X[cluster]),
    ]:
        theirs = answers[key]
        # Told with 7 digits; ours is the candidate itself.
        alphas = np.append(CANDIDATES, 10.0)
        alpha = float(alphas[np.abs(alphas - theirs["alpha"]).argmin()])
        plane = contrastive_plane(target, background, alpha)
        both = [theirs["cPC1"], theirs["cPC2"]]
        assert angle(plane.directions, both) < 2e-5
        # Theirs are not centred, and their signs are free.
        signs = np.sign(np.sum(plane.directions * both, axis=1))
        moved = (plane.project(X) + plane.center @ plane.directions.T) * signs
        np.testing.assert_allclose(moved, theirs["projectedData"], atol=0.2)  # of about 1,000


def test_published_automatic_alpha(client_images, published_answers):
    # The published rule has no seed. Over 60 seeds it gives these for the inputs below.
    reachable = {(5, "cpca_auto"): [6.158482], (9, "cpca_auto"): [4.83293]}
    reachable |= {(5, "cpca_cluster"): [10.0, 7.8476, 12.742749], (9, "cpca_cluster"): [7.8476]}
    for (round_index, key), alphas in reachable.items():
        answers = published_answers[f"Client-0/{round_index}"]
        assert answers[key]["alpha"] in alphas
        wrong = ~np.array(answers["labels"]["consistencyLabel"])
        background, target = np.flatnonzero(wrong), np.arange(len(wrong))
        if key == "cpca_cluster":
            background = np.array(answers["cluster_12"]["clusterList"][0]["heteroIndex"])
            target = np.union1d(np.flatnonzero(~wrong), background)
        ours = contrastive_plane(client_images[target], client_images[background], None)
        assert np.isclose(ours.alpha, alphas, rtol=1e-5).any()
        assert ours.note == ""


def test_plane_is_turned_to_the_reference(rng):
    target = rng.normal(size=(80, 5)) * [5, 4, 3, 2, 1]
    plain = contrastive_plane(target, target[:30], 0.3)
    flipped = plain.directions[::-1] * [[-1.0], [1.0]]
    turned = contrastive_plane(target, target[:30], 0.3, orient_to=flipped)
    np.testing.assert_allclose(turned.directions, flipped)
    np.testing.assert_allclose(turned.explained_target, plain.explained_target[::-1])
    np.testing.assert_allclose(
        turned.project(target), plain.project(target)[:, ::-1] * [-1, 1], atol=1e-12
    )


def test_orientation_is_the_closest_of_all_eight(rng):
    target = rng.normal(size=(80, 5)) * [5, 4, 3, 2, 1]
    for _ in range(20):
        reference = np.linalg.qr(rng.normal(size=(5, 2)))[0].T
        ours = contrastive_plane(target, target[:30], 0.3, orient_to=reference).directions
        signs = [[[a], [b]] for a in (-1, 1) for b in (-1, 1)]
        every = [d * s for d in (ours, ours[::-1]) for s in signs]
        distance = np.linalg.norm(ours - reference)
        assert distance <= min(np.linalg.norm(other - reference) for other in every) + 1e-12


def test_explained_variance_is_about_each_sets_own_mean(rng):
    target = rng.normal(size=(50, 3)) * [3, 2, 1]
    background = rng.normal(size=(40, 3)) * [1, 2, 3] + 100
    plane = contrastive_plane(target, background, 2.0)
    for rows, shares in [
        (target, plane.explained_target),
        (background, plane.explained_background),
    ]:
        along = (rows @ plane.directions.T).var(axis=0)
        np.testing.assert_allclose(shares, along / rows.var(axis=0).sum())


def test_without_background_it_is_pca_and_says_so(rng):
    X = rng.normal(size=(30, 6)) * [6, 5, 4, 3, 2, 1]
    for alpha in (None, 10.0):
        plane = contrastive_plane(X, X[:0], alpha)
        np.testing.assert_allclose(plane.directions, principal_plane(X))
        assert plane.alpha == 0
        assert "background is empty" in plane.note
        assert np.isnan(plane.explained_background).all()


def test_one_background_record(rng):
    X = rng.normal(size=(30, 4)) + [0, 0, 0, 1]
    background = np.array([[0.0, 0.0, 0.0, 50.0]])
    plane = contrastive_plane(X, background, 1.0)
    assert "one record" in plane.note
    assert np.abs(plane.directions[:, 3]).max() < 0.1
    own = contrastive_plane(X, background, 1.0, centering="own")
    np.testing.assert_allclose(own.directions, principal_plane(X))
    assert "this is PCA" in own.note


@pytest.mark.parametrize(("n", "d"), [(40, 6), (5, 12)])
def test_everything_inconsistent_still_gives_a_plane(rng, n, d):
    X = rng.normal(size=(n, d)) * np.arange(1, d + 1)
    plane = contrastive_plane(X, X, None)
    assert "distinct planes" in plane.note
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-10)
    same = contrastive_plane(X, X, 1.0)  # C - C: nothing is left
    assert "nothing is left" in same.note
    np.testing.assert_allclose(same.directions, principal_plane(X))


def test_constant_features_get_no_weight_even_at_a_large_contrast(rng):
    X = np.zeros((40, 7))
    X[:, [1, 3, 5]] = rng.normal(size=(40, 3)) * [3, 2, 1]
    plane = contrastive_plane(X, X[:20], 1000.0)
    assert not plane.directions[:, [0, 2, 4, 6]].any()
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-10)


def test_more_features_than_records_agrees_with_all_features(rng):
    target, background = rng.normal(size=(30, 80)), rng.normal(size=(12, 80))
    plane = contrastive_plane(target, background, 2.0)
    center = target.mean(axis=0)
    contrast = np.cov(target.T) - 2 * (background - center).T @ (background - center) / 11
    theirs = np.linalg.eigh(contrast)[1][:, -2:].T
    assert angle(plane.directions, theirs) < 1e-9


def test_copies_of_records_leave_the_plane_of_their_covariance(rng):
    few = rng.normal(size=(4, 10))
    X = np.repeat(few, 10, axis=0)  # 40 records, three directions
    plane = contrastive_plane(X, X[:10], None)
    reference = PCA(n_components=3).fit(X).components_
    np.testing.assert_allclose(plane.directions @ reference.T @ reference, plane.directions)


@pytest.mark.parametrize("rows", [1, 6])
def test_records_that_do_not_vary_have_no_direction(rows):
    X = np.full((rows, 3), 7, dtype=np.uint8)
    plane = contrastive_plane(X, X, None)
    assert not plane.directions.any()
    assert not plane.project(X).any()
    assert "fewer than two directions" in plane.note


def test_one_feature_has_one_direction(rng):
    plane = contrastive_plane(rng.normal(size=(9, 1)), np.ones((2, 1)), 1.0)
    np.testing.assert_array_equal(plane.directions, [[1.0], [0.0]])


def test_eight_bit_records_are_as_good_as_floats(client_images):
    ours = contrastive_plane(client_images, client_images[:50], 3.0)
    theirs = contrastive_plane(client_images.astype(float), client_images[:50].astype(float), 3.0)
    np.testing.assert_array_equal(ours.directions, theirs.directions)


@pytest.mark.parametrize("alpha", [-1.0, np.nan, np.inf])
def test_impossible_contrast_is_refused(alpha):
    with pytest.raises(ValueError, match=f"alpha is {alpha}; it must be finite and at least 0"):
        contrastive_plane(np.eye(3), np.eye(3), alpha)
    with pytest.raises(ValueError, match="alpha is"):
        contrastive_directions(np.eye(3), np.eye(3), alpha)


def test_bad_shapes_and_values_are_told():
    with pytest.raises(ValueError, match=r"target has shape \(0, 3\)"):
        principal_plane(np.ones((0, 3)))
    with pytest.raises(ValueError, match=r"background has shape \(3, 2\), expected 3 features"):
        contrastive_plane(np.eye(3), np.eye(3)[:, :2], 1.0)
    with pytest.raises(ValueError, match="not finite in 1 of 3 features"):
        contrastive_plane(np.diag([1.0, np.nan, 1.0]), np.eye(3), 1.0)
    with pytest.raises(ValueError, match=r"orient_to has shape \(3, 3\), expected \(2, 3\)"):
        contrastive_plane(np.eye(3), np.eye(3), 1.0, orient_to=np.eye(3))
    with pytest.raises(ValueError, match=r"X has shape \(2, 2\), expected 3 features"):
        contrastive_plane(np.eye(3), np.eye(3), 1.0).project(np.eye(2))


def test_a_click_on_a_new_plane_is_quick(client_images):
    X = np.concatenate([client_images, client_images[:400] // 2])
    start = time.process_time()
    contrastive_plane(X, X[:810], None).project(X)
    assert time.process_time() - start < 3.0  # about 0.6 s; room for a busy machine
