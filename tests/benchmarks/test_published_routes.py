"""The published routes give the published answers, so that no straw man is beaten."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flhetero_dash.analysis.convolutions import convolution_layers
from flhetero_dash.analysis.gradcam import grad_cam
from flhetero_dash.analysis.networks import MnistNetwork
from flhetero_dash.data.checkpoints import read_state_dict
from tests.benchmarks import published_clusters, published_contrast, published_views

CLIENT = "Client-0"
# The published program works in single precision, and writes six digits.
SINGLE = 2e-5


@pytest.fixture(params=[5, 9])
def round_index(request) -> int:
    return int(request.param)


@pytest.fixture
def theirs(round_index, published_answers) -> dict[str, Any]:
    answers: dict[str, Any] = published_answers[f"{CLIENT}/{round_index}"]
    return answers


@pytest.fixture
def home(published) -> Path:
    return Path(published / "datasets" / "mnist")


@pytest.fixture
def history(published) -> Path:
    return Path(published / "history" / "mnist")


@pytest.fixture
def records(home) -> np.ndarray:
    with np.load(home / "samples.npz", allow_pickle=True) as archive:  # our own file
        return np.asarray(archive["local"][0])


@pytest.fixture
def inconsistent(theirs) -> np.ndarray:
    return ~np.array(theirs["labels"]["consistencyLabel"])


def assert_is_plane(plane: published_contrast.Plane, published: dict[str, Any]) -> None:
    for axis, key in enumerate(("cPC1", "cPC2")):
        sign = np.sign(plane.directions[axis] @ published[key])
        np.testing.assert_allclose(sign * plane.directions[axis], published[key], atol=SINGLE)
        projected = np.array(published["projectedData"])[:, axis]
        np.testing.assert_allclose(sign * plane.projected[:, axis], projected, atol=0.5)


def test_the_plane_of_a_given_contrast(records, inconsistent, theirs):
    plane = published_contrast.one_alpha(records, records[inconsistent], 10.0, records)
    assert_is_plane(plane, theirs["cpca_10"])


def test_the_automatic_contrast_is_reached_by_some_seed(records, inconsistent, theirs):
    of_target, of_background = published_contrast.covariances(records, records[inconsistent])
    planes = [
        published_contrast.directions_of(of_target - np.float32(alpha) * of_background)
        for alpha in published_contrast.ALPHAS
    ]
    offsets = records - records.mean(axis=0)
    affinity = published_contrast.affinities(
        [np.linalg.qr(offsets @ plane.T)[0] for plane in planes]
    )
    chosen = {published_contrast.chosen_candidate(affinity, seed) for seed in range(20)}
    alphas = published_contrast.ALPHAS[list(chosen)]
    published = theirs["cpca_auto"]
    assert np.isclose(alphas, published["alpha"], rtol=1e-5).any()
    nearest = float(alphas[np.abs(alphas - published["alpha"]).argmin()])
    plane = published_contrast.one_alpha(records, records[inconsistent], nearest, records)
    assert_is_plane(plane, published)


def test_the_automatic_plane_is_that_of_its_contrast(records, inconsistent):
    few = records[:, 300:420]
    for solver in (np.linalg.eig, np.linalg.eigh):
        plane = published_contrast.automatic(few, few[inconsistent], few, seed=0, solver=solver)
        again = published_contrast.one_alpha(few, few[inconsistent], plane.alpha, few)
        cosines = np.linalg.svd(plane.directions @ again.directions.T, compute_uv=False)
        np.testing.assert_allclose(cosines, 1, atol=1e-5)


def test_the_contrast_of_a_cluster(records, inconsistent, theirs):
    selected = np.array(theirs["cluster_12"]["clusterList"][0]["heteroIndex"])
    in_target = ~inconsistent
    in_target[selected] = True
    published = theirs["cpca_cluster"]
    plane = published_contrast.one_alpha(
        records[in_target], records[selected], published["alpha"], records
    )
    assert_is_plane(plane, published)


@pytest.mark.parametrize(("key", "k"), [("cluster_12", 12), ("cluster_auto", None)])
def test_the_clusters(records, inconsistent, theirs, key, k):
    rows = np.flatnonzero(inconsistent)
    products = published_clusters.rank_products(records)[np.ix_(rows, rows)]
    labels = published_clusters.clusters(products, k)
    ours = sorted(rows[labels == label].tolist() for label in np.unique(labels))
    published = [cluster["heteroIndex"] for cluster in theirs[key]["clusterList"]]
    assert ours == sorted(map(sorted, published))


def test_the_paths_of_the_weights(history, published_answers):
    published = published_answers[f"{CLIENT}/weights"]
    client, server = published_views.read_weights(history / "weights", CLIENT, 10)
    with np.load(history / "weights" / "weights_0.npz", allow_pickle=True) as archive:
        initial = [*archive["layers"], archive["all"]]
    found = published_views.projected_weights(initial, client, server)
    for layer, (start, own, path) in enumerate(found):
        for mine, key in ((start, "weight0"), (own, "clientWeights"), (path, "serverWeights")):
            theirs = np.abs(np.array(published[key][layer]))
            np.testing.assert_allclose(np.abs(mine), theirs, atol=1e-6)


def test_a_click_on_a_record(home, history, round_index, theirs, records):
    labels = theirs["labels"]
    for record in (0, 77, 499):
        values, truth, federated, alone = published_views.clicked_record(
            home, history, CLIENT, round_index, record
        )
        assert (values == records[record]).all()
        assert truth == labels["groundTruthLabel"][record]
        assert federated == labels["outputLabel"][record]
        assert alone == labels["localOutputLabel"][record]


def test_a_click_on_an_attribute(home, history, round_index, inconsistent):
    consistent, others = published_views.clicked_attribute(home, history, CLIENT, round_index, 400)
    assert (consistent.sum(), others.sum()) == ((~inconsistent).sum(), inconsistent.sum())


def test_heat_maps_are_those_of_the_published_variant(history, records):
    model = MnistNetwork()
    path = history / "checkpoints" / CLIENT / f"{CLIENT}_Local_best.cp"
    model.load_state_dict(read_state_dict(path, 1 << 30))
    y = np.arange(6) % 10
    blocks = [layer.block for layer in convolution_layers(model)]
    theirs = published_views.grad_cam_loop(model, blocks, records[:6], (1, 28, 28), y)
    ours = grad_cam(model, records[:6], (1, 28, 28), y, "published").heatmaps
    np.testing.assert_allclose(ours, theirs, atol=1e-5)
