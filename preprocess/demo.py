"""`demo`: a small real federation, one of whose clients holds what the others never see."""

import argparse
import importlib
import shutil
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flhetero_dash.blocks import exclusive, write_json
from flhetero_dash.data.catalog import dataset_entries
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.recorded import RecordKind, Records
from flhetero_dash.data.writer import HistoryWriter
from flhetero_dash.settings import Settings, SettingsError
from preprocess.sampled_inputs import stratified_inputs, systematic_inputs
from preprocess.typographic import (
    N_CLASSES,
    ClientDigits,
    Pictures,
    Typeface,
    client_digits,
    handwritten_digits,
    split_over_clients,
)

ROOT = Path(__file__).resolve().parents[1]
DATASET = "typographic"
Say = Callable[..., None]


@dataclass(frozen=True)
class DemoConfig:
    """Sizes and pace of the demo.

    Attributes
    ----------
    handwritten : tuple of int
        Handwritten records of each client; their number is that of clients.
    typefaces : tuple of Typeface
        Printed records that the first client holds besides.
    skew : float
        Concentration of the clients' class mixes: large is nearly equal.
    heldout : float
        Share of each client's records that is never trained on.
    n_rounds, local_steps, batch_size, learning_rate, decay, momentum
        See `preprocess.federated_averaging.Plan`.
    n_strata, n_per_stratum, n_grid : int
        Parts along each axis and points from each stratum of the stratified inputs; points
        along each axis of the systematic ones.
    seed : int
        Of everything that is drawn.
    """

    handwritten: tuple[int, ...] = (800, 420, 410, 400, 400, 390, 380, 380, 370, 360, 350, 340)
    typefaces: tuple[Typeface, ...] = (
        Typeface("STIXGeneral.ttf", digit=7, count=24),
        Typeface("cmr10.ttf", digit=7, count=24),
        Typeface("cmr10.ttf", digit=9, count=30),
        Typeface("DejaVuSans-Bold.ttf", digit=4, count=22),
    )
    skew: float = 20.0
    heldout: float = 0.15
    n_rounds: int = 20
    local_steps: int = 20
    batch_size: int = 32
    learning_rate: float = 0.05
    decay: float = 0.94
    momentum: float = 0.5
    n_strata: int = 10
    n_per_stratum: int = 4
    n_grid: int = 20
    seed: int = 0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: the DATA_DIR in use")
    parser.add_argument("--dataset", choices=[DATASET], default=DATASET)
    parser.add_argument("--seed", type=int, default=0, help="another one draws other data")
    parser.add_argument(
        "--if-empty", action="store_true", help="only if the DATA_DIR in use has no data set yet"
    )
    parser.add_argument("--force", action="store_true", help="replace a data set of that name")


def run(args: argparse.Namespace, say: Say) -> int:
    """Make the demo where it is not there yet."""
    try:
        settings = Settings.load(ROOT)
        if args.if_empty and dataset_entries(settings):
            return 0
    except (SettingsError, DataError) as error:
        say(error)
        return 1
    data_dir = args.out or settings.data_dir
    config = DemoConfig(seed=args.seed)
    data_dir.mkdir(parents=True, exist_ok=True)
    # Two runs into one folder: the second waits, and finds the work done.
    with exclusive(data_dir / ".demo.lock"):
        return _place(data_dir, args.dataset, config, replace=args.force, say=say)


def _place(data_dir: Path, dataset: str, config: DemoConfig, *, replace: bool, say: Say) -> int:
    """Write the demo beside its place and move it there when it is whole."""
    folders = [data_dir / kind / dataset for kind in ("history", "datasets")]
    there = [folder for folder in folders if folder.exists()]
    if there and not replace:
        if there == folders:
            say(f"{dataset}: already in {data_dir}; --force makes it anew")
            return 0
        say(f"{there[0]} is there, but not the other half of {dataset}; --force replaces it")
        return 1
    partial = data_dir / ".demo-partial"
    shutil.rmtree(partial, ignore_errors=True)  # of a run that was killed
    started = time.monotonic()
    try:
        make_demo(partial, dataset, config, _Bar(say))
        for folder in folders:
            folder.parent.mkdir(exist_ok=True)
            if folder.exists():
                folder.rename(partial / f"old-{folder.parent.name}")
            (partial / folder.relative_to(data_dir)).rename(folder)
    except ModuleNotFoundError as error:
        say(f"{error}; 'pip install -r requirements-demo.txt' brings what the demo needs")
        return 1
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    say(f"{dataset}: written to {data_dir} in {time.monotonic() - started:.0f} s")
    return 0


def make_demo(
    data_dir: Path,
    dataset: str,
    config: DemoConfig,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Train the federation and write samples and history under a data directory.

    Parameters
    ----------
    data_dir : Path
        Gets ``datasets/DATASET`` and ``history/DATASET``.
    dataset : str
        Name of the two folders.
    config : DemoConfig
        What to make; the same gives the same files.
    progress : callable
        Gets the pieces of work done and their number, after each.
    """
    training = importlib.import_module("preprocess.federated_averaging")  # imports torch
    demo_history = importlib.import_module("preprocess.demo_history")
    digits, inputs = _clients(config)
    plan = training.Plan(
        config.n_rounds,
        config.local_steps,
        config.batch_size,
        config.learning_rate,
        config.decay,
        config.momentum,
        config.seed,
    )
    writer = HistoryWriter(
        home=data_dir / "datasets" / dataset,
        history=data_dir / "history" / dataset,
        client_names=tuple(f"Client-{number}" for number in range(len(digits))),
        layer_names=demo_history.layer_names(training.initial_state(config.seed)),
        label_names=tuple(f"digit {label}" for label in range(N_CLASSES)),
    )
    writer.write_samples(
        RecordKind("image", (1, 28, 28)),
        [
            Records(own, d.labels, np.where(d.heldout, "heldout", "train"))
            for d, own in zip(digits, inputs, strict=True)
        ],
    )
    write_json(writer.home / "planted.json", {writer.client_names[0]: _planted(digits[0])})
    with training.pinned_threads():
        demo_history.DemoHistory(writer, digits, inputs, plan).write(progress or _no_progress)


def _clients(config: DemoConfig) -> tuple[list[ClientDigits], list[Mapping[str, Pictures]]]:
    rng = np.random.default_rng(config.seed)
    pictures, labels = handwritten_digits()
    dealt = split_over_clients(labels, config.handwritten, config.skew, rng)
    digits = [
        client_digits(
            pictures[own], labels[own], config.typefaces if number == 0 else (), config.heldout, rng
        )
        for number, own in enumerate(dealt)
    ]
    inputs: list[Mapping[str, Pictures]] = [
        {
            "local": d.pictures,
            "stratified": stratified_inputs(d.pictures, config.n_strata, config.n_per_stratum, rng),
            "systematic": systematic_inputs(d.pictures, config.n_grid),
        }
        for d in digits
    ]
    return digits, inputs


def _planted(digits: ClientDigits) -> Mapping[str, object]:
    return {
        "kind": "typographic",
        "index": digits.printed.tolist(),
        "why": "digits drawn in a printed typeface, which no other client holds",
        "typeface": list(digits.typefaces),
    }


def _no_progress(_done: int, _total: int) -> None:
    pass


class _Bar:
    """Progress in one line that is rewritten on a terminal, and a line now and then elsewhere."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._started = time.monotonic()
        self._live = sys.stdout.isatty()

    def __call__(self, done: int, total: int) -> None:
        left = (time.monotonic() - self._started) / done * (total - done)
        filled = 30 * done // total
        line = f"demo [{'#' * filled}{'.' * (30 - filled)}] {done}/{total}, {left:.0f} s left"
        if self._live:
            self._say(f"\r{line} ", end="" if done < total else "\n", flush=True)
        elif done % 6 == 0 or done == total:
            self._say(line, flush=True)
