"""`demo`: small real federations, in each of which one client's records are unlike the others'."""

import argparse
import importlib
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flhetero_dash.blocks import exclusive, write_json
from flhetero_dash.data.catalog import dataset_entries
from flhetero_dash.data.errors import DataError
from flhetero_dash.settings import Settings, SettingsError
from preprocess.federation import Federation
from preprocess.heart import HeartConfig, heart_federation
from preprocess.typographic import TypographicConfig, typographic_federation

ROOT = Path(__file__).resolve().parents[1]
Say = Callable[..., None]


# Data set -> what makes its federation from a seed.
FEDERATIONS: dict[str, Callable[[int], Federation]] = {
    "typographic": lambda seed: typographic_federation(TypographicConfig(seed=seed)),
    "heart": lambda seed: heart_federation(HeartConfig(seed=seed)),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: the DATA_DIR in use")
    parser.add_argument(
        "--dataset",
        choices=FEDERATIONS,
        default=next(iter(FEDERATIONS)),
        help="typographic: digits (default); heart: patients of four hospitals",
    )
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
    data_dir.mkdir(parents=True, exist_ok=True)
    # Two runs into one folder: the second waits, and finds the work done.
    with exclusive(data_dir / ".demo.lock"):
        return _place(data_dir, args.dataset, args.seed, replace=args.force, say=say)


def _place(data_dir: Path, dataset: str, seed: int, *, replace: bool, say: Say) -> int:
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
        make_demo(partial, dataset, FEDERATIONS[dataset](seed), _Bar(say))
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
    federation: Federation,
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Train the federation and write samples and history under a data directory.

    Parameters
    ----------
    data_dir : Path
        Gets ``datasets/DATASET`` and ``history/DATASET``.
    dataset : str
        Name of the two folders.
    federation : Federation
        Who trains, and how; the same gives the same files.
    progress : callable
        Gets the pieces of work done and their number, after each.
    """
    training = importlib.import_module("preprocess.federated_averaging")  # imports torch
    demo_history = importlib.import_module("preprocess.demo_history")
    with training.pinned_threads():
        history = demo_history.DemoHistory(data_dir, dataset, federation)
        history.write(progress or _no_progress)
    write_json(data_dir / "datasets" / dataset / "planted.json", federation.planted)


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
