"""Entry point: `python -m preprocess COMMAND`."""

import argparse
import importlib
import sys
from collections.abc import Sequence

COMMANDS = {
    "affinity": "write the rank products of small data, as the published system reads them",
    "check": "say what is on disk for a dataset, and what is wrong with it",
    "demo": "train a small federation, on digits or patients, and write its history",
    "migrate": "prepare the database of the team's notes, or bring it to the newest form",
    "replay": "fill outputs that are missing, from checkpoints and the network",
    "report": "write what was found, with the team's notes, into one HTML file",
    "warm": "compute what the page shows for many clients and rounds, before anybody looks",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status is the program's (argparse ends with 2 itself)."""
    parser = argparse.ArgumentParser(prog="python -m preprocess", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    modules = {}
    for name, help_text in COMMANDS.items():
        # One file a command; each has add_arguments() and run().
        modules[name] = importlib.import_module(f"preprocess.{name}")
        modules[name].add_arguments(commands.add_parser(name, help=help_text))
    parsed = parser.parse_args(arguments)
    status: int = modules[parsed.command].run(parsed, say=print)
    return status


if __name__ == "__main__":
    sys.exit(main())
