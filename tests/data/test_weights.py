"""Sampled parameters: forms, gaps, cosines, and what is refused."""

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError
from flhetero_dash.data.weights import sampled_cosines


def weights(history, client="A"):
    return history.reader().weights("small", client)


def refused(history):
    with pytest.raises(DataError) as caught:
        weights(history)
    return str(caught.value)


def cosine(a, b):
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_rounds_are_stacked_by_layer_and_all_comes_last(small):
    found = weights(small)
    assert found.layer_names == ("Conv1", "FC1")
    assert [array.shape for array in found.client] == [(3, 5), (3, 7), (3, 6)]
    np.testing.assert_array_equal(found.server[1][2], small.weights["Server_r2"]["layers"][1])
    np.testing.assert_array_equal(found.client[2][0], small.weights["A_r0"]["all"])
    np.testing.assert_array_equal(found.initial[0], small.weights["weights_0"]["layers"][0])
    assert (found.norms, found.shares, found.batchnorm) == (None, None, None)


def test_cosines_without_a_file_are_computed(small):
    found = weights(small)
    assert not found.cosines_recorded
    before = small.weights["Server_r1"]["all"]
    expected = cosine(
        small.weights["A_r2"]["all"] - before, small.weights["Server_r2"]["all"] - before
    )
    np.testing.assert_allclose(found.cosines[2, 2], expected)
    start = small.weights["weights_0"]["layers"][0]
    expected = cosine(
        small.weights["A_r0"]["layers"][0] - start, small.weights["Server_r0"]["layers"][0] - start
    )
    np.testing.assert_allclose(found.cosines[0, 0], expected)


def test_missing_rounds_are_gaps(small):
    del small.weights["A_r1"], small.weights["Server_r2"], small.weights["weights_0"]
    found = weights(small)
    assert found.initial is None
    assert np.isnan(found.client[0][1]).all()
    assert np.isnan(found.server[2][2]).all()
    assert np.isnan(found.cosines).all(axis=0).tolist() == [True, True, True]


def test_a_server_that_does_not_move_has_no_cosine():
    still = (np.zeros((2, 3)),)
    assert np.isnan(sampled_cosines((np.zeros(3),), (np.ones((2, 3)),), still)).all()


def test_no_weights_at_all(small):
    small.weights = {}
    assert weights(small) is None


def test_layers_of_equal_length_may_be_one_array(small):
    for name, arrays in small.weights.items():
        arrays["layers"] = np.arange(8.0).reshape(2, 4) + len(name)
    assert [array.shape for array in weights(small).client] == [(3, 4), (3, 4), (3, 6)]


def test_layers_of_equal_length_may_be_an_array_of_objects(small):
    for arrays in small.weights.values():
        arrays["layers"] = np.arange(8.0).reshape(2, 4).astype(object)
    assert weights(small).client[1].shape == (3, 4)


def test_without_model_info_layers_are_numbered(small):
    reader = small.reader()
    (small.history / "model_info.npz").unlink()
    assert reader.federation("small").layer_names == ()
    assert reader.weights("small", "A").layer_names == ("layer 1", "layer 2")


def test_recorded_cosines_are_used(small, rng):
    small.weights["cosines"] = {"A": rng.uniform(-1, 1, (3, 3)), "B": np.full((3, 3), 0.5)}
    small.weights["cosines"]["A"][0, 1] = np.nan
    found = weights(small)
    assert found.cosines_recorded
    np.testing.assert_array_equal(found.cosines, small.weights["cosines"]["A"])


def test_a_client_without_recorded_cosines_has_them_computed(small):
    small.weights["cosines"] = {"B": np.full((3, 3), 0.5)}
    assert not weights(small).cosines_recorded


@pytest.mark.parametrize("n_rows", [2, 3])
def test_the_single_clients_form_of_cosines(single, n_rows):
    single.weights["cosines"] = {"cosines": np.full((n_rows, 3), 0.25)}
    found = weights(single)
    assert found.cosines_recorded
    assert (found.cosines[:n_rows] == 0.25).all()
    assert np.isfinite(found.cosines).all()
    assert (found.cosines[2] == 0.25).all() == (n_rows == 3)


def test_what_our_writer_adds(small, rng):
    small.weights["norms"] = {"A": rng.uniform(size=(3, 3, 3))}
    small.weights["shares"] = {"A": np.array([0.2, np.nan, 0.5])}
    small.weights["batchnorm"] = {"A": np.ones(3)}
    found = weights(small)
    np.testing.assert_array_equal(found.norms, small.weights["norms"]["A"])
    np.testing.assert_array_equal(found.shares, [0.2, np.nan, 0.5])
    assert found.batchnorm.tolist() == [1, 1, 1]
    assert weights(small, "B").norms is None


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("A_r1", {"layers": np.zeros((3, 4))}, "expected a vector for each of 2 layers"),
        ("A_r1", {"layers": np.zeros((2, 4))}, "have (4, 4, 6) parameters; expected (5, 7, 6)"),
        ("A_r1", {"all": np.zeros(5)}, "have (5, 7, 5) parameters; expected (5, 7, 6)"),
        ("A_r1", {"all": np.full(6, np.nan)}, "'all' has 6 values of 6 that are not finite"),
        ("Server_r0", {"all": np.zeros((2, 3))}, "'all' has shape (2, 3); expected a vector"),
        ("weights_0", {"all": np.full(6, "x")}, "'all' holds <U1 values; expected numbers"),
        ("cosines", {"A": np.zeros((2, 3))}, "'A' has shape (2, 3); expected (3, 3)"),
        ("cosines", {"A": np.full((3, 3), 1.5)}, "'A' has 9 values out of range, 1.5 first"),
        ("cosines", {"A": np.full((3, 3), np.inf)}, "'A' has 9 values of 9 that are not finite"),
        ("norms", {"A": np.zeros((3, 3))}, "'A' has shape (3, 3); expected (3, 3, 3)"),
        ("shares", {"A": np.zeros(2)}, "'A' has shape (2,); expected (3,)"),
    ],
)
def test_what_cannot_be_used_is_told(small, name, changes, message):
    small.weights[name] = small.weights.get(name, {}) | changes
    found = refused(small)
    assert message in found
    assert f"{name}.npz" in found


def test_a_file_that_lacks_a_key_is_told(small):
    del small.weights["A_r0"]["all"]
    assert "A_r0.npz: lacks all; has layers" in refused(small)


def test_a_round_far_away_does_not_fill_the_memory(small):
    small.validation = {}
    far = {"layers": np.zeros((2, 1_000)), "all": np.zeros(18_000)}
    small.weights["Server_r9999"] = far
    for name in list(small.weights):
        small.weights[name] = far
    assert "10000 rounds of 20000 sampled parameters" in refused(small)


def test_layer_names_are_layers_alone(small):
    reader = small.reader()
    small.put(small.history / "model_info.npz", {"layer_names": np.array(["conv", "All"])})
    with pytest.raises(DataError, match=r"model_info\.npz: 'layer_names' has 'All'"):
        reader.layer_names("small")
