"""The published system's own files are read, and say what that system says of them."""

import numpy as np
import pytest

from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings


@pytest.fixture
def reader(published, tmp_path):
    return HistoryReader(Settings(data_dir=published, cache_dir=tmp_path / "cache"))


def test_everything_of_every_client_is_read(reader):
    federation = reader.federation("mnist")
    assert federation.n_rounds == 10
    assert federation.layer_names == ("Conv1", "Conv2", "FC1", "FC2")
    assert federation.samples.is_image
    for client in federation.samples.client_names:
        samples = reader.samples("mnist", client)
        assert samples.inputs["local"].dtype == np.uint8
        assert len(samples.ground_truth) == samples.n_records
        assert reader.local_outputs("mnist", client).classes.keys() == samples.inputs.keys()
        assert reader.weights("mnist", client).cosines_recorded
        assert reader.output_rounds("mnist", client) == tuple(range(10))
        assert reader.checkpoint("mnist", client, None) is not None


@pytest.mark.parametrize("round_index", [5, 9])
def test_consistency_is_that_of_the_published_system(reader, published_answers, round_index):
    labels = published_answers[f"Client-0/{round_index}"]["labels"]
    local = reader.local_outputs("mnist", "Client-0").classes["local"]
    federated = reader.global_outputs("mnist", "Client-0", round_index).classes["local"]
    assert (local == federated).tolist() == labels["consistencyLabel"]
    assert reader.samples("mnist", "Client-0").ground_truth.tolist() == labels["groundTruthLabel"]
    assert federated.tolist() == labels["outputLabel"]
    assert local.tolist() == labels["localOutputLabel"]


def test_cosines_are_those_of_the_published_system(reader, published_answers):
    expected = published_answers["Client-0/weights"]["cosines"]
    np.testing.assert_array_equal(reader.weights("mnist", "Client-0").cosines, expected)


def test_the_affinity_file_is_read(reader):
    products = reader.affinity("mnist", "Client-0", "local")
    assert products.shape == (500, 500)
    np.testing.assert_array_equal(products, products.T)
    # The ranks of one row, anew: with ties the two may differ by a place or two.
    X = reader.samples("mnist", "Client-0").inputs["local"].astype(float)
    distances = ((X[:, None, :] - X[None, :3, :]) ** 2).sum(axis=2)
    ranks = distances.argsort(axis=0, kind="stable").argsort(axis=0)
    own = ((X[:3, None, :] - X[None, :, :]) ** 2).sum(axis=2).argsort(axis=1, kind="stable")
    back = own.argsort(axis=1)
    np.testing.assert_allclose(products[0, 1], ranks[1, 0] * back[1, 0], rtol=0.05)
    assert reader.affinity("mnist", "Client-1", "local") is None
