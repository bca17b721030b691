"""`python -m tests.benchmarks`: one table of all operations, on paper and as JSON."""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from threadpoolctl import threadpool_limits

from tests.benchmarks import report
from tests.benchmarks.measuring import ROOT, Bench, Floors, memory_of
from tests.benchmarks.operations import OPERATIONS, SUBJECTS
from tests.benchmarks.rows import Row, table, verdict
from tests.benchmarks.scaling import growth_table, growths
from tests.benchmarks.sizes import FULL, QUICK

OUT = ROOT / "build" / "bench.json"
SCALING = "scaling"


def main(arguments: Sequence[str]) -> int:
    """Measure and write; 0 also where targets are missed, because this is a report, no test."""
    given = _parsed(arguments)
    bench = Bench(QUICK if given.quick else FULL, given.quick)
    with threadpool_limits(1):
        if given.memory_of:
            work = SUBJECTS[given.memory_of](bench.sizes)
            sys.stdout.write(json.dumps(asdict(memory_of(work))))
            return 0
        started = time.monotonic()
        floors = Floors.measured(bench)
        machine = report.machine(floors)
        bench.say(machine)
        rows = _measured(bench, given.only)
        found = list(growths(bench)) if SCALING in given.only else []
    bench.say(
        f"{time.monotonic() - started:.0f} s in all, load at the end {os.getloadavg()[0]:.1f}"
    )
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n")
    parts = [machine, table(rows), verdict(rows)]
    if found:
        parts.append(growth_table(found))
    sys.stdout.write("\n\n".join(parts) + "\n")
    if given.write_docs:
        report.write(machine, rows, found)
    return 0


def _parsed(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    names = (*OPERATIONS, SCALING)
    parser.add_argument(
        "--only", nargs="+", choices=names, default=names, metavar="NAME", help=", ".join(names)
    )
    parser.add_argument("--quick", action="store_true", help="small sizes: only to see it run")
    parser.add_argument("--out", type=Path, default=OUT, help="default: build/bench.json")
    parser.add_argument(
        "--write-docs", action="store_true", help="put the tables into docs/performance.md"
    )
    parser.add_argument("--memory-of", choices=SUBJECTS, metavar="NAME", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.write_docs and (given.quick or tuple(given.only) != names):
        parser.error("--write-docs needs a whole run, neither --only nor --quick")
    return given


def _measured(bench: Bench, only: Sequence[str]) -> list[Row]:
    rows: list[Row] = []
    for name, operation in OPERATIONS.items():
        if name in only:
            started = time.monotonic()
            bench.say(f"{name} ...")
            rows += operation(bench)
            bench.say(f"{name}: {time.monotonic() - started:.0f} s")
    return rows


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
