"""A small history that a test can alter before it is read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flhetero_dash.data import identity
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings

N_ROUNDS, N_RECORDS, N_FEATURES, N_CLASSES = 3, 6, 4, 3
CLIENTS = ("A", "B", "C")
LAYERS = ("Conv1", "FC1")


def ragged(parts: list[Any]) -> np.ndarray[Any, Any]:
    """One object a client, as the published system writes it."""
    array = np.empty(len(parts), dtype=object)
    for index, part in enumerate(parts):
        array[index] = part
    return array


class SmallHistory:
    """Three clients, three rounds, six records of four features each."""

    def __init__(self, folder: Path, clients: tuple[str, ...] = CLIENTS) -> None:
        self.folder = folder
        self.clients = clients
        self.home = folder / "data" / "datasets" / "small"
        self.history = folder / "data" / "history" / "small"
        rng = np.random.default_rng(7)
        n_clients = len(clients)
        self.samples: dict[str, Any] = {
            "client_names": np.array(clients),
            "sampling_types": np.array(["local", "stratified"]),
            "label_names": np.array(["cat", "dog", "owl"]),
            "type": np.array("tabular"),
            "shape": np.array([N_FEATURES]),
            "local": rng.normal(size=(n_clients, N_RECORDS, N_FEATURES)),
            "stratified": rng.normal(size=(n_clients, 2, N_FEATURES)),
            "ground_truth": rng.integers(0, N_CLASSES, (n_clients, N_RECORDS)),
            "train_size": np.full(n_clients, 4),
            "test_size": np.full(n_clients, 2),
        }
        self.validation: dict[str, Any] = {
            "client_names": np.array(clients),
            **{key: rng.uniform(size=(n_clients, N_ROUNDS)) for key in self.curves},
        }
        self.outputs: dict[str, Any] = {}
        self.weights: dict[str, Any] = {"weights_0": self.vectors(rng)}
        for client in clients:
            self.outputs[f"{client}_local"] = self.classes(rng)
            for index in range(N_ROUNDS):
                self.outputs[f"{client}_Server_r{index}"] = self.classes(rng)
                self.weights[f"{client}_r{index}"] = self.vectors(rng)
        for index in range(N_ROUNDS):
            self.weights[f"Server_r{index}"] = self.vectors(rng)

    curves = ("loss", "val_acc", "tot_acc")

    def classes(self, rng: np.random.Generator) -> dict[str, Any]:
        return {
            "local": rng.integers(0, N_CLASSES, N_RECORDS),
            "stratified": rng.integers(0, N_CLASSES, 2),
        }

    def vectors(self, rng: np.random.Generator) -> dict[str, Any]:
        return {
            "layers": ragged([rng.normal(size=5), rng.normal(size=7)]),
            "all": rng.normal(size=6),
        }

    def write(self) -> "SmallHistory":
        for folder in (self.home, self.history / "outputs", self.history / "weights"):
            folder.mkdir(parents=True, exist_ok=True)
        self.put(self.home / "samples.npz", self.samples)
        self.put(self.history / "validation.npz", self.validation)
        self.put(self.history / "model_info.npz", {"layer_names": np.array(LAYERS)})
        for name, arrays in self.outputs.items():
            self.put(self.history / "outputs" / f"{name}.npz", arrays)
        for name, arrays in self.weights.items():
            self.put(self.history / "weights" / f"{name}.npz", arrays)
        return self

    def put(self, path: Path, arrays: dict[str, Any]) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **arrays)
        return path

    @property
    def settings(self) -> Settings:
        return Settings(data_dir=self.folder / "data", cache_dir=self.folder / "cache")

    def reader(self) -> HistoryReader:
        """Write everything and open it anew."""
        self.write()
        return HistoryReader(self.settings)


@pytest.fixture
def small(tmp_path: Path) -> SmallHistory:
    return SmallHistory(tmp_path)


@pytest.fixture
def single(tmp_path: Path) -> SmallHistory:
    """One client alone, whose arrays may lack the client axis."""
    return SmallHistory(tmp_path, ("A",))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """No waiting for files that look as if they were being written."""
    monkeypatch.setattr(identity, "PATIENCE_S", 0.0)
    monkeypatch.setattr(identity, "PAUSE_S", 0.0)
