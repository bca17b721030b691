"""Jobs that no query has, and the worker that knows them: `celery -A tests.jobs.odd_jobs`."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_info

from flhetero_dash.arrays import IntArray
from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import job, report
from flhetero_dash.jobs.serving import Serving
from flhetero_dash.selection import ClientRound
from flhetero_dash.settings import Settings


class GapError(Exception):
    pass


@dataclass(frozen=True)
class Sums:
    total: float
    parts: tuple[IntArray, ...]
    note: str | None


@job(GapError)
def sums(settings: Settings, chosen: ClientRound, records: IntArray, factor: float = 1.0) -> Sums:
    if chosen.client == "gap":
        raise GapError("nothing to sum")
    if chosen.client == "damaged":
        raise DataError("samples.npz: cut short")
    if chosen.client == "bug":
        raise ZeroDivisionError("division by zero")
    return Sums(float(records.sum() * factor), (records[:1], records[1:]), None)


@job()
def threads(settings: Settings) -> tuple[int, ...]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return tuple(library["num_threads"] for library in threadpool_info())


@job()
def die_once(settings: Settings, mark: str) -> str:
    if Path(mark).exists():
        return "done"
    Path(mark).touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


@job()
def die(settings: Settings) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@job()
def sleep_once(settings: Settings, mark: str) -> str:
    if not Path(mark).exists():
        Path(mark).touch()
        time.sleep(600)
    return "done"


@job()
def count(settings: Settings, mark: str) -> str:
    """Count to 4 once a second, but only the first time."""
    if Path(mark).exists():
        return "done"
    Path(mark).write_text(str(os.getpid()))
    for done in range(600):
        report("Counting", min(done, 3), 4)
        time.sleep(1)
    return "never"


def no_job(settings: Settings) -> str:
    return "never"


def __getattr__(name: str) -> object:
    """Build the worker's application only where Celery looks for it."""
    if name == "app":
        return Serving(Settings.load(Path(__file__).parents[2])).app()
    raise AttributeError(name)
