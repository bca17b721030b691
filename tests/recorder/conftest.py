"""A small federation of linear models, made by hand: no torch, no training."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.recorder import Recorder, RecordKind, Records, Run
from flhetero_dash.settings import Settings

CLIENTS = ("A", "B", "C")
N_FEATURES, N_CLASSES, N_RECORDS = 4, 3, 12


def predict(state: Mapping[str, Any], X: np.ndarray) -> np.ndarray:
    scores = X @ np.asarray(state["fc.weight"]).T + np.asarray(state["fc.bias"])
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def model(seed: int) -> dict[str, np.ndarray]:
    """Draw a linear model of two layers, of which the second does nothing."""
    rng = np.random.default_rng(seed)
    shapes = {
        "fc.weight": (N_CLASSES, N_FEATURES),
        "fc.bias": (N_CLASSES,),
        "idle.weight": (2, 3),
    }
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def inputs(client: str) -> Records:
    rng = np.random.default_rng(ord(client[0]))
    return Records(
        {"local": rng.normal(size=(N_RECORDS, N_FEATURES)), "systematic": rng.normal(size=(5, 4))},
        rng.integers(0, N_CLASSES, N_RECORDS),
        np.where(np.arange(N_RECORDS) % 3 == 0, "heldout", "train"),
    )


class Federation:
    """A run that is recorded call by call; model ``seed``s tell which is which."""

    def __init__(self, folder: Path, **options: Any) -> None:
        names = ("cat", "dog", "owl")
        kind = RecordKind("tabular", (N_FEATURES,))
        settings: dict[str, Any] = {"checkpoints": "none", "n_sampled": 6} | options
        self.run = Run(folder / "data", "d", CLIENTS, names, kind, **settings)
        self.folder = folder

    def recorder(self, **options: Any) -> Recorder:
        return Recorder(self.run, predict, **{"role": "coordinator", **options})

    def begin(self, recorder: Recorder, clients: tuple[str, ...] = CLIENTS) -> None:
        recorder.samples({client: inputs(client) for client in clients})
        recorder.initial_model(model(0))
        for client in clients:
            recorder.stand_alone(client, self.alone(client), self.alone(client, 1))

    def finish_round(
        self, recorder: Recorder, index: int, clients: tuple[str, ...] = CLIENTS
    ) -> None:
        for client in clients:
            recorder.local_update(
                index, client, self.update(client, index), loss=1.0 + index, weight=ord(client)
            )
        recorder.global_model(index, self.server(index))

    def alone(self, client: str, seed: int = 0) -> dict[str, np.ndarray]:
        return model(1_000 + 10 * ord(client[0]) + seed)

    def update(self, client: str, index: int) -> dict[str, np.ndarray]:
        return model(10_000 * (index + 1) + ord(client[0]))

    def server(self, index: int) -> dict[str, np.ndarray]:
        return model(0) if index < 0 else model(100 + index)

    def reader(self) -> Any:
        """Open the folder as the dashboard does; what is not there fails the test by itself."""
        return HistoryReader(
            Settings(data_dir=self.folder / "data", cache_dir=self.folder / "cache")
        )


@pytest.fixture
def federation(tmp_path: Path) -> Federation:
    return Federation(tmp_path)
