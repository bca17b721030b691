"""Histories that are unusual but right, each a dataset of one data folder."""

from pathlib import Path
from typing import Any

import numpy as np

N_RECORDS = 40


def write_history(
    data_dir: Path,
    name: str,
    *,
    n_inconsistent: int = 9,
    n_clients: int = 2,
    n_rounds: int = 3,
    shape: tuple[int, ...] = (1, 6, 6),
    kind: str = "image",
    missing_rounds: tuple[int, ...] = (),
    with_weights: bool = True,
    with_truth: bool = True,
    extra: dict[str, Any] | None = None,
) -> None:
    """Write a history whose last records are the inconsistent ones of every round."""
    rng = np.random.default_rng(3)
    home, history = data_dir / "datasets" / name, data_dir / "history" / name
    for folder in (home, history / "outputs", history / "weights"):
        folder.mkdir(parents=True)
    clients = [f"Hospital {letter}" for letter in "ABCDEFGH"[:n_clients]]
    n_features = int(np.prod(shape))
    X = rng.integers(0, 256, (n_clients, N_RECORDS, n_features)).astype(np.uint8)
    samples: dict[str, Any] = {
        "client_names": np.array(clients),
        "sampling_types": np.array(["local"]),
        "label_names": np.array(["no", "yes", "2", "10"]),
        "type": np.array(kind),
        "shape": np.array(shape),
        "local": X,
    }
    y_true = rng.integers(0, 4, (n_clients, N_RECORDS))
    if with_truth:
        samples["ground_truth"] = y_true
    np.savez_compressed(home / "samples.npz", **samples, **(extra or {}))
    curve = np.linspace(0.3, 0.8, n_rounds) * np.ones((n_clients, 1))
    np.savez_compressed(
        history / "validation.npz", client_names=np.array(clients), loss=2 - curve, val_acc=curve
    )
    np.savez_compressed(history / "model_info.npz", layer_names=np.array(["fc1"]))
    recorded = sorted(set(range(n_rounds)) - set(missing_rounds))
    for at, client in enumerate(clients):
        federated = y_true[at].copy()
        if n_inconsistent:
            federated[-n_inconsistent:] = (federated[-n_inconsistent:] + 1) % 4
        np.savez_compressed(history / "outputs" / f"{client}_local.npz", local=y_true[at])
        for index in recorded:
            path = history / "outputs" / f"{client}_Server_r{index}.npz"
            np.savez_compressed(path, local=federated)
    if with_weights:
        _write_weights(history / "weights", [*clients, "Server"], recorded, rng)


def _write_weights(
    folder: Path, owners: list[str], rounds: list[int], rng: np.random.Generator
) -> None:
    for owner in owners:
        for index in rounds:
            vector = rng.normal(size=8)
            np.savez_compressed(folder / f"{owner}_r{index}.npz", layers=vector[None], all=vector)


def write_all(data_dir: Path) -> None:
    """Write one dataset for each unusual case."""
    for name, count in (("none", 0), ("one", 1), ("two", 2), ("everything", N_RECORDS)):
        write_history(data_dir, name, n_inconsistent=count)
    write_history(data_dir, "one-client", n_clients=1)
    write_history(data_dir, "one-round", n_rounds=1)
    write_history(data_dir, "gaps", n_rounds=4, missing_rounds=(3,))
    write_history(data_dir, "bare", with_weights=False, with_truth=False)
    write_history(
        data_dir,
        "table",
        shape=(5,),
        kind="tabular",
        extra={"feature_names": np.array(["age", "<b>dose</b>", "sex", "pulse", "weight"])},
    )
