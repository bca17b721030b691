"""Answers under way: who asks for one waits for it, is told how far it is, or lets it go.

One computation serves all who ask for the same answer, in whatever process of this machine. It
runs in a thread of its own, so that nobody who goes takes it away from the others.
"""

import hashlib
import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from flhetero_dash.jobs.interface import Answer
from flhetero_dash.jobs.progress import Told
from flhetero_dash.jobs.watch import BACKGROUND, JobCancelledError, Watch

JOB = re.compile(r"[0-9a-f]{32}")
# A browser has few connections and a server few threads: who asks for what takes longer is told
# so, and asks again.
PATIENCE_S = 0.7
BEAT_S = 0.5
# Who asks again finds an outcome that was not stored: an error, or an answer on a full disk.
KEPT_S = 5.0
LEFT_S = 24 * 3600  # what a killed server left is removed after that
_ASKER: ContextVar[str | None] = ContextVar("asker", default=None)


class StillComputingError(Exception):
    """The answer is not there yet; it is being computed, and whoever asks again may get it."""

    def __init__(self, job: str, told: Told | None) -> None:
        super().__init__(job)
        self.job, self.told = job, told or Told("Waiting for a free process")


def asked_by(page: str | None) -> None:
    """Note whose request the present thread answers; None: one who waits until the end."""
    _ASKER.set(page)


@contextmanager
def in_background() -> Iterator[None]:
    """Ask for answers that a person may cancel: nobody waits for them here."""
    token = _ASKER.set(BACKGROUND)
    try:
        yield
    finally:
        _ASKER.reset(token)


class Flights:
    """The computations of one cache folder; one for a process."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._flights: dict[str, tuple[Future[Any], float]] = {}
        self._owner = os.getpid()
        self._sweep()

    def answer(self, key: str, compute: Callable[[Watch], Answer]) -> Answer:
        """Return what the computation returns, or raise what it raises.

        Raises
        ------
        StillComputingError
            After a while, if a page of a browser asks: it is to ask again.
        JobCancelledError
            If who asks has cancelled it.
        """
        asker = _ASKER.get()
        name = asker or f"here-{os.getpid()}-{threading.get_ident()}"
        is_page = asker not in (None, BACKGROUND)
        job = hashlib.sha256(key.encode()).hexdigest()[:32]
        watch = Watch(self._folder / job)
        end = time.monotonic() + PATIENCE_S if is_page else None
        watch.wait_as(name)
        while True:
            future = self._joined(job, watch, compute)
            if not _is_done(future, watch, name, end):
                raise StillComputingError(job, watch.told())
            try:
                answer: Answer = future.result()
            except JobCancelledError:
                if watch.is_waiting(name):
                    continue  # somebody who waited before cancelled it, while we came
                raise
            except BaseException:
                watch.leave(name)
                raise
            watch.leave(name)
            return answer

    def cancel(self, job: str, page: str) -> bool:
        """Let a page go; end the computation if nobody else waits for it, and say if so."""
        return Watch(self._folder / job).cancel(page)

    def _joined(self, job: str, watch: Watch, compute: Callable[[Watch], Answer]) -> Future[Answer]:
        """Give the computation under way in this process, or start it."""
        now = time.monotonic()
        with self._lock:
            if self._owner != os.getpid():  # a server forks: threads stay with the parent
                self._owner, self._flights = os.getpid(), {}
            for old, (_, ended) in list(self._flights.items()):
                if now - ended > KEPT_S:
                    del self._flights[old]
            if job in self._flights:
                return self._flights[job][0]
            future: Future[Answer] = Future()
            self._flights[job] = future, float("inf")
            watch.begin()
        threading.Thread(
            target=self._fly, args=(job, watch, compute, future), daemon=True, name=f"job {job}"
        ).start()
        return future

    def _fly(
        self,
        job: str,
        watch: Watch,
        compute: Callable[[Watch], Answer],
        future: Future[Answer],
    ) -> None:
        try:
            answer = compute(watch)
        except BaseException as error:  # noqa: BLE001 - it belongs to those who wait
            self._end(job, watch, keep=not isinstance(error, JobCancelledError))
            future.set_exception(error)
        else:
            self._end(job, watch, keep=True)
            future.set_result(answer)

    def _end(self, job: str, watch: Watch, *, keep: bool) -> None:
        if keep:
            watch.finish()
        else:
            watch.clear()
        with self._lock:
            if keep:
                self._flights[job] = self._flights[job][0], time.monotonic()
            else:
                del self._flights[job]

    def _sweep(self) -> None:
        """Remove what was left by a server that was killed."""
        for folder in self._folder.glob("*"):
            try:
                is_old = time.time() - folder.stat().st_mtime > LEFT_S
            except FileNotFoundError:
                continue
            if is_old and JOB.fullmatch(folder.name):
                shutil.rmtree(folder, ignore_errors=True)


def _is_done(future: Future[Any], watch: Watch, name: str, end: float | None) -> bool:
    """Wait for an outcome, and go on saying so; False if the time is over first."""
    while True:
        left = BEAT_S if end is None else max(0.0, min(BEAT_S, end - time.monotonic()))
        if wait([future], left).done:
            return True
        if end is not None and time.monotonic() >= end:
            return False
        watch.still_waits(name)
