"""Layers, sampled positions, norms and the gap of batch statistics."""

import numpy as np
import pytest
import torch

from flhetero_dash.recorder import parameters
from flhetero_dash.recorder.parameters import ParameterMap, array_of, batchnorm_gap


def normalised_network() -> torch.nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4))


def test_norms_come_from_all_parameters():
    zero = {"a.weight": torch.zeros(2, 2), "a.bias": torch.zeros(1), "b.weight": torch.zeros(2)}
    own = {
        "a.weight": torch.tensor([[3.0, 0.0], [0.0, 0.0]]),
        "a.bias": torch.tensor([4.0]),
        "b.weight": torch.tensor([0.0, 2.0]),
    }
    server = {
        "a.weight": torch.tensor([[1.0, 0.0], [0.0, 0.0]]),
        "a.bias": torch.tensor([0.0]),
        "b.weight": torch.tensor([0.0, 1.0]),
    }
    known = ParameterMap.of(zero)
    assert known.layer_names == ("a", "b")
    norms = known.norms(*(known.vector(state, "here") for state in (zero, own, server)))
    np.testing.assert_allclose(norms[:, 0], [5, 1, 3])
    np.testing.assert_allclose(norms[:, 1], [2, 1, 2])
    np.testing.assert_allclose(norms[:, 2], [np.sqrt(29), np.sqrt(2), 5])


def test_norms_are_the_same_in_pieces(rng, monkeypatch):
    states = [{"a.weight": rng.normal(size=(5, 7)), "b.weight": rng.normal(size=11)} for _ in "abc"]
    known = ParameterMap.of(states[0])
    vectors = [known.vector(state, "here") for state in states]
    whole = known.norms(*vectors)
    monkeypatch.setattr(parameters, "PIECE", 4)
    np.testing.assert_allclose(known.norms(*vectors), whole, rtol=1e-12)


def test_batch_statistics_are_no_parameters():
    state = normalised_network().state_dict()
    known = ParameterMap.of(state)
    assert known.layers == {"0": ("0.weight", "0.bias"), "1": ("1.weight", "1.bias")}
    assert known.normalised == ("1",)
    assert known.vector(state, "here").shape == (3 * 4 + 4 + 4 + 4,)
    moved = {**state, "1.running_mean": state["1.running_mean"] + 100}
    np.testing.assert_array_equal(known.vector(moved, ""), known.vector(state, ""))
    np.testing.assert_allclose(known.statistics(moved, ""), [100] * 4 + [1] * 4)


def test_the_gap_is_in_standard_deviations_of_the_server():
    server = np.array([0.0, 10.0, 4.0, 9.0])  # two means, two variances
    client = np.array([2.0, 10.0, 4.0, 36.0])  # the first mean by one deviation, then twice as wide
    assert batchnorm_gap(client, server) == pytest.approx((1 + 0 + 0 + 1) / 4)
    assert batchnorm_gap(server, server) == 0
    assert np.isnan(batchnorm_gap(np.zeros(0), np.zeros(0)))


def test_positions_depend_on_the_seed_alone(rng):
    known = ParameterMap.of({"a.weight": rng.normal(size=200), "b.weight": rng.normal(size=30)})
    first, again = known.positions(50, 100, seed=3), known.positions(50, 100, seed=3)
    assert [len(positions) for positions in first] == [50, 30, 100]
    for positions, others in zip(first, again, strict=True):
        np.testing.assert_array_equal(positions, others)
        assert len(set(positions.tolist())) == len(positions)
    assert not np.array_equal(first[0], known.positions(50, 100, seed=4)[0])
    assert max(first[2]) >= 200  # over all layers


def test_layers_may_be_given():
    state = {"a.weight": np.zeros(2), "a.bias": np.zeros(1), "b.weight": np.zeros(3)}
    known = ParameterMap.of(state, {"all": ("b.weight", "a.weight", "a.bias")})
    assert (known.layer_names, known.sizes) == (("all",), (6,))
    with pytest.raises(ValueError, match="layers name 'a.bias' 0 times; expected each trainable"):
        ParameterMap.of(state, {"all": ("b.weight", "a.weight")})
    with pytest.raises(ValueError, match="'c' 1 times, and it is no trainable parameter"):
        ParameterMap.of(state, {"all": ("b.weight", "a.weight", "a.bias", "c")})


def test_adapters_are_recorded_alone():
    state = {"base.weight": np.zeros(100), "base.lora": np.zeros(4)}
    known = ParameterMap.of(state, trainable=("base.lora",))
    assert known.sizes == (4,)
    assert known.vector({"base.lora": np.arange(4.0)}, "").tolist() == [0, 1, 2, 3]
    with pytest.raises(ValueError, match="trainable names 'lora'; the model has base.weight, base"):
        ParameterMap.of(state, trainable=("lora",))
    with pytest.raises(ValueError, match="no parameters to record; the model has count"):
        ParameterMap.of({"count": np.array(3)})


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_tensors_of_any_precision_are_taken(dtype):
    known = ParameterMap.of({"a": torch.zeros(2, dtype=dtype)})
    value = torch.tensor([1.5, -2.0], dtype=dtype, requires_grad=True)
    vector = known.vector({"a": value}, "here")
    assert vector.tolist() == [1.5, -2.0]
    assert vector.dtype == (np.float64 if dtype == torch.float64 else np.float32)
    assert array_of(value).shape == (2,)
