"""Long computations on Celery workers: the asker's side."""

import base64
import logging
import os
import threading
import time
import uuid
from collections.abc import Callable

from flhetero_dash.jobs.broker import COMMAND, Broker, n_at_once
from flhetero_dash.jobs.interface import (
    Answer,
    Jobs,
    JobsStoppedError,
    Parameters,
    WorkersError,
)
from flhetero_dash.jobs.marks import job_of
from flhetero_dash.jobs.watch import JobCancelledError, Watch

LOGGER = logging.getLogger(__name__)
LOOK_EVERY_S = 0.5
PATIENCE_S = 20.0  # with no worker at all: one that is started again needs some seconds


class WorkerJobs(Jobs):
    """Workers at a Redis server do what is marked as a job; their answers come back by Redis."""

    def __init__(self, redis_url: str, patience_s: float = PATIENCE_S) -> None:
        self._url = redis_url
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._broker: Broker | None = None
        self._owner = 0
        self._stopped = threading.Event()

    def watched(
        self,
        watch: Watch,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Ask the workers; `WorkersError` if there is none, or no Redis."""
        job = job_of(function)
        text = base64.b64encode(job.call(args, kwargs)).decode()
        broker, job_id = self._connected(), uuid.uuid4().hex
        with broker.in_words():
            self._require_workers(broker)
            try:
                broker.send(job_id, text)
                message = self._wait(broker, job_id, text, watch)
            except JobCancelledError:
                broker.cancel(job_id)
                raise
            finally:
                broker.give_up(job_id)
        answer: Answer = job.answered(message)
        return answer

    def n_at_once(self) -> int:
        """Count what all workers can do at one time; `WorkersError` if there is none."""
        broker = self._connected()
        with broker.in_words():
            self._require_workers(broker)
            return sum(map(n_at_once, broker.alive())) or 1

    def stop(self) -> None:
        """Let nobody wait any longer; the workers go on."""
        self._stopped.set()

    def _wait(self, broker: Broker, job_id: str, text: str, watch: Watch) -> bytes:
        seen = time.monotonic()
        while not self._stopped.is_set():
            message = broker.answer(job_id, LOOK_EVERY_S)
            if message is not None:
                return message
            self._look(broker, job_id, watch)
            if broker.alive():
                seen = time.monotonic()
            elif time.monotonic() - seen > self._patience_s:
                raise self._nobody(broker)
            if broker.is_lost(job_id):
                LOGGER.warning("the worker of job %s is gone; asking for it again", job_id)
                broker.send(job_id, text)
        raise JobsStoppedError("this program no longer waits for its workers")

    def _look(self, broker: Broker, job_id: str, watch: Watch) -> None:
        """Pass on how far the job is, and whether it is still wanted."""
        if watch.is_cancelled():
            raise JobCancelledError
        told = broker.told(job_id)
        if told is not None:
            watch.tell(told)

    def _require_workers(self, broker: Broker) -> None:
        """Wait a little for workers that are being started, so that no queue grows without them."""
        began = time.monotonic()
        while not broker.alive():
            if time.monotonic() - began > self._patience_s:
                raise self._nobody(broker)
            if self._stopped.wait(min(LOOK_EVERY_S, self._patience_s / 4)):
                raise JobsStoppedError("this program no longer waits for its workers")

    def _nobody(self, broker: Broker) -> WorkersError:
        return WorkersError(
            f"No worker answers at {broker} (setting REDIS_URL). Start one with `{COMMAND}`, "
            "with the same settings as here, or unset REDIS_URL to compute on this machine."
        )

    def _connected(self) -> Broker:
        # A server may fork its workers after loading the app; they must not share connections.
        with self._lock:
            if self._broker is None or self._owner != os.getpid():
                self._owner, self._broker = os.getpid(), Broker(self._url)
            return self._broker
