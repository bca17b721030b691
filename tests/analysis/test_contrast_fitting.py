import dataclasses
import logging

import numpy as np
import pytest
import scipy.linalg
import torch
from threadpoolctl import threadpool_limits

from flhetero_dash.analysis.alpha_choice import CANDIDATES, automatic_alpha
from flhetero_dash.analysis.array_space import TorchSpace
from flhetero_dash.analysis.cpca import contrastive_fit, contrastive_plane
from flhetero_dash.analysis.moments import pair_moments
from flhetero_dash.analysis.record_sums import record_sums, subset_sums

BETWEEN = np.concatenate([[0.003, 0.04], np.sqrt(CANDIDATES[1:-1] * CANDIDATES[2:])])
# Nearly all records in the background: here the planes change quickly.
BETWEEN = np.concatenate([BETWEEN, np.linspace(0.8, 1.3, 7)])
EPS = np.finfo(float).eps


def images(rng, n, d, rank=120):
    """Give records whose variances fall like those of pictures, 8-bit."""
    parts = rng.normal(size=(n, rank)) * np.arange(1, rank + 1) ** -0.8
    rows = parts @ rng.normal(size=(rank, d)) * 25 + rng.normal(size=(n, d)) * 4 + 120
    return np.clip(rows, 0, 255).astype(np.uint8)


def background_of(rng, X, m):
    """Give the m records that lie farthest along some direction, and noise."""
    score = X @ rng.normal(size=X.shape[1]) + rng.normal(size=len(X)) * 100
    return np.sort(np.argsort(score)[-m:])


def angles(fit, target, background, alphas):
    """Sine of each plane's angle to the dense one, and how much rounding alone allows.

    Dense solves over what varies, in double precision; the largest angle that counts as equal is
    1e-6, or 1000 eps norm / gap where the plane is not defined better than that.
    """
    moments = pair_moments(target, background, "target")
    frame = moments.lift(np.eye(len(moments.target)))
    found = []
    for alpha in alphas:
        with threadpool_limits(1):
            values, vectors = scipy.linalg.eigh(moments.target - alpha * moments.background)
        dense = vectors[:, -2:].T @ frame
        ours = fit.plane(alpha).directions
        gap = values[-2] - values[-3] if len(values) > 2 else np.inf
        rounding = 1000 * EPS * np.abs(values).max() / gap
        found.append((np.linalg.norm(dense - dense @ ours.T @ ours, 2), rounding))
    return np.array(found)


def excused(found):
    """Count the planes beyond 1e-6; none may be beyond what rounding allows."""
    angle, rounding = found.T
    assert (angle <= np.maximum(1e-6, rounding)).all()
    return np.count_nonzero(angle > 1e-6)


# n records, d features, m of them in the background: the background's span is used for small m,
# the whole space for large m; fewer records than features; one; nearly all.
@pytest.mark.parametrize(
    ("n", "d", "m"),
    [
        (700, 260, 90), (700, 260, 1), (700, 260, 2), (700, 260, 200), (700, 260, 630),
        (220, 400, 60), (150, 400, 135), (400, 120, 30), (60, 90, 20),
    ],
)  # fmt: skip
def test_planes_of_all_contrasts_are_those_of_dense_solves(rng, n, d, m):
    X = images(rng, n, d)
    chosen = background_of(rng, X, m)
    fit = contrastive_fit(X, X[chosen])
    assert excused(angles(fit, X, X[chosen], CANDIDATES)) == 0
    assert excused(angles(fit, X, X[chosen], BETWEEN)) == 0
    reference = automatic_alpha(pair_moments(X, X[chosen], "target"))
    plane = fit.automatic()
    assert (plane.alpha, plane.note) == (reference[0], reference[1] or fit.plane(1.0).note)
    assert contrastive_plane(X, X[chosen], None).alpha == plane.alpha


def test_real_digits(client_images):
    chosen = np.arange(0, 500, 7)
    fit = contrastive_fit(client_images, client_images[chosen])
    found = angles(fit, client_images, client_images[chosen], np.append(CANDIDATES, BETWEEN))
    assert excused(found) == 0


def test_a_plane_that_the_solver_misses_is_solved_densely(client_images):
    # Half of the copies are darker: near contrast 1 the plane is far from its neighbours'.
    X = np.concatenate([client_images, client_images[:400] // 2])
    fit = contrastive_fit(X, X[:810])
    found = angles(fit, X, X[:810], CANDIDATES[5:20])
    # Beyond it the plane's eigenvalues are 1e-9 of the largest: nothing is left of the target.
    assert excused(found[:7]) == 0
    assert excused(found) <= 8


@pytest.mark.parametrize("m", [40, 500])
def test_dependent_and_constant_features_take_no_part(rng, m):
    free = images(rng, 700, 230).astype(float)
    X = np.column_stack([free, free[:, :20] + free[:, 20:40], np.full(700, 3.0)])
    chosen = background_of(rng, X, m)
    fit = contrastive_fit(X, X[chosen])
    assert excused(angles(fit, X, X[chosen], CANDIDATES[::3])) == 0
    assert not fit.basis[:, -1].any()
    null = np.zeros((20, 251))  # x_i + x_j - x_k is constant
    null[range(20), range(20)] = null[range(20), range(20, 40)] = 1
    null[range(20), range(230, 250)] = -1
    for alpha in (0.0, 3.0, 1000.0):
        assert np.abs(null @ fit.plane(alpha).directions.T).max() < 1e-6


def test_copies_of_records_have_the_planes_of_their_covariance(rng):
    X = np.repeat(images(rng, 30, 300), 20, axis=0)
    chosen = np.arange(0, 600, 3)
    fit = contrastive_fit(X, X[chosen])
    moments = pair_moments(X, X[chosen], "target")
    assert len(moments.target) == 29
    # All of what varies is in the background, so at large contrasts 0 would win.
    assert excused(angles(fit, X, X[chosen], CANDIDATES)) == 0


def test_a_hundred_thousand_features_are_never_squared(rng):
    X = rng.normal(size=(40, 100_000)) * np.linspace(1, 3, 40)[:, None]  # d x d: 80 GB
    fit = contrastive_fit(X, X[:15])
    assert excused(angles(fit, X, X[:15], CANDIDATES[::6])) == 0


def test_torch_gives_what_numpy_gives(rng):
    X = images(rng, 600, 240)
    for m in (60, 300):
        chosen = background_of(rng, X, m)
        ours = contrastive_fit(X, X[chosen], device="cpu-torch")
        numpys = contrastive_fit(X, X[chosen])
        for alpha in (0.0, 0.5, 4.0, 300.0):
            np.testing.assert_allclose(
                ours.plane(alpha).directions, numpys.plane(alpha).directions, atol=2e-6
            )
        assert ours.automatic().alpha == numpys.automatic().alpha


@pytest.mark.gpu
@pytest.mark.parametrize("m", [60, 300])
def test_the_gpu_gives_what_the_cpu_gives(rng, m):
    X = images(rng, 600, 240)
    chosen = background_of(rng, X, m)
    fit = contrastive_fit(X, X[chosen], device="cuda")
    assert excused(angles(fit, X, X[chosen], CANDIDATES)) == 0


def test_without_memory_on_the_device_the_cpu_does_it(rng, monkeypatch, caplog):
    def no_memory(*_):
        raise torch.OutOfMemoryError("full")

    X = images(rng, 300, 210)
    monkeypatch.setattr(TorchSpace, "array", no_memory)
    with caplog.at_level(logging.WARNING):
        fit = contrastive_fit(X, X[:30], device="cpu-torch")
    assert [record.getMessage() for record in caplog.records] == [
        "cpu-torch has too little memory, computing on the CPU: full"
    ]
    np.testing.assert_array_equal(fit.target, contrastive_fit(X, X[:30], device="cpu").target)


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_a_selection_follows_from_the_sums_of_all_records(rng, kind):
    X = images(rng, 600, 230).astype(kind)
    wrong, selected = np.arange(0, 600, 5), np.arange(0, 600, 25)
    in_target = np.ones(600, dtype=bool)
    in_target[wrong] = False
    in_target[selected] = True
    own = subset_sums(record_sums(X), X, in_target)
    fit = contrastive_fit(X[in_target], X[selected], sums=own)
    assert excused(angles(fit, X[in_target], X[selected], CANDIDATES[::4])) == 0
    again = contrastive_fit(X[in_target], X[selected])
    assert fit.automatic().alpha == again.automatic().alpha
    for alpha in (2.0, None):
        plane = contrastive_plane(X[in_target], X[selected], alpha, sums=own)
        wanted = contrastive_plane(X[in_target], X[selected], alpha)
        assert plane.alpha == wanted.alpha
        np.testing.assert_allclose(plane.directions, wanted.directions, atol=1e-6)
    with pytest.raises(ValueError, match="sums are of 600 records, target has 500"):
        contrastive_fit(X[:500], X[:9], sums=record_sums(X))


def test_a_fit_is_small_and_made_of_arrays(rng):
    X = images(rng, 600, 300)
    fit = contrastive_fit(X, X[:50])
    assert len(fit.basis) < 150
    for field in dataclasses.fields(fit):
        assert isinstance(getattr(fit, field.name), np.ndarray | int | float | str)


def test_a_plane_of_a_fit_is_that_of_one_contrast(rng):
    X = images(rng, 500, 220)
    fit = contrastive_fit(X, X[:40])
    reference = np.linalg.qr(rng.normal(size=(220, 2)))[0].T
    ours, single = fit.plane(2.0, reference), contrastive_plane(X, X[:40], 2.0, reference)
    for field in dataclasses.fields(ours):
        if field.name != "note":
            np.testing.assert_allclose(
                getattr(ours, field.name), getattr(single, field.name), atol=2e-6
            )
    with pytest.raises(ValueError, match="alpha is 2000.0; this fit answers up to 1000"):
        fit.plane(2000.0)
    with pytest.raises(ValueError, match="alpha is -1.0; it must be finite and at least 0"):
        fit.plane(-1.0)


def test_without_background_every_contrast_is_pca(rng):
    X = images(rng, 500, 220)
    fit = contrastive_fit(X, X[:0])
    assert "background is empty" in fit.automatic().note
    np.testing.assert_allclose(fit.plane(7.0).directions, fit.plane(0.0).directions)
