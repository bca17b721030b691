"""Models of PyTorch for the recorder: predictions, and what a client learns alone.

torch is imported by the functions, so that who records other models needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from flhetero_dash.arrays import BoolArray, FloatArray, IntArray, SampleArray
from flhetero_dash.data.recorded import Records
from flhetero_dash.data.samples_keys import LOCAL
from flhetero_dash.recorder.answers import Predict
from flhetero_dash.recorder.inputs import HELD_OUT
from flhetero_dash.recorder.parameters import State, array_of

if TYPE_CHECKING:
    import torch
    from torch import nn

ModelFactory = Callable[[], "nn.Module"]
Prepare = Callable[[SampleArray], FloatArray]
AT_ONCE = 512


def _single_precision(X: SampleArray) -> FloatArray:
    return X.astype(np.float32)


@dataclass(frozen=True)
class TrainingData:
    """One client's records as its model takes them.

    Attributes
    ----------
    X : ndarray of shape (n, ...)
    y : ndarray of shape (n,)
        Class ids.
    heldout : ndarray of bool of shape (n,)
        Records that the client never trains on; at least one, and not all.
    """

    X: FloatArray
    y: IntArray
    heldout: BoolArray

    def __post_init__(self) -> None:
        for what, array in (("y", self.y), ("heldout", self.heldout)):
            if array.shape != (len(self.X),):
                raise ValueError(f"{what} is {array.shape}, expected ({len(self.X)},)")
        n_held = int(self.heldout.sum())
        if not 0 < n_held < len(self.X):
            raise ValueError(
                f"{n_held} of {len(self.X)} records are held out; expected some, and not all"
            )

    @classmethod
    def of(cls, records: Records, prepare: Prepare = _single_precision) -> TrainingData:
        """Take the records that are recorded of a client, with their classes and split."""
        if records.ground_truth is None or records.split is None:
            raise ValueError("records without ground_truth or split; expected both")
        X = prepare(records.inputs[LOCAL])
        return cls(X, records.ground_truth, records.split == HELD_OUT)

    @property
    def train(self) -> tuple[torch.Tensor, torch.Tensor]:
        """What the client trains on: inputs and class ids."""
        import torch

        own = ~self.heldout
        return torch.as_tensor(self.X[own]), torch.as_tensor(self.y[own].astype(np.int64))


def initial_state(model_fn: ModelFactory, seed: int) -> dict[str, torch.Tensor]:
    """Draw the weights that training starts from; the same for the same seed."""
    with _random_numbers(seed):
        return _copy(model_fn().state_dict())


def predictor(model_fn: ModelFactory, prepare: Prepare = _single_precision) -> Predict:
    """Make the function that the recorder asks: probabilities of a model's state on inputs.

    Parameters
    ----------
    model_fn : callable
        Makes a model that gives scores (n, n_classes), before softmax.
    prepare : callable
        Makes recorded inputs, shape (n, n_features), into those of the model. Default: the same
        numbers in single precision.
    """

    def predict(state: State, X: SampleArray) -> FloatArray:
        import torch

        with _random_numbers(0):
            model = model_fn()
        model.load_state_dict({key: torch.as_tensor(value) for key, value in state.items()})
        return _probabilities(model, torch.as_tensor(prepare(X)))

    return predict


def train_standalone(  # noqa: PLR0913 - how the federation trains
    model_fn: ModelFactory,
    data: TrainingData,
    steps: int,
    seeds: Sequence[int] = (0, 1),
    *,
    initial: State | None = None,
    optimizer_fn: Callable[[Iterator[Any]], torch.optim.Optimizer] | None = None,
    batch_size: int = 32,
    n_checks: int = 20,
) -> tuple[dict[str, torch.Tensor], ...]:
    """Train a client's model on its own records alone, once for each seed.

    Parameters
    ----------
    model_fn : callable
        Makes a model that gives scores (n, n_classes), before softmax.
    data : TrainingData
    steps : int
        Batches in all: as many as the client trains in the whole federation.
    seeds : sequence of int, default=(0, 1)
        Of the initial weights and of the order of the records. The difference of the first two
        models is the noise floor.
    initial : mapping of str to array, optional
        What the federation starts from: the first model starts there too. Default: drawn from the
        seed, as `initial_state` does.
    optimizer_fn : callable, optional
        Makes the optimizer of a model's parameters; it should be the federation's. Default:
        stochastic gradient descent, 0.05 with a momentum of 0.9.
    batch_size : int, default=32
    n_checks : int, default=20
        How often accuracy is looked at on the held-out records. The best state is kept, the
        latest of equals.

    Returns
    -------
    tuple of dict of str to torch.Tensor
        A state for each seed.

    Raises
    ------
    ValueError
        If there are no steps, checks or seeds.
    """
    if min(steps, n_checks, batch_size, len(seeds)) < 1:
        raise ValueError(
            f"steps {steps}, n_checks {n_checks}, batch_size {batch_size}, {len(seeds)} seeds; "
            "expected at least 1 of each"
        )
    import torch

    states: list[dict[str, torch.Tensor]] = []
    for seed in seeds:
        with _random_numbers(seed):
            model = model_fn()
            if initial is not None and not states:
                given = {key: torch.as_tensor(value) for key, value in initial.items()}
                model.load_state_dict(given)
            make = optimizer_fn or _default_optimizer
            trainer = _Trainer(model, make(model.parameters()), data, batch_size, seed)
            states.append(trainer.best(steps, n_checks))
    return tuple(states)


class _Trainer:
    """Trains one model, and keeps its best state."""

    def __init__(
        self,
        model: nn.Module,
        optimizer: torch.optim.Optimizer,
        data: TrainingData,
        batch_size: int,
        seed: int,
    ) -> None:
        import torch

        self._model, self._optimizer, self._batch_size = model, optimizer, batch_size
        self._X, self._y = data.train
        self._X_held = torch.as_tensor(data.X[data.heldout])
        self._y_held = data.y[data.heldout]
        self._order = torch.Generator().manual_seed(seed)
        self._left = self._y[:0]

    def best(self, steps: int, n_checks: int) -> dict[str, torch.Tensor]:
        """Train, and give the best state on the held-out records."""
        checks = set(np.linspace(0, steps, min(n_checks, steps) + 1).round()[1:].astype(int))
        state, reached = _copy(self._model.state_dict()), -1.0
        for step in range(1, steps + 1):
            self._step()
            if step in checks:
                answers = _probabilities(self._model, self._X_held).argmax(axis=1)
                accuracy = float(np.mean(answers == self._y_held))
                if accuracy >= reached:
                    state, reached = _copy(self._model.state_dict()), accuracy
        return state

    def _step(self) -> None:
        import torch

        self._model.train()
        while len(self._left) < self._batch_size:  # no small rest: batch statistics need several
            more = torch.randperm(len(self._y), generator=self._order)
            self._left = torch.cat([self._left, more])
        batch, self._left = self._left[: self._batch_size], self._left[self._batch_size :]
        loss = torch.nn.functional.cross_entropy(self._model(self._X[batch]), self._y[batch])
        self._optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        self._optimizer.step()


@contextmanager
def _random_numbers(seed: int) -> Iterator[None]:
    """Draw from this seed meanwhile: a training that is recorded stays what it would have been."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def _probabilities(model: nn.Module, X: torch.Tensor) -> FloatArray:
    import torch

    model.eval()  # batch statistics and dropout: as the model is used, not as it is trained
    with torch.no_grad():
        scores = torch.cat([model(X[at : at + AT_ONCE]) for at in range(0, len(X), AT_ONCE)])
    return array_of(torch.softmax(scores, dim=1))


def _default_optimizer(parameters: Iterator[Any]) -> torch.optim.Optimizer:
    import torch

    return torch.optim.SGD(parameters, lr=0.05, momentum=0.9)


def _copy(state: State) -> dict[str, torch.Tensor]:
    return {key: values.detach().clone() for key, values in state.items()}
