"""The queries answer what the published system answers on the same files."""

from typing import Any

import numpy as np
import pytest

from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    OverviewChoice,
    ProjectionChoice,
    RecordChoice,
)

SINGLE = ClusterChoice(12, "single")  # the published linkage
FIRST = Focus()


@pytest.fixture(params=[5, 9])
def chosen(request) -> ClientRound:
    return ClientRound("mnist", "Client-0", request.param)


@pytest.fixture
def theirs(chosen, published_answers) -> dict[str, Any]:
    answers: dict[str, Any] = published_answers[f"Client-0/{chosen.round_index}"]
    return answers


def cosines_of_planes(a, b) -> np.ndarray:
    """Cosines of the principal angles between the spans of two pairs of columns."""
    left, right = np.linalg.qr(a)[0], np.linalg.qr(b)[0]
    return np.asarray(np.linalg.svd(left.T @ right, compute_uv=False))


def test_every_record_has_the_published_labels(queries, chosen, theirs):
    labels = theirs["labels"]
    names = queries.federation.federation("mnist").samples.label_names
    for record in range(0, 500, 50):
        one = queries.records.verified(chosen, SINGLE, FIRST, RecordChoice(record))
        assert one.truth == names[labels["groundTruthLabel"][record]]
        assert one.federated == names[labels["outputLabel"][record]]
        assert one.standalone == names[labels["localOutputLabel"][record]]


def test_the_overview_is_the_published_plane(queries, chosen, theirs):
    ours = queries.overview.overview(chosen, OverviewChoice(10.0)).coordinates
    projected = np.array(theirs["cpca_10"]["projectedData"])
    # Theirs are not centred, and each axis may point the other way.
    for axis in (0, 1):
        offsets = projected[:, axis] - projected[:, axis].mean()
        both = np.c_[ours[:, axis], offsets]
        assert abs(np.corrcoef(both.T)[0, 1]) == pytest.approx(1, abs=1e-6)
        np.testing.assert_allclose(ours[:, axis].std(), offsets.std(), rtol=1e-4)


def test_the_clusters_are_the_published_partition(queries, chosen, theirs):
    ours = queries.clusters.clusters(chosen, SINGLE).members
    published = [cluster["heteroIndex"] for cluster in theirs["cluster_12"]["clusterList"]]
    assert sorted(map(sorted, published)) == sorted(members.tolist() for members in ours)
    assert [len(members) for members in ours] == sorted(map(len, published), reverse=True)


def test_each_cluster_has_the_accuracies_of_the_published_labels(queries, chosen, theirs):
    labels = {name: np.array(values) for name, values in theirs["labels"].items()}
    for thumbnail in queries.clusters.thumbnails(chosen, SINGLE, OverviewChoice()):
        mine = {name: values[thumbnail.records] for name, values in labels.items()}
        right = mine["outputLabel"] == mine["groundTruthLabel"]
        assert thumbnail.federated_accuracy == pytest.approx(right.mean())
        right = mine["localOutputLabel"] == mine["groundTruthLabel"]
        assert thumbnail.standalone_accuracy == pytest.approx(right.mean())


def test_the_contrast_of_the_largest_cluster_is_the_published_one(queries, chosen, theirs):
    published = theirs["cpca_cluster"]
    ours = queries.contrast.contrast(chosen, SINGLE, FIRST, published["alpha"])
    directions = np.array([published["cPC1"], published["cPC2"]])
    np.testing.assert_allclose(cosines_of_planes(directions.T, ours.directions.T), 1, atol=1e-6)
    assert ours.n_selected == theirs["cluster_12"]["clusterList"][0]["heteroSize"]
    offsets = np.array(published["projectedData"])
    offsets -= offsets.mean(axis=0)
    centred = ours.coordinates - ours.coordinates.mean(axis=0)
    np.testing.assert_allclose(cosines_of_planes(offsets, centred), 1, atol=1e-6)


def test_the_way_through_the_training_is_the_published_one(queries, published_answers):
    published = published_answers["Client-0/weights"]
    for at, layer in enumerate(published["layerNames"]):
        choice = ProjectionChoice("" if layer == "All" else layer)
        ours = queries.learning.projection(ClientRound("mnist", "Client-0", 0), choice)
        agreement = queries.learning.agreement(ClientRound("mnist", "Client-0", 0), choice)
        cosines = agreement.cosines[agreement.layer]
        np.testing.assert_allclose(cosines, published["cosines"][at], atol=1e-12)
        for mine, key in ((ours.server, "serverWeights"), (ours.client, "clientWeights")):
            np.testing.assert_allclose(np.abs(mine), np.abs(published[key][at]), atol=1e-9)
