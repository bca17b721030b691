"""`report`: write what was found, with the team's notes, into one HTML file."""

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from flhetero_dash.annotations import NotesError
from flhetero_dash.blocks import atomic_file
from flhetero_dash.cache import tidy
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.report import report_page
from flhetero_dash.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]
DONE, FAILED, BAD_ARGUMENTS = 0, 1, 2
Say = Callable[..., None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--dataset", required=True, metavar="NAME")
    parser.add_argument("--client", metavar="NAME", help="default: all")
    parser.add_argument(
        "--round",
        type=int,
        metavar="NUMBER",
        help="from 1; default: the last one with recorded outputs",
    )
    parser.add_argument(
        "--with-records",
        action="store_true",
        help="show examples of the records; default: labels, counts and figures only",
    )
    parser.add_argument("--out", type=Path, required=True, metavar="FILE")


def run(args: argparse.Namespace, say: Say) -> int:
    """Write the file; what is wrong is said in a sentence, and no file is left half-written."""
    if args.out.is_dir():
        say(f"--out {args.out}: found a folder, expected the name of a file")
        return BAD_ARGUMENTS
    try:
        settings = Settings.load(ROOT)
        tidy(settings.cache_dir)
        queries = Queries.over(Sources(settings, JobsHere()))
        try:
            report = queries.report.report(args.dataset, args.client, args.round, args.with_records)
        finally:
            queries.notes.store.close()
    except (SettingsError, UnknownNameError) as error:
        say(f"{error}")
        return BAD_ARGUMENTS
    except (DataError, NotesError) as error:
        say(f"problem: {error}")
        return FAILED
    page = report_page(report, datetime.now(UTC), args.with_records).encode(errors="replace")
    try:
        with atomic_file(args.out) as stream:
            stream.write(page)
    except OSError as error:
        say(f"problem: {args.out}: cannot be written: {error.strerror}")
        return FAILED
    n_notes = len(report.strangers) + sum(len(one.notes) for one in report.clients)
    clients = "1 client" if len(report.clients) == 1 else f"{len(report.clients):,} clients"
    notes = "1 note" if n_notes == 1 else f"{n_notes:,} notes"
    say(f"{args.out}: {clients}, {notes}, {len(page) / 1e3:,.0f} kB")
    return DONE
