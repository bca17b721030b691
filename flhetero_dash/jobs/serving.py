"""Long computations on Celery workers: the worker's side."""

import base64
import logging
from typing import TYPE_CHECKING, Any

from threadpoolctl import threadpool_limits

from flhetero_dash.jobs.broker import TASK, Broker, Heartbeat
from flhetero_dash.jobs.interface import JobDiedError
from flhetero_dash.jobs.marks import answer_message, error_message, job_asked_for
from flhetero_dash.jobs.progress import telling
from flhetero_dash.jobs.watch import JobCancelledError
from flhetero_dash.settings import Settings

if TYPE_CHECKING:
    from celery import Celery

LOGGER = logging.getLogger(__name__)
MOST_STARTS = 2  # as the pool: a job that kills its process does not go on killing


class Serving:
    """One worker: what it does when it starts, gets a message, and ends.

    Its jobs see the settings given here, whatever a message says.
    """

    def __init__(self, settings: Settings) -> None:
        if settings.redis_url is None:
            raise ValueError("REDIS_URL is not set; expected the address of the Redis server")
        self._settings, self._url = settings, settings.redis_url
        self._broker = Broker(self._url)
        self._heartbeat: Heartbeat | None = None

    def app(self) -> "Celery":
        """Build the Celery application of this process."""
        from celery import signals  # noqa: PLC0415 - only in a worker

        app = self._broker.celery
        app.task(name=TASK)(self._perform)
        # Receivers are held weakly unless one says otherwise.
        signals.worker_ready.connect(self._begin, weak=False)
        signals.task_received.connect(self._note, weak=False)
        signals.worker_shutdown.connect(self._end, weak=False)
        return app

    def _perform(self, text: object) -> None:
        job_id = self._broker.celery.current_task.request.id
        # In a child of the worker, which must not share the connections of its parent.
        serve(self._settings, Broker(self._url), job_id, text)

    def _begin(self, sender: Any, **_: object) -> None:  # noqa: ANN401
        if self._heartbeat is None:  # it is ready again whenever it has found Redis again
            self._heartbeat = Heartbeat(self._broker, sender.hostname, sender.pool.num_processes)
            self._heartbeat.start()

    def _note(self, request: Any, **_: object) -> None:  # noqa: ANN401
        if self._heartbeat is not None:
            self._broker.take(request.id, self._heartbeat.name)

    def _end(self, **_: object) -> None:
        if self._heartbeat is not None:
            self._heartbeat.stop()


def serve(settings: Settings, broker: Broker, job_id: str, text: object) -> None:
    """Do one job and hand over its answer, unless it is done or nobody waits for it."""
    n_starts = broker.start(job_id)
    if not n_starts:
        return
    if n_starts > MOST_STARTS:
        answer = error_message(JobDiedError())
    else:
        try:
            with telling(lambda told: broker.tell(job_id, told)):
                answer = _done(settings, text)
        except JobCancelledError:  # in a worker without processes, which cannot be ended
            return
    broker.give(job_id, answer)


def _done(settings: Settings, text: object) -> bytes:
    try:
        job, arguments = job_asked_for(base64.b64decode(str(text), validate=True))
    except ValueError as error:
        LOGGER.warning("a message was refused: %s", error)
        return error_message(error)
    try:
        with threadpool_limits(1):  # as in the pool: several threads are slower here
            return answer_message(job.run(settings, arguments))
    except JobCancelledError:
        raise
    except Exception as error:  # noqa: BLE001 - what a job raises is its asker's
        if type(error) not in job.raises:
            LOGGER.warning("%s raised", job.name, exc_info=error)
        return error_message(error, job.raises)
