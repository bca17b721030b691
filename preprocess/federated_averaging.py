"""FedAvg and stand-alone training of any network (imports torch)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from flhetero_dash.arrays import FloatArray, IntArray
from preprocess.federation import Plan

State = dict[str, torch.Tensor]
Network = Callable[[], nn.Module]  # makes one, with weights of its own


@dataclass(frozen=True)
class LabelledSet:
    """Inputs as the network takes them, n along the first axis, and class ids (n,)."""

    X: torch.Tensor
    y: torch.Tensor

    @classmethod
    def of(cls, X: FloatArray, labels: IntArray) -> "LabelledSet":
        """Take the prepared records of a client."""
        return cls(torch.from_numpy(X), torch.from_numpy(labels.astype(np.int64)))


@dataclass(frozen=True)
class Round:
    """One communication round.

    Attributes
    ----------
    index : int
        From 0.
    updates : tuple of state dict
        Each client's model after its local training.
    server : state dict
        Their mean.
    loss : ndarray of shape (n_clients,)
        Mean cross-entropy over each client's local training, in nats.
    """

    index: int
    updates: tuple[State, ...]
    server: State
    loss: FloatArray


@contextmanager
def pinned_threads(n_threads: int = 1) -> Iterator[None]:
    """Let torch use a fixed number of threads: sums, and so files, depend on it."""
    before = torch.get_num_threads()
    torch.set_num_threads(n_threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def initial_state(network: Network, seed: int) -> State:
    """Draw the weights that training starts from."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return _copy(network().state_dict())


def probabilities(network: Network, state: State, X: torch.Tensor) -> FloatArray:
    """Class probabilities (n, n_classes) of prepared inputs, in single precision."""
    model = network()
    model.load_state_dict(state)
    model.eval()
    with torch.no_grad():
        scores = torch.cat([model(X[at : at + 512]) for at in range(0, len(X), 512)])
    answer: FloatArray = torch.softmax(scores, dim=1).numpy()
    return answer


def accuracy(network: Network, state: State, data: LabelledSet) -> float:
    """Share of records that a model names rightly."""
    answers = probabilities(network, state, data.X).argmax(axis=1)
    return float(np.mean(answers == data.y.numpy()))


def federated_averaging(
    network: Network, initial: State, clients: Sequence[LabelledSet], plan: Plan
) -> Iterator[Round]:
    """Train round by round: everybody, the same number of steps, then the plain mean.

    McMahan et al. (2017), Communication-efficient learning of deep networks from decentralized
    data; as all clients train on as many records a round, all weigh the same.
    """
    server = initial
    for index in range(plan.n_rounds):
        updates, losses = [], []
        for position, data in enumerate(clients):
            order = torch.Generator().manual_seed(_order_seed(plan.seed, position, index))
            update, loss = _trained(network, server, data, plan, index, order)
            updates.append(update)
            losses.append(loss)
        server = {
            key: torch.stack([update[key] for update in updates]).mean(dim=0) for key in server
        }
        yield Round(index, tuple(updates), server, np.array(losses))


def stand_alone(
    network: Network,
    initial: State,
    train: LabelledSet,
    heldout: LabelledSet,
    plan: Plan,
    order_seed: int,
) -> State:
    """Train alone, with the step budget of the federation; keep the best on held-out records."""
    order = torch.Generator().manual_seed(order_seed)
    state, best, best_accuracy = initial, initial, -1.0
    for index in range(plan.n_rounds):
        state, _ = _trained(network, state, train, plan, index, order)
        reached = accuracy(network, state, heldout)
        if reached >= best_accuracy:
            best, best_accuracy = state, reached
    return best


def _trained(
    network: Network,
    start: State,
    data: LabelledSet,
    plan: Plan,
    round_index: int,
    order: torch.Generator,
) -> tuple[State, float]:
    model = network()
    model.load_state_dict(start)
    rate = plan.learning_rate * plan.decay**round_index
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=plan.momentum)
    wanted = plan.local_steps * plan.batch_size
    n_passes = -(-wanted // len(data.y))
    passes = [torch.randperm(len(data.y), generator=order) for _ in range(n_passes)]
    losses = []
    for batch in torch.cat(passes)[:wanted].reshape(plan.local_steps, plan.batch_size):
        loss = nn.functional.cross_entropy(model(data.X[batch]), data.y[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    return _copy(model.state_dict()), float(np.mean(losses))


def _copy(state: State) -> State:
    return {key: values.detach().clone() for key, values in state.items()}


def _order_seed(seed: int, client: int, round_index: int) -> int:
    return int(np.random.SeedSequence([seed, client, round_index]).generate_state(1)[0])
