"""Training of the demo's federation."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from flhetero_dash.analysis.networks import HeartNetwork, MnistNetwork
from preprocess import federated_averaging as training
from preprocess.federated_averaging import (
    LabelledSet,
    accuracy,
    federated_averaging,
    initial_state,
    stand_alone,
)
from preprocess.federation import Plan
from preprocess.typographic import standardised

PLAN = Plan(
    n_rounds=2, local_steps=2, batch_size=8, learning_rate=0.05, decay=1.0, momentum=0.0, seed=0
)


@pytest.fixture
def clients(rng) -> list[LabelledSet]:
    return [
        LabelledSet.of(standardised(rng.integers(0, 256, (20, 784))), rng.integers(0, 10, 20))
        for _ in range(3)
    ]


def test_the_server_is_the_mean_of_the_updates(clients):
    start = initial_state(MnistNetwork, 0)
    for finished in federated_averaging(MnistNetwork, start, clients, PLAN):
        for key, values in finished.server.items():
            mean = sum(update[key] for update in finished.updates) / 3
            torch.testing.assert_close(values, mean)
        assert (finished.loss > 0).all()
    assert finished.index == 1


def test_the_initial_model_is_that_of_the_seed():
    torch.testing.assert_close(initial_state(MnistNetwork, 3), initial_state(MnistNetwork, 3))
    assert not torch.equal(
        initial_state(MnistNetwork, 3)["fc2.weight"], initial_state(MnistNetwork, 4)["fc2.weight"]
    )


def test_training_alone_learns_its_own_records(clients):
    data = clients[0]
    longer = replace(PLAN, n_rounds=30, local_steps=10)
    state = stand_alone(
        MnistNetwork, initial_state(MnistNetwork, 0), data, data, longer, order_seed=0
    )
    assert not torch.equal(state["fc2.weight"], initial_state(MnistNetwork, 0)["fc2.weight"])
    assert accuracy(MnistNetwork, state, data) > 0.9


def test_training_alone_keeps_the_best_on_heldout_records(clients, monkeypatch):
    train, heldout = clients[:2]
    reached = iter([0.1, 0.9, 0.5, 0.2])
    monkeypatch.setattr(training, "accuracy", lambda *_: next(reached))
    longer = replace(PLAN, n_rounds=4)
    best = stand_alone(
        MnistNetwork, initial_state(MnistNetwork, 0), train, heldout, longer, order_seed=0
    )
    monkeypatch.setattr(training, "accuracy", lambda *_: 0.5)  # the last of equals
    last_of_two = stand_alone(
        MnistNetwork, initial_state(MnistNetwork, 0), train, heldout, PLAN, order_seed=0
    )
    torch.testing.assert_close(best, last_of_two, rtol=0, atol=0)


def test_nobody_trains_on_the_records_of_another(clients):
    """A client's update depends on its own records and the server alone."""
    start = initial_state(MnistNetwork, 0)
    plan = replace(PLAN, n_rounds=1)
    (together,) = federated_averaging(MnistNetwork, start, clients, plan)
    (alone,) = federated_averaging(MnistNetwork, start, clients[:1], plan)
    torch.testing.assert_close(together.updates[0], alone.updates[0], rtol=0, atol=0)
    torch.testing.assert_close(alone.server, alone.updates[0])


def test_any_network_can_be_trained(rng):
    X = rng.normal(size=(40, 15)).astype(np.float32)
    data = LabelledSet.of(X, (X[:, 3] > 0).astype(np.int64))
    longer = replace(PLAN, n_rounds=30, local_steps=10)
    *_, last = federated_averaging(HeartNetwork, initial_state(HeartNetwork, 0), [data], longer)
    assert accuracy(HeartNetwork, last.server, data) > 0.9
