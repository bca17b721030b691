"""Trains a demo's federation and lets the recorder write everything that happens."""

import shutil
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

from flhetero_dash.analysis.networks import build
from flhetero_dash.arrays import FloatArray, SampleArray
from flhetero_dash.data.recorded import Records
from flhetero_dash.recorder.parameters import ParameterMap
from flhetero_dash.recorder.recorder import Recorder
from flhetero_dash.recorder.run import Run
from preprocess.federated_averaging import (
    LabelledSet,
    State,
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
    """One federation in training; `write` trains it and writes its samples and history."""

    def __init__(self, data_dir: Path, dataset: str, federation: Federation) -> None:
        self._federation, self._plan = federation, federation.plan
        self._network = partial(build, federation.network)
        self._initial = initial_state(self._network, self._plan.seed)
        self._train = _labelled(federation, heldout=False)
        self._heldout = _labelled(federation, heldout=True)
        layers = _layers(self._initial)
        sizes = ParameterMap.of(self._initial, layers).sizes
        self._run = Run(
            data_dir,
            dataset,
            tuple(own.name for own in federation.participants),
            federation.label_names,
            federation.kind,
            layers=layers,
            n_sampled=N_SAMPLED,
            n_sampled_layer=min(*sizes, N_SAMPLED),  # as many of each: the file has a plain array
            seed=self._plan.seed,
        )

    def write(self, progress: Progress) -> None:
        """Train everybody and write every file."""
        n_clients, pieces = len(self._train), 2 * len(self._train) + self._plan.n_rounds
        with Recorder(self._run, self._predict, role="coordinator") as recorder:
            recorder.samples(
                {
                    own.name: Records(
                        own.inputs, own.labels, np.where(own.heldout, "heldout", "train")
                    )
                    for own in self._federation.participants
                }
            )
            recorder.initial_model(self._initial)
            for position in range(n_clients):
                self._record_stand_alone(recorder, position)
                progress(2 * position + 2, pieces)
            rounds = federated_averaging(self._network, self._initial, self._train, self._plan)
            for finished in rounds:
                updates = zip(self._run.clients, finished.updates, finished.loss, strict=True)
                for client, update, loss in updates:
                    recorder.local_update(finished.index, client, update, loss=loss, weight=1)
                recorder.global_model(finished.index, finished.server)
                progress(2 * n_clients + finished.index + 1, pieces)
        shutil.rmtree(self._run.layout.recording)  # nobody resumes a demo: it is whole or absent

    def _record_stand_alone(self, recorder: Recorder, position: int) -> None:
        plan, seeds = self._plan, (self._plan.seed, self._plan.seed + SECOND_SEED)
        recorder.stand_alone(
            self._run.clients[position],
            *(
                stand_alone(
                    self._network,
                    initial_state(self._network, seed),
                    self._train[position],
                    self._heldout[position],
                    plan,
                    int(np.random.SeedSequence([seed, position]).generate_state(1)[0]),
                )
                for seed in seeds
            ),
        )

    def _predict(self, state: Mapping[str, Any], X: SampleArray) -> FloatArray:
        prepared = torch.from_numpy(self._federation.prepared(X))
        return probabilities(self._network, dict(state), prepared)


def _layers(state: State) -> dict[str, tuple[str, ...]]:
    """Group parameters by the first parts of their names: the network's own children."""
    names = dict.fromkeys(key.partition(".")[0] for key in state)
    return {name: tuple(key for key in state if key.partition(".")[0] == name) for name in names}


def _labelled(federation: Federation, *, heldout: bool) -> list[LabelledSet]:
    sets = []
    for own in federation.participants:
        chosen = own.heldout == heldout
        X = federation.prepared(own.inputs["local"][chosen])
        sets.append(LabelledSet.of(X, own.labels[chosen]))
    return sets
