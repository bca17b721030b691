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
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.process import BaseProcess

from threadpoolctl import threadpool_limits

from flhetero_dash.jobs.interface import Answer, Jobs, JobsStoppedError, Parameters

LOGGER = logging.getLogger(__name__)


class PoolJobs(Jobs):
    """A pool that is started by the first call, and replaced when one of its processes dies."""

    def __init__(self, n_processes: int) -> None:
        self.n_processes = n_processes
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._owner = 0
        self._stopped = False

    def run(
        self,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Run it in a pool process."""
        call = partial(function, *args, **kwargs)
        pool, future = self._submit(call)
        try:
            return _result(future)
        except BrokenProcessPool:
            if not self._stopped:
                LOGGER.warning("a pool process died during %s; trying once more", function)
            self._discard(pool)
            return _result(self._submit(call)[1])

    def n_at_once(self) -> int:
        """Count the pool's processes."""
        return self.n_processes

    def stop(self) -> None:
        """End the pool; what runs in it is given up."""
        with self._lock:
            pool, self._pool, self._stopped = self._pool, None, True
        if pool is not None:
            # Python 3.14 has terminate_workers(); before, only the executor knows its processes.
            processes = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for process in processes:
                process.terminate()

    def _submit(self, call: Callable[[], Answer]) -> tuple[ProcessPoolExecutor, Future[Answer]]:
        pool = self._ready()
        try:
            return pool, pool.submit(_pinned, call)
        except BrokenProcessPool:  # its process died while it waited for work
            self._discard(pool)
            pool = self._ready()
            return pool, pool.submit(_pinned, call)

    def _discard(self, broken: ProcessPoolExecutor) -> None:
        # Every caller of a broken pool comes here; the first one's successor must stay.
        with self._lock:
            if self._pool is broken:
                self._pool = None
        broken.shutdown(wait=False, cancel_futures=True)

    def _ready(self) -> ProcessPoolExecutor:
        # A server may fork its workers after loading the app; they must not share one pool.
        with self._lock:
            if self._stopped:
                raise JobsStoppedError("the pool was stopped")
            if self._pool is None or self._owner != os.getpid():
                self._owner = os.getpid()
                self._pool = ProcessPoolExecutor(
                    self.n_processes,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_end_with_parent,
                )
            return self._pool


def _result(future: Future[Answer]) -> Answer:
    try:
        return future.result()
    except CancelledError:
        raise JobsStoppedError("the pool was stopped") from None


def _pinned(call: Callable[[], Answer]) -> Answer:
    # Many small products are slower on several threads (0.30 s against 0.72 s measured).
    with threadpool_limits(1):
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
