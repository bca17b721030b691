import numpy as np
import pytest
from sklearn.decomposition import PCA

from flhetero_dash.analysis.trajectory import (
    leave_me_out_cosine,
    project_parameters,
    update_cosines,
    update_norms,
)


def cosine(a, b):
    return a @ b / (np.linalg.norm(a) * np.linalg.norm(b))


def test_projection_is_the_pca_of_the_servers_path(rng):
    server, client, initial = (
        rng.normal(size=(12, 30)),
        rng.normal(size=(12, 30)),
        rng.normal(size=30),
    )
    ours = project_parameters(initial, client, server)
    assert ours.initial is not None
    reference = PCA(n_components=2).fit(server)
    signs = np.sign(np.sum(ours.server * reference.transform(server), axis=0))
    for mine, points in [(ours.server, server), (ours.client, client), (ours.initial, [initial])]:
        np.testing.assert_allclose(
            np.atleast_2d(mine) * signs, reference.transform(points), atol=1e-10
        )
    np.testing.assert_allclose(ours.explained, reference.explained_variance_ratio_)


@pytest.mark.parametrize("n_parameters", [2, 5, 12, 40, 400])
@pytest.mark.parametrize("weaker", [1.0, 1e-2, 1e-5, 1e-7])
def test_both_axes_are_exact_however_weak_the_second_is(rng, n_parameters, weaker):
    """Wide and narrow Gram matrices; where they lose too many digits, none is used."""
    axes = np.linalg.qr(rng.normal(size=(n_parameters, 2)))[0].T
    strengths = np.array([3.0, 3.0 * weaker])
    server = (np.linalg.qr(rng.normal(size=(12, 2)))[0] * strengths) @ axes
    client = server + rng.normal(size=2) @ axes
    ours = project_parameters(None, client, server)
    center = server.mean(axis=0)
    _, expected, rows = np.linalg.svd(server - center, full_matrices=False)
    signs = np.sign(rows[:2][np.arange(2), np.abs(rows[:2]).argmax(axis=1)])
    for mine, points in ((ours.server, server), (ours.client, client)):
        theirs = (points - center) @ rows[:2].T * signs
        np.testing.assert_allclose(mine, theirs, atol=1e-9)
    total = np.square(expected).sum()
    np.testing.assert_allclose(ours.explained, np.square(expected[:2]) / total, rtol=1e-9)


def test_signs_are_fixed(rng):
    server = rng.normal(size=(9, 5))
    one = project_parameters(None, server, server).server
    other = project_parameters(None, server[::-1], server[::-1]).server[::-1]
    np.testing.assert_allclose(one, other, atol=1e-12)


def test_published_projection_and_cosines(reader, published_answers):
    answers = published_answers["Client-0/weights"]
    weights = reader.weights("mnist", "Client-0")
    assert answers["layerNames"][:-1] == list(weights.layer_names)
    np.testing.assert_array_equal(weights.cosines, np.array(answers["cosines"]))
    for at in range(len(answers["layerNames"])):
        ours = project_parameters(weights.initial[at], weights.client[at], weights.server[at])
        server = np.array(answers["serverWeights"][at])
        signs = np.sign(np.sum(ours.server * server, axis=0))
        np.testing.assert_allclose(ours.server * signs, server, atol=1e-6)
        np.testing.assert_allclose(ours.client * signs, answers["clientWeights"][at], atol=1e-6)
        np.testing.assert_allclose(ours.initial * signs, answers["weight0"][at], atol=1e-6)
    # All 208 parameters of the first layer are recorded, so its cosine can be recomputed.
    first = update_cosines(weights.initial[0], weights.client[0], weights.server[0])
    np.testing.assert_allclose(first, answers["cosines"][0], atol=1e-6)


def test_missing_rounds_are_gaps(rng):
    server, client = rng.normal(size=(2, 6, 8))
    with_gaps = server.copy(), client.copy()
    with_gaps[0][2] = np.nan
    with_gaps[1][4] = np.nan
    ours = project_parameters(None, with_gaps[1], with_gaps[0])
    kept = [0, 1, 3, 4, 5]
    whole = project_parameters(None, client[kept], server[kept])
    np.testing.assert_allclose(ours.server[kept], whole.server)
    assert np.flatnonzero(np.isnan(ours.server[:, 0])).tolist() == [2]
    assert np.flatnonzero(np.isnan(ours.client[:, 0])).tolist() == [4]
    assert ours.initial is None


def test_one_round_shows_the_plane_of_its_three_points():
    initial, client, server = (
        np.array([0.0, 0, 0]),
        np.array([[3.0, 0, 0]]),
        np.array([[0, 4.0, 0]]),
    )
    ours = project_parameters(initial, client, server)
    assert ours.initial is not None
    points = np.stack([ours.initial, ours.client[0], ours.server[0]])
    sides = [np.linalg.norm(points[a] - points[b]) for a, b in [(0, 1), (0, 2), (1, 2)]]
    np.testing.assert_allclose(sides, [3, 4, 5])
    assert np.isnan(ours.explained).all()


def test_one_parameter_has_one_axis():
    server = np.array([[1.0], [2.0], [4.0]])
    ours = project_parameters(np.array([0.0]), server + 1, server)
    np.testing.assert_allclose(ours.server, (server - 7 / 3) * [1, 0], atol=1e-12)
    np.testing.assert_allclose(ours.explained, [1, 0])


def test_a_model_that_never_moves_stays_at_the_origin():
    still = np.full((4, 3), 0.1)
    ours = project_parameters(still[0], still, still)
    np.testing.assert_allclose(ours.server, 0, atol=1e-12)
    np.testing.assert_allclose(ours.client, 0, atol=1e-12)


def test_no_round_at_all():
    ours = project_parameters(None, np.empty((0, 4)), np.empty((0, 4)))
    assert ours.server.shape == ours.client.shape == (0, 2)
    gone = project_parameters(None, np.full((2, 4), np.nan), np.full((2, 4), np.nan))
    assert np.isnan(gone.server).all()


def test_update_cosines_by_hand():
    initial = np.zeros(2)
    server = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 1.0], [np.nan, np.nan], [2.0, 2.0]])
    client = np.array([[1.0, 1.0], [1.0, 3.0], [0.0, 0.0], [1.0, 2.0], [2.0, 2.0]])
    cosines = update_cosines(initial, client, server)
    # The server stands still in the third round, is missing in the fourth and before the fifth.
    np.testing.assert_allclose(cosines, [np.sqrt(0.5), 1.0, np.nan, np.nan, np.nan])
    assert np.isnan(update_cosines(None, client, server)[0])


def test_update_norms_by_hand():
    server = np.array([[3.0, 4.0], [3.0, 4.0], [np.nan, np.nan]])
    client = np.array([[1.0, 0.0], [3.0, 6.0], [1.0, 2.0]])
    norms = update_norms(np.zeros(2), client, server)
    np.testing.assert_allclose(norms, [[1, 2, np.sqrt(8)], [5, 0, np.nan], [3, 0, np.nan]])
    assert np.isnan(update_norms(None, client, server)[:, 0]).all()
    with pytest.raises(ValueError, match=r"client \(3, 2\), server \(2, 2\)"):
        update_norms(None, client, server[:2])


def test_leave_me_out_cosine_is_that_of_the_others_mean(rng):
    shares = np.array([0.2, 0.5, 0.9])
    updates = rng.normal(size=(3, 6))
    rests = rng.normal(size=(3, 6))
    server = shares[:, None] * updates + (1 - shares[:, None]) * rests
    norms = np.stack(
        [
            np.linalg.norm(updates, axis=1),
            np.linalg.norm(server, axis=1),
            np.sum(updates * server, axis=1),
        ]
    )[:, None, :]
    expected = [[cosine(a, b) for a, b in zip(updates, rests, strict=True)]]
    np.testing.assert_allclose(leave_me_out_cosine(norms, shares), expected)


def test_orthogonal_updates_of_equal_clients_have_cosine_0_without_oneself():
    n_clients = 4
    server = np.full(n_clients, 1 / n_clients)  # mean of unit updates along each axis
    plain = server[0] / np.linalg.norm(server)
    assert plain == pytest.approx(1 / np.sqrt(n_clients))
    norms = np.array([1.0, np.linalg.norm(server), server[0]])[:, None, None]
    assert leave_me_out_cosine(norms, np.array([1 / n_clients]))[0, 0] == pytest.approx(0, abs=1e-9)


def test_leave_me_out_cosine_is_unknown_without_the_client_or_without_others():
    norms = np.ones((3, 2, 3))
    norms[1, 0, :2] = 2  # recorded with an error: even so, alone there are no others
    shares = np.array([np.nan, 1.0, 0.0])
    cosines = leave_me_out_cosine(norms, shares)
    assert np.isnan(cosines[:, :2]).all()
    np.testing.assert_allclose(cosines[:, 2], 1.0)


def test_shapes_that_do_not_fit_are_told():
    with pytest.raises(ValueError, match=r"client \(3, 2\), server \(4, 2\)"):
        project_parameters(None, np.ones((3, 2)), np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"initial has shape \(3,\)"):
        update_cosines(np.ones(3), np.ones((4, 2)), np.ones((4, 2)))
    with pytest.raises(ValueError, match=r"norms has shape \(2, 1, 4\)"):
        leave_me_out_cosine(np.ones((2, 1, 4)), np.ones(4))
    with pytest.raises(ValueError, match="shares must be from 0 to 1"):
        leave_me_out_cosine(np.ones((3, 1, 1)), np.array([1.5]))
