"""Long computations, in a bounded pool of processes of this machine.

Torch, scikit-learn and their threads live there, so that the web process stays small and
keeps answering. A pool process is never forked from the web process.
"""

import logging
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from multiprocessing.process import BaseProcess
from typing import ParamSpec, TypeVar

from threadpoolctl import threadpool_limits

LOGGER = logging.getLogger(__name__)
Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class Jobs:
    """Run functions elsewhere and wait for what they return; one pool for a web process.

    A function and its arguments must be importable and small: names, numbers, settings.
    Arrays are read by the pool process itself, through the shared ingested files.
    """

    def __init__(self, n_processes: int) -> None:
        self.n_processes = n_processes
        self._lock = threading.Lock()
        self._pool: ProcessPoolExecutor | None = None
        self._owner = 0

    def run(
        self,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Return what the function returns; raise what it raises.

        A pool whose process was killed (out of memory, say) is replaced and asked once more.
        """
        call = partial(function, *args, **kwargs)
        pool, future = self._submit(call)
        try:
            return future.result()
        except BrokenProcessPool:
            LOGGER.warning("a pool process died during %s; trying once more", function)
            self._discard(pool)
            return self._submit(call)[1].result()

    def start(
        self,
        function: Callable[Parameters, object],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> None:
        """Run a function elsewhere and do not wait; what it raises is lost."""
        self._submit(partial(function, *args, **kwargs))

    def stop(self) -> None:
        """End the pool; the next call starts another."""
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)

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
            if self._pool is None or self._owner != os.getpid():
                self._owner = os.getpid()
                self._pool = ProcessPoolExecutor(
                    self.n_processes,
                    mp_context=multiprocessing.get_context("spawn"),
                    initializer=_end_with_parent,
                )
            return self._pool


class JobsHere(Jobs):
    """The same interface, in this process: for a pool process itself and for commands."""

    def __init__(self) -> None:
        super().__init__(0)

    def run(
        self,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Call the function."""
        return function(*args, **kwargs)


def _pinned(call: Callable[[], Answer]) -> Answer:
    # Many small products are slower on several threads (0.30 s against 0.72 s measured).
    with threadpool_limits(1):
        return call()


def _end_with_parent() -> None:
    """End this pool process when the web process is gone, also when that was killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_wait_and_end, args=(parent,), daemon=True).start()


def _wait_and_end(parent: BaseProcess) -> None:
    parent.join()
    os._exit(1)
