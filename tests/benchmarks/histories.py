"""Histories on disk in the published form, for the benchmarks that read files."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from flhetero_dash.analysis.comparison import inconsistent
from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.identity import SETTLED_S
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources, reader_of, results_of
from flhetero_dash.settings import Settings
from tests.benchmarks.inputs import Pictures, digits, inconsistent_rows
from tests.benchmarks.sizes import Sizes

DATASET, CLIENT = "digits", "Client-0"
PUBLISHED_HISTORY = Path(__file__).parents[1] / "data" / "published"


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that is removed in the end."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        yield Path(name)


def write_clients(
    data_dir: Path, sizes: Sizes, n: int, n_clients: int, m: int
) -> tuple[Path, Path]:
    """Write clients with n digits each, m of them inconsistent; give both folders."""
    home, history = data_dir / "datasets" / DATASET, data_dir / "history" / DATASET
    home.mkdir(parents=True)
    (history / "outputs").mkdir(parents=True)
    X, labels = digits(n, sizes.side)
    names = [f"Client-{number}" for number in range(n_clients)]
    np.savez_compressed(
        home / "samples.npz",
        client_names=np.array(names),
        sampling_types=np.array(["local"]),
        label_names=np.array([f"digit {label}" for label in range(10)]),
        type=np.array("image"),
        shape=np.array([1, sizes.side, sizes.side]),
        local=_ragged([np.roll(X, 7 * number, axis=0) for number in range(n_clients)]),
        ground_truth=_ragged([np.roll(labels, 7 * number) for number in range(n_clients)]),
    )
    _write_outputs(history, X, labels, m)
    return home, history


def write_weights(
    data_dir: Path, client: list[FloatArray], server: list[FloatArray], initial: list[FloatArray]
) -> Path:
    """Write a client's and the server's weights, (n_rounds, n) a layer, the last being All."""
    weights = data_dir / "history" / DATASET / "weights"
    weights.mkdir(parents=True)

    def write(name: str, vectors: list[FloatArray]) -> None:
        np.savez_compressed(
            weights / f"{name}.npz", layers=_ragged(list(vectors[:-1])), all=vectors[-1]
        )

    write("weights_0", [vector.astype(np.float32) for vector in initial])
    for owner, layers in ((CLIENT, client), ("Server", server)):
        for index in range(len(layers[0])):
            write(f"{owner}_r{index}", [layer[index].astype(np.float32) for layer in layers])
    return weights


def copy_datasets(data_dir: Path, n_datasets: int) -> None:
    """Put the published history into a folder, under many names."""
    for kind in ("datasets", "history"):
        (data_dir / kind).mkdir(parents=True)
        for number in range(n_datasets):
            target = data_dir / kind / ("mnist" if number == 0 else f"mnist-{number}")
            shutil.copytree(PUBLISHED_HISTORY / kind / "mnist", target)


def settle() -> None:
    """Wait until files are old enough to be remembered: these are of a training that is over."""
    time.sleep(SETTLED_S + 0.1)


def queries_over(data_dir: Path, cache_dir: Path) -> Queries:
    """Give queries of a process that was just started: what it needs it reads from files."""
    reader_of.cache_clear()
    results_of.cache_clear()
    return Queries.over(Sources(Settings(data_dir=data_dir, cache_dir=cache_dir), JobsHere()))


def _write_outputs(history: Path, X: Pictures, labels: IntArray, m: int) -> None:
    alone, federated = labels.copy(), labels.copy()
    rows = inconsistent_rows(X, labels, m, seed=0)
    federated[rows] = (labels[rows] + 1) % 10
    assert np.count_nonzero(inconsistent(alone, federated)) == m
    np.savez_compressed(history / "outputs" / f"{CLIENT}_local.npz", local=alone)
    np.savez_compressed(history / "outputs" / f"{CLIENT}_Server_r0.npz", local=federated)


def _ragged(parts: list[np.ndarray]) -> np.ndarray:
    """One object a client or layer, as the published system writes it."""
    array = np.empty(len(parts), dtype=object)
    for index, part in enumerate(parts):
        array[index] = part
    return array
