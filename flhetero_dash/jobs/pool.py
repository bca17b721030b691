"""Long computations in a bounded pool of processes of this machine.

Torch, scikit-learn and their threads live there, so that the web process stays small and
keeps answering. A pool process is never forked from the web process.
"""

import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import partial
from multiprocessing.process import BaseProcess

from threadpoolctl import threadpool_limits

from flhetero_dash.jobs.interface import (
    Answer,
    JobDiedError,
    Jobs,
    JobsStoppedError,
    Parameters,
)
from flhetero_dash.jobs.progress import Told
from flhetero_dash.jobs.watch import JobCancelledError, Watch

LOGGER = logging.getLogger(__name__)
LOOK_EVERY_S = 0.2  # for a computation that is cancelled


class PoolJobs(Jobs):
    """Processes that are started when they are needed, and replaced when they die."""

    def __init__(self, n_processes: int) -> None:
        self.n_processes = n_processes
        self._changed = threading.Condition()
        self._all: list[PoolProcess] = []
        self._free: list[PoolProcess] = []
        self._owner = 0
        self._stopped = False

    def watched(
        self,
        watch: Watch,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Run it in a pool process."""
        call = partial(_pinned, watch, partial(function, *args, **kwargs))
        process = self._taken(watch)
        watch.tell(Told("Computing" if process.is_started else "Starting a process"))
        try:
            try:
                return self._result(process, watch, call)
            except BrokenProcessPool:
                LOGGER.warning("a pool process died during %s; trying once more", function)
            try:
                return self._result(process, watch, call)
            except BrokenProcessPool:
                raise JobDiedError from None
        finally:
            self._give_back(process)

    def n_at_once(self) -> int:
        """Count the pool's processes."""
        return self.n_processes

    def stop(self) -> None:
        """End the pool; what runs in it is given up."""
        with self._changed:
            self._stopped = True
            processes, self._all, self._free = self._all, [], []
            self._changed.notify_all()
        for process in processes:
            process.end()

    def _result(self, process: "PoolProcess", watch: Watch, call: Callable[[], Answer]) -> Answer:
        try:
            future = process.submit(call)
            while not wait([future], LOOK_EVERY_S).done:
                if watch.is_cancelled():
                    process.end()
                    if not self._stopped:
                        process.start()  # so that the next one need not wait for it
                    raise JobCancelledError
            return future.result()
        except (BrokenProcessPool, CancelledError):
            if self._stopped:
                raise JobsStoppedError("the pool was stopped") from None
            process.end()
            raise

    def _taken(self, watch: Watch) -> "PoolProcess":
        """Wait for a free process; the one that was busy last has the most at hand."""
        with self._changed:
            while True:
                if self._stopped:
                    raise JobsStoppedError("the pool was stopped")
                # A server may fork its workers after loading the app; they must not share a pool.
                if self._owner != os.getpid():
                    self._owner = os.getpid()
                    self._all = [PoolProcess() for _ in range(self.n_processes)]
                    self._free = list(self._all)
                if self._free:
                    return self._free.pop()
                if watch.is_cancelled():
                    raise JobCancelledError
                self._changed.wait(LOOK_EVERY_S)

    def _give_back(self, process: "PoolProcess") -> None:
        with self._changed:
            if process in self._all:
                self._free.append(process)
                self._changed.notify()


class PoolProcess:
    """One process, started when it is needed: to end its work is to end it."""

    def __init__(self) -> None:
        self._executor: ProcessPoolExecutor | None = None

    @property
    def is_started(self) -> bool:
        """Whether it need not be started first, which takes some seconds."""
        return self._executor is not None

    def submit(self, call: Callable[[], Answer]) -> Future[Answer]:
        """Let it do something; a process that died while it waited for work is replaced."""
        with suppress(BrokenProcessPool):
            return self._ready().submit(call)
        self.end()
        return self._ready().submit(call)

    def start(self) -> None:
        """Start it before there is something to do."""
        self._ready().submit(os.getpid)

    def end(self) -> None:
        """End it now, whatever it does; the next `submit` starts another."""
        executor, self._executor = self._executor, None
        if executor is not None:
            # Python 3.14 has kill_workers(); before, only the executor knows its process.
            processes = list((executor._processes or {}).values())
            executor.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.kill()

    def _ready(self) -> ProcessPoolExecutor:
        if self._executor is None:
            self._executor = ProcessPoolExecutor(
                1,
                mp_context=multiprocessing.get_context("spawn"),
                initializer=_end_with_parent,
            )
        return self._executor


def _pinned(watch: Watch, call: Callable[[], Answer]) -> Answer:
    # Many small products are slower on several threads (0.30 s against 0.72 s measured).
    with threadpool_limits(1), watch.reported():
        return call()


def _end_with_parent() -> None:
    """End this pool process when the web process is gone, also when that was killed."""
    # Ctrl-C reaches all processes of a terminal; the parent decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_end, args=(parent,), daemon=True).start()


def _wait_and_end(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
