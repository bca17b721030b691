import warnings

import numpy as np
from sklearn.cluster import SpectralClustering

from flhetero_dash.analysis.alpha_choice import CANDIDATES, automatic_alpha, plane_affinity
from flhetero_dash.analysis.moments import pair_moments

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # an invalid escape in its text, told when it is compiled
    from contrastive import CPCA


def principal_cosines(target, planes):
    """Product of the cosines of the principal angles, from the images themselves."""
    images = [np.linalg.qr((target - target.mean(axis=0)) @ plane.T)[0] for plane in planes]
    return np.array([[np.linalg.svd(a.T @ b)[1].prod() for b in images] for a in images])


def test_affinity_is_the_product_of_the_cosines_of_the_principal_angles(rng):
    target = rng.normal(size=(40, 6)) * [5, 4, 3, 2, 1, 0.1]
    planes = np.stack([np.linalg.qr(rng.normal(size=(6, 2)))[0].T for _ in range(7)])
    ours = plane_affinity(planes, np.cov(target.T))
    np.testing.assert_allclose(ours, principal_cosines(target, planes), atol=1e-12)


def test_affinity_is_that_of_the_reference_package(rng):
    target, background = rng.normal(size=(90, 5)) * [5, 4, 3, 2, 1], rng.normal(size=(30, 5)) * 2
    reference = CPCA(standardize=False)
    reference.fit(target, background)
    reference.create_affinity_matrix(3, 39)
    moments = pair_moments(target, background, "own")
    planes = np.stack([moments.leading(float(alpha), 2) for alpha in CANDIDATES])
    np.testing.assert_allclose(
        plane_affinity(planes, moments.target), reference.affinity_matrix, atol=1e-9
    )


def test_image_without_extent_is_like_no_other():
    planes = np.stack([np.eye(4)[:2], np.eye(4)[2:]])
    affinity = plane_affinity(planes, np.diag([2.0, 1.0, 1.0, 0.0]))
    np.testing.assert_array_equal(affinity, np.eye(2))


def test_choice_is_the_most_central_of_the_third_group(rng):
    target = np.concatenate([rng.normal(size=(150, 8)) * [9, 8, 7, 5, 3, 2, 1, 0.5]] * 2)
    background = rng.normal(size=(80, 8)) * [9, 6, 3, 2, 1, 0.5, 0.1, 0.1]
    moments = pair_moments(target, background, "target")
    planes = [moments.leading(float(alpha), 2) for alpha in CANDIDATES]
    affinity = principal_cosines(target, planes)
    labels = SpectralClustering(5, affinity="precomputed", random_state=0).fit_predict(affinity)
    third = list(dict.fromkeys(labels))[2]
    members = np.flatnonzero(labels == third)
    central = members[affinity[np.ix_(members, members)].sum(axis=1).argmax()]
    alpha, note = automatic_alpha(moments)
    assert alpha == CANDIDATES[central]
    assert note == ""


def test_few_distinct_planes_are_told(rng):
    X = rng.normal(size=(200, 5)) * [5, 4, 3, 2, 1]
    alpha, note = automatic_alpha(pair_moments(X, X, "target"))  # C - alpha C: two planes
    assert "2 distinct planes" in note
    assert alpha in CANDIDATES
    # 11 candidates lie below contrast 1 and 29 above: the central one is among the latter.
    assert alpha > 1


def test_two_features_have_one_plane(rng):
    alpha, note = automatic_alpha(pair_moments(rng.normal(size=(9, 2)), np.ones((3, 2)), "target"))
    assert alpha == 0
    assert "one plane only" in note
