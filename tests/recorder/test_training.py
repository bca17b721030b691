"""Stand-alone models: where they start, what they train on, when they stop."""

import numpy as np
import pytest
import torch
from torch import nn

from flhetero_dash.recorder import (
    Records,
    TrainingData,
    initial_state,
    predictor,
    train_standalone,
)


def network() -> nn.Module:
    return nn.Sequential(nn.Linear(2, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))


@pytest.fixture
def data(rng) -> TrainingData:
    """Two classes, left and right; those that are held out are no others."""
    X = rng.normal(size=(80, 2)).astype(np.float32)
    return TrainingData(X, (X[:, 0] > 0).astype(int), np.arange(80) % 4 == 0)


def accuracy(state, X, y):
    return float(np.mean(predictor(network)(state, X).argmax(axis=1) == y))


def test_a_client_alone_learns(data):
    first, second = train_standalone(network, data, steps=150)
    assert accuracy(first, data.X, data.y) > 0.9
    assert accuracy(second, data.X, data.y) > 0.9
    assert not torch.equal(first["0.weight"], second["0.weight"])


def test_the_same_seed_gives_the_same_model_and_leaves_other_random_numbers_alone(data):
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    (first,) = train_standalone(network, data, steps=10, seeds=(3,))
    (again,) = train_standalone(network, data, steps=10, seeds=(3,))
    assert torch.equal(torch.random.get_rng_state(), before)
    for key, values in first.items():
        torch.testing.assert_close(values, again[key], rtol=0, atol=0)


def test_the_first_model_starts_where_the_federation_does(data):
    def still(parameters):
        return torch.optim.SGD(parameters, lr=0.0)

    start = {key: values + 1 for key, values in initial_state(network, 7).items()}
    first, second = train_standalone(network, data, 3, optimizer_fn=still, initial=start)
    torch.testing.assert_close(first["0.weight"], start["0.weight"])
    torch.testing.assert_close(second["0.weight"], initial_state(network, 1)["0.weight"])
    (own,) = train_standalone(network, data, 3, seeds=(4,), optimizer_fn=still)
    torch.testing.assert_close(own["0.weight"], initial_state(network, 4)["0.weight"])


def test_the_best_state_on_heldout_records_is_kept():
    """All training records are of one class, so that training makes the held-out ones wrong."""
    X = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    y, heldout = np.ones(60, int), np.arange(60) < 20
    y[heldout] = (X[heldout, 0] > 0).astype(int)
    data = TrainingData(X, y, heldout)
    kept = [
        accuracy(
            train_standalone(network, data, steps, seeds=(1,), n_checks=steps)[0], X[:20], y[:20]
        )
        for steps in (1, 2, 4, 8, 16, 32, 64)
    ]
    assert kept == sorted(kept)  # more steps never give a worse one
    (last,) = train_standalone(network, data, 64, seeds=(1,), n_checks=1)
    assert accuracy(last, X[:20], y[:20]) < kept[-1]


def test_heldout_records_are_not_trained_on(data):
    changed = TrainingData(
        np.where(data.heldout[:, None], 99, data.X).astype(np.float32), data.y, data.heldout
    )
    (one,) = train_standalone(network, data, 20, seeds=(0,), n_checks=1)
    (other,) = train_standalone(network, changed, 20, seeds=(0,), n_checks=1)
    torch.testing.assert_close(one["3.weight"], other["3.weight"], rtol=0, atol=0)


def test_predictions_are_those_of_a_model_that_is_used_not_trained():
    state = initial_state(network, 0)
    state["1.running_mean"] += 3
    X = np.random.default_rng(0).normal(size=(700, 2))  # float64, and more than one batch
    found = predictor(network)(state, X)
    model = network().eval()
    model.load_state_dict(state)
    expected = torch.softmax(model(torch.as_tensor(X, dtype=torch.float32)), dim=1)
    np.testing.assert_allclose(found, expected.detach().numpy(), atol=1e-6)
    alone = predictor(network)(state, X[:1])
    np.testing.assert_allclose(alone, found[:1], atol=1e-6)  # whoever stands beside


def test_predictions_leave_the_random_numbers_of_the_training_alone():
    state = initial_state(network, 0)
    torch.manual_seed(5)
    before = torch.random.get_rng_state()
    predictor(network)(state, np.zeros((3, 2)))
    assert torch.equal(torch.random.get_rng_state(), before)


def test_data_of_recorded_inputs():
    records = Records(
        {"local": np.array([[0, 255], [51, 102]], np.uint8)},
        np.array([1, 0]),
        np.array(["heldout", "train"]),
    )
    data = TrainingData.of(records, lambda X: (X / 255).astype(np.float32))
    np.testing.assert_allclose(data.X, np.array([[0, 1], [0.2, 0.4]]), rtol=1e-6)
    X, y = data.train
    assert (X.shape, y.tolist()) == ((1, 2), [0])
    with pytest.raises(ValueError, match="records without ground_truth or split"):
        TrainingData.of(Records(records.inputs))


def test_what_cannot_be_trained_on_is_told(data):
    with pytest.raises(ValueError, match="0 of 80 records are held out; expected some, and not al"):
        TrainingData(data.X, data.y, np.zeros(80, bool))
    with pytest.raises(ValueError, match=r"y is \(3,\), expected \(80,\)"):
        TrainingData(data.X, data.y[:3], data.heldout)
    with pytest.raises(ValueError, match="steps 0, .* expected at least 1 of each"):
        train_standalone(network, data, 0)
