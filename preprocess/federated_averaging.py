"""FedAvg and stand-alone training of the demo's network (imports torch)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from flhetero_dash.analysis.networks import MnistNetwork
from flhetero_dash.arrays import FloatArray, IntArray
from preprocess.typographic import SIDE, Pictures

State = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Plan:
    """How long and how fast everybody trains, with stochastic gradient descent.

    `local_steps` batches a round; the learning rate of round r is
    ``learning_rate * decay ** r``.
    """

    n_rounds: int
    local_steps: int
    batch_size: int
    learning_rate: float
    decay: float
    momentum: float
    seed: int


@dataclass(frozen=True)
class LabelledSet:
    """Standardised pictures (n, 1, 28, 28) and class ids (n,)."""

    X: torch.Tensor
    y: torch.Tensor

    @classmethod
    def of(cls, pictures: Pictures, labels: IntArray) -> "LabelledSet":
        """Standardise the records of a client."""
        return cls(standardised(pictures), torch.from_numpy(labels.astype(np.int64)))


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


def initial_state(seed: int) -> State:
    """Draw the weights that training starts from."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return _copy(MnistNetwork().state_dict())


def standardised(pictures: Pictures) -> torch.Tensor:
    """Scale ink 0..255 to -1..1, as the default of the setting NORMALIZE does."""
    ink = torch.from_numpy(pictures.astype(np.float32)) / 255
    return ((ink - 0.5) / 0.5).reshape(-1, 1, SIDE, SIDE)


def probabilities(state: State, X: torch.Tensor) -> FloatArray:
    """Class probabilities (n, n_classes) of standardised pictures, in single precision."""
    network = MnistNetwork()
    network.load_state_dict(state)
    network.eval()
    with torch.no_grad():
        scores = torch.cat([network(X[at : at + 512]) for at in range(0, len(X), 512)])
    answer: FloatArray = torch.softmax(scores, dim=1).numpy()
    return answer


def accuracy(state: State, data: LabelledSet) -> float:
    """Share of records that a model names rightly."""
    return float(np.mean(probabilities(state, data.X).argmax(axis=1) == data.y.numpy()))


def federated_averaging(
    initial: State, clients: Sequence[LabelledSet], plan: Plan
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
            update, loss = _trained(server, data, plan, index, order)
            updates.append(update)
            losses.append(loss)
        server = {
            key: torch.stack([update[key] for update in updates]).mean(dim=0) for key in server
        }
        yield Round(index, tuple(updates), server, np.array(losses))


def stand_alone(
    initial: State, train: LabelledSet, heldout: LabelledSet, plan: Plan, order_seed: int
) -> State:
    """Train alone, with the step budget of the federation; keep the best on held-out records."""
    order = torch.Generator().manual_seed(order_seed)
    state, best, best_accuracy = initial, initial, -1.0
    for index in range(plan.n_rounds):
        state, _ = _trained(state, train, plan, index, order)
        reached = accuracy(state, heldout)
        if reached >= best_accuracy:
            best, best_accuracy = state, reached
    return best


def _trained(
    start: State, data: LabelledSet, plan: Plan, round_index: int, order: torch.Generator
) -> tuple[State, float]:
    network = MnistNetwork()
    network.load_state_dict(start)
    rate = plan.learning_rate * plan.decay**round_index
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=plan.momentum)
    wanted = plan.local_steps * plan.batch_size
    n_passes = -(-wanted // len(data.y))
    passes = [torch.randperm(len(data.y), generator=order) for _ in range(n_passes)]
    losses = []
    for batch in torch.cat(passes)[:wanted].reshape(plan.local_steps, plan.batch_size):
        loss = nn.functional.cross_entropy(network(data.X[batch]), data.y[batch])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    return _copy(network.state_dict()), float(np.mean(losses))


def _copy(state: State) -> State:
    return {key: values.detach().clone() for key, values in state.items()}


def _order_seed(seed: int, client: int, round_index: int) -> int:
    return int(np.random.SeedSequence([seed, client, round_index]).generate_state(1)[0])
