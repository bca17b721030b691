"""Trains a demo's federation and hands everything that happens to the writer."""

from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from flhetero_dash.analysis.networks import build
from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.layout import SERVER
from flhetero_dash.data.recorded import Answers, SampledParameters, Summary
from flhetero_dash.data.writer import (
    LOCAL,
    SECOND_LOCAL,
    HistoryWriter,
    client_update,
    global_model,
)
from preprocess.federated_averaging import (
    LabelledSet,
    Round,
    State,
    accuracy,
    federated_averaging,
    initial_state,
    probabilities,
    stand_alone,
)
from preprocess.federation import Federation

# Called after each finished piece of work with: pieces done, pieces in all.
Progress = Callable[[int, int], None]
N_SAMPLED = 1_000
SECOND_SEED = 1_000_003  # added to the seed of the second stand-alone models


class DemoHistory:
    """One federation in training; `write` trains it and writes its history."""

    def __init__(self, writer: HistoryWriter, federation: Federation) -> None:
        self._writer = writer
        self._plan = plan = federation.plan
        self._network = partial(build, federation.network)
        self._labels = [own.labels for own in federation.participants]
        self._inputs = [
            {key: torch.from_numpy(federation.prepared(X)) for key, X in own.inputs.items()}
            for own in federation.participants
        ]
        self._train = _labelled(federation, heldout=False)
        self._heldout = _labelled(federation, heldout=True)
        self._pooled = LabelledSet(
            torch.cat([part.X for part in self._heldout]),
            torch.cat([part.y for part in self._heldout]),
        )
        n_clients, n_rounds = len(self._labels), plan.n_rounds
        n_rows = len(writer.layer_names) + 1
        self._norms = np.zeros((n_clients, 3, n_rows, n_rounds))
        self._curves = np.zeros((3, n_clients, n_rounds))  # loss, val_acc, tot_acc
        self._counts = np.zeros((3, n_clients, n_rounds))  # inconsistent, negative, positive
        self._local: list[IntArray] = []  # stand-alone answers on local records

    def write(self, progress: Progress) -> None:
        """Train everybody and write every file of the history."""
        n_clients, n_rounds = len(self._labels), self._plan.n_rounds
        pieces = 2 * n_clients + n_rounds
        initial = initial_state(self._network, self._plan.seed)
        for position in range(n_clients):
            self._write_stand_alone(position, initial, LOCAL, self._plan.seed)
            progress(2 * position + 1, pieces)
            seed = self._plan.seed + SECOND_SEED
            other = initial_state(self._network, seed)
            self._write_stand_alone(position, other, SECOND_LOCAL, seed)
            progress(2 * position + 2, pieces)
        sampled = _sampled_positions(initial, self._plan.seed)
        self._writer.write_model_info()
        self._writer.write_initial_weights(_at(initial, sampled))
        before = initial
        rounds = federated_averaging(self._network, initial, self._train, self._plan)
        for finished in rounds:
            self._write_round(finished, before, sampled)
            before = finished.server
            progress(2 * n_clients + finished.index + 1, pieces)
        self._write_totals()

    def _write_stand_alone(self, position: int, initial: State, model: str, seed: int) -> None:
        client = self._writer.client_names[position]
        order_seed = int(np.random.SeedSequence([seed, position]).generate_state(1)[0])
        state = stand_alone(
            self._network,
            initial,
            self._train[position],
            self._heldout[position],
            self._plan,
            order_seed,
        )
        answers = self._answers(position, state)
        self._writer.write_outputs(client, model, answers)
        if model == LOCAL:
            self._local.append(answers.classes["local"])
            self._writer.write_checkpoint(client, None, state)

    def _write_round(self, finished: Round, before: State, sampled: tuple[IntArray, ...]) -> None:
        index = finished.index
        self._writer.write_checkpoint(SERVER, index, finished.server)
        self._writer.write_weights(SERVER, index, _at(finished.server, sampled))
        pooled = accuracy(self._network, finished.server, self._pooled)
        for position, (client, update) in enumerate(
            zip(self._writer.client_names, finished.updates, strict=True)
        ):
            answers = self._answers(position, finished.server)
            self._writer.write_outputs(client, global_model(index), answers)
            own = self._answers(position, update)
            self._writer.write_outputs(client, client_update(index), own)
            self._writer.write_weights(client, index, _at(update, sampled))
            self._norms[position, :, :, index] = update_norms(before, update, finished.server)
            self._curves[:, position, index] = (
                finished.loss[position],
                accuracy(self._network, finished.server, self._heldout[position]),
                pooled,
            )
            self._counts[:, position, index] = self._disagreements(position, answers)

    def _answers(self, position: int, state: State) -> Answers:
        scores = {
            key: probabilities(self._network, state, X) for key, X in self._inputs[position].items()
        }
        return Answers({key: values.argmax(axis=1) for key, values in scores.items()}, scores)

    def _disagreements(self, position: int, answers: Answers) -> tuple[int, int, int]:
        truth, local = self._labels[position], self._local[position]
        federated = answers.classes["local"]
        return (
            int(np.sum(local != federated)),
            int(np.sum((local == truth) & (federated != truth))),
            int(np.sum((local != truth) & (federated == truth))),
        )

    def _write_totals(self) -> None:
        names = self._writer.client_names
        with np.errstate(invalid="ignore"):  # a layer that did not move has no direction
            cosines = self._norms[:, 2] / (self._norms[:, 0] * self._norms[:, 1])
        by_client = dict(zip(names, range(len(names)), strict=True))
        self._writer.write_cosines({name: cosines[row] for name, row in by_client.items()})
        self._writer.write_norms({name: self._norms[row] for name, row in by_client.items()})
        n_rounds = self._plan.n_rounds
        share = np.full(n_rounds, 1 / len(names))  # the mean is a plain one
        self._writer.write_shares(dict.fromkeys(names, share))
        self._writer.write_validation(*self._curves)
        n_classes = len(self._writer.label_names)
        counts = [np.bincount(labels, minlength=n_classes) for labels in self._labels]
        inconsistent, negative, positive = self._counts
        self._writer.write_summary(
            Summary(inconsistent, negative, positive, cosines[:, -1], np.stack(counts))
        )
        everyone = {name: range(n_rounds) for name in names}
        self._writer.write_manifest("coordinator", "FedAvg", everyone)


def update_norms(before: State, update: State, server: State) -> FloatArray:
    """Compare a client's update with the server's change, from all parameters.

    Parameters
    ----------
    before, update, server : state dict
        The server before the round, the client after its training, the server after the round.

    Returns
    -------
    ndarray of shape (3, n_layers + 1)
        Norm of the update, norm of the server's change, their dot product; by layer, then All.
    """
    rows = []
    for start, own, after in zip(*map(_layers, (before, update, server)), strict=True):
        own_change, change = own - start, after - start
        # Not by `@`: what that adds up first depends on the number of BLAS threads.
        pairs = (own_change, own_change), (change, change), (own_change, change)
        rows.append([np.sum(left * right) for left, right in pairs])
    squares = np.array([*rows, np.sum(rows, axis=0)]).T
    squares[:2] = np.sqrt(squares[:2])
    return squares


def layer_names(state: State) -> tuple[str, ...]:
    """First parts of the keys, in order: the network's own children."""
    return tuple(dict.fromkeys(key.partition(".")[0] for key in state))


def _labelled(federation: Federation, *, heldout: bool) -> list[LabelledSet]:
    sets = []
    for own in federation.participants:
        chosen = own.heldout == heldout
        X = federation.prepared(own.inputs["local"][chosen])
        sets.append(LabelledSet.of(X, own.labels[chosen]))
    return sets


def _layers(state: State) -> list[FloatArray]:
    vectors = {
        name: [values for key, values in state.items() if key.partition(".")[0] == name]
        for name in layer_names(state)
    }
    return [
        torch.cat([values.reshape(-1) for values in parts]).numpy().astype(np.float64)
        for parts in vectors.values()
    ]


def _sampled_positions(state: State, seed: int) -> tuple[IntArray, ...]:
    """As many from each layer, so that the file holds a plain array; last those of All."""
    sizes = [len(vector) for vector in _layers(state)]
    rng = np.random.default_rng(seed)
    each = min(*sizes, N_SAMPLED)
    wanted = [(size, each) for size in sizes] + [(sum(sizes), min(sum(sizes), N_SAMPLED))]
    return tuple(np.sort(rng.choice(size, count, replace=False)) for size, count in wanted)


def _at(state: State, sampled: tuple[IntArray, ...]) -> SampledParameters:
    vectors = [vector.astype(np.float32) for vector in _layers(state)]
    layers = zip(vectors, sampled[:-1], strict=True)
    return SampledParameters(
        layers=tuple(vector[positions] for vector, positions in layers),
        total=np.concatenate(vectors)[sampled[-1]],
    )
