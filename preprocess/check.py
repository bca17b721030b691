"""`check`: say what is on disk for one client of a dataset, and what is wrong with it."""

import argparse
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.inventory import Inventory, take_inventory
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]
USABLE, UNUSABLE, BAD_ARGUMENTS = 0, 1, 2
Say = Callable[..., None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="a DATA_DIR")
    parser.add_argument("--dataset", required=True, metavar="NAME")
    parser.add_argument("--client", metavar="NAME", help="default: the first")


def run(args: argparse.Namespace, say: Say) -> int:
    """Look at the files; the last line is JSON, and is there only when they can be used."""
    if not args.data.is_dir():
        say(f"--data {args.data}: no such folder; expected one with datasets/ and history/")
        return BAD_ARGUMENTS
    try:
        with _settings(args.data.absolute()) as settings:
            found = take_inventory(HistoryReader(settings), args.dataset, args.client)
    except (SettingsError, UnknownNameError) as error:
        say(_one_line(f"{error}"))
        return BAD_ARGUMENTS
    except DataError as error:
        say(_one_line(f"problem: {error}"))
        return UNUSABLE
    return _report(found, say)


def _report(found: Inventory, say: Say) -> int:
    findings = found.findings
    for kind, notes in (
        ("there", findings.facts),
        ("warning", findings.warnings),
        ("problem", findings.problems),
    ):
        for note in notes:
            say(_one_line(f"{kind}: {note}"))
    say(found.verdict)
    if not found.usable:
        return UNUSABLE
    say(
        json.dumps(
            {
                "n": found.n_records,
                "d": found.n_features,
                "local_mean": found.local_mean,
                "inconsistent": found.inconsistent,
            },
            allow_nan=False,
        )
    )
    return USABLE


@contextmanager
def _settings(data_dir: Path) -> Iterator[Settings]:
    """Those in use, for this folder; what is unpacked never lands in the folder itself."""
    loaded = Settings.load(ROOT)
    temporary = Path(tempfile.mkdtemp(prefix="flhetero-check-"))
    try:
        # Settings of an empty folder: what the cache would be if nobody had chosen one.
        unchosen = Settings.load(temporary, {"FLHETERO_DATA_DIR": str(loaded.data_dir)}).cache_dir
        inside = loaded.cache_dir.resolve().is_relative_to(data_dir.resolve())
        chosen = loaded.cache_dir != unchosen and not inside
        same = loaded.data_dir.resolve() == data_dir.resolve()
        yield replace(
            loaded,
            data_dir=data_dir,
            cache_dir=loaded.cache_dir if chosen else temporary,
            # Folders of datasets that were named for another DATA_DIR are not this one's.
            data_home=loaded.data_home if same else None,
            history_dir=loaded.history_dir if same else None,
        )
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _one_line(text: str) -> str:
    """Keep control characters of names out of the terminal."""
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
