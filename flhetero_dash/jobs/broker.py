"""Redis between askers and workers: Celery's queue, who is alive, the state of each job, answers.

Everything in it is JSON or `.npy` blocks. Celery carries the questions; an answer is a list of
one entry, which its asker waits for, so that no asker ever polls and nothing is kept for long.
"""

import json
import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from flhetero_dash.jobs.interface import WorkersError
from flhetero_dash.jobs.progress import Told
from flhetero_dash.jobs.watch import JobCancelledError

if TYPE_CHECKING:
    from celery import Celery
    from redis import Redis

LOGGER = logging.getLogger(__name__)
QUEUE = TASK = "flhetero"
WORKERS = f"{QUEUE}:workers"  # sorted set: a worker's name, and when it was last seen
BEAT_S = 2.0
DEAD_AFTER_S = 12.0  # without a beat
KEPT_S = 2 * 3600  # state and answers: longer than Celery takes to give a lost message again
TIMEOUT_S = 5.0
COMMAND = "celery -A flhetero_dash.worker worker"


class Broker:
    """One connection pool to Redis; safe between threads."""

    def __init__(self, url: str) -> None:
        self._url = url

    def __str__(self) -> str:
        """Write the setting without its password."""
        parts = urlsplit(self._url)
        host = parts.netloc.rpartition("@")[2]
        hidden = "***@" if "@" in parts.netloc else ""
        return urlunsplit((parts.scheme, hidden + host, parts.path, "", ""))

    @cached_property
    def redis(self) -> "Redis":
        """Connect at the first use."""
        from redis import Redis  # noqa: PLC0415 - only with REDIS_URL

        return Redis.from_url(
            self._url, socket_timeout=2 * TIMEOUT_S, socket_connect_timeout=TIMEOUT_S
        )

    @cached_property
    def celery(self) -> "Celery":
        """Build Celery's application, the same for askers and workers."""
        from celery import Celery  # noqa: PLC0415 - only with REDIS_URL

        # Celery's library knows a socket file by another scheme.
        url = self._url
        if url.startswith("unix:"):
            url = "redis+socket:" + url.removeprefix("unix:")
        app = Celery("flhetero_dash", broker=url)
        app.conf.update(
            accept_content=["json"],
            task_serializer="json",
            task_default_queue=QUEUE,
            task_ignore_result=True,  # answers take their own way
            task_acks_late=True,  # a job whose worker died is given to another
            task_reject_on_worker_lost=True,
            task_publish_retry=False,
            worker_prefetch_multiplier=1,
            broker_connection_retry_on_startup=True,
        )
        return app

    @contextmanager
    def in_words(self) -> Iterator[None]:
        """Turn what Redis and Celery raise without a connection into words that help."""
        from kombu.exceptions import OperationalError  # noqa: PLC0415 - only with REDIS_URL
        from redis.exceptions import RedisError  # noqa: PLC0415

        try:
            yield
        except (RedisError, OperationalError) as error:
            raise WorkersError(
                f"Redis does not answer at {self} (setting REDIS_URL): {_reason(error)}. "
                "Start it, or unset REDIS_URL to compute on this machine."
            ) from None

    def alive(self) -> list[str]:
        """Name the workers that were seen lately."""
        newest = self._now()
        names: Any = self.redis.zrangebyscore(WORKERS, newest - DEAD_AFTER_S, "+inf")
        return [name.decode() for name in names]

    def beat(self, worker: str) -> None:
        """Say that a worker lives."""
        now = self._now()
        self.redis.zadd(WORKERS, {worker: now})
        self.redis.zremrangebyscore(WORKERS, "-inf", now - 10 * DEAD_AFTER_S)

    def leave(self, worker: str) -> None:
        """Say that a worker ends."""
        self.redis.zrem(WORKERS, worker)

    def send(self, job_id: str, text: str) -> None:
        """Put a job into the queue, also again when its worker died."""
        self.redis.hset(state_key(job_id), "sent", 1)
        self.redis.hdel(state_key(job_id), "worker")
        self.redis.expire(state_key(job_id), KEPT_S)
        self.celery.send_task(TASK, args=[text], task_id=job_id, expires=KEPT_S)

    def take(self, job_id: str, worker: str) -> None:
        """Note which worker has a job."""
        self.redis.hset(state_key(job_id), "worker", worker)
        self.redis.expire(state_key(job_id), KEPT_S)

    def start(self, job_id: str) -> int:
        """Count the starts of a job; 0: it is done, or nobody waits for it any more."""
        state: Any = self.redis.hgetall(state_key(job_id))
        if b"sent" not in state or b"done" in state:
            return 0
        return int(self.redis.hincrby(state_key(job_id), "starts", 1))

    def is_lost(self, job_id: str) -> bool:
        """Whether the worker that has a job is gone, or Redis forgot it."""
        state: Any = self.redis.hgetall(state_key(job_id))
        if b"sent" not in state:
            return True
        self.redis.expire(state_key(job_id), KEPT_S)
        return b"worker" in state and state[b"worker"].decode() not in self.alive()

    def give(self, job_id: str, answer: bytes) -> None:
        """Hand over an answer."""
        self.redis.hset(state_key(job_id), "done", 1)
        self.redis.rpush(answer_key(job_id), answer)
        for key in (state_key(job_id), answer_key(job_id)):
            self.redis.expire(key, KEPT_S)

    def tell(self, job_id: str, told: Told) -> None:
        """Say how far a job is; `JobCancelledError` if nobody waits for it any more."""
        if not self.redis.hexists(state_key(job_id), "sent"):
            raise JobCancelledError
        self.redis.hset(state_key(job_id), "told", json.dumps(asdict(told)))

    def told(self, job_id: str) -> Told | None:
        """Read how far a job is; None before it begins."""
        text: Any = self.redis.hget(state_key(job_id), "told")
        return None if text is None else Told(**json.loads(text))

    def cancel(self, job_id: str) -> None:
        """End a job: in the queue, or with the process that does it."""
        self.give_up(job_id)
        self.celery.control.revoke(job_id, terminate=True, signal="SIGKILL")

    def answer(self, job_id: str, timeout_s: float) -> bytes | None:
        """Wait for an answer."""
        found: Any = self.redis.blpop([answer_key(job_id)], timeout=timeout_s)
        return None if found is None else bytes(found[1])

    def give_up(self, job_id: str) -> None:
        """Forget a job that nobody waits for any more, so that no worker begins it."""
        self.redis.delete(state_key(job_id), answer_key(job_id))

    def _now(self) -> float:
        seconds, microseconds = self.redis.time()  # one clock for all hosts
        return float(seconds) + float(microseconds) / 1e6


class Heartbeat:
    """Says every few seconds that a worker lives, also while the worker computes."""

    def __init__(self, broker: Broker, host: str, n_at_once: int) -> None:
        # A worker that starts again under its old name has not the jobs of its former life.
        self.name = f"{host}/{uuid.uuid4().hex[:8]}/{n_at_once}"
        self._broker = broker
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._beat()
        self._thread.start()

    def stop(self) -> None:
        """End, and say so."""
        self._ended.set()
        self._thread.join(TIMEOUT_S)
        try:
            with self._broker.in_words():
                self._broker.leave(self.name)
        except WorkersError as error:
            LOGGER.warning("%s", error)

    def _go_on(self) -> None:
        while not self._ended.wait(BEAT_S):
            self._beat()

    def _beat(self) -> None:
        try:
            with self._broker.in_words():
                self._broker.beat(self.name)
        except WorkersError as error:
            LOGGER.warning("%s", error)


def n_at_once(worker: str) -> int:
    """Read from a worker's name how many jobs it does at one time."""
    number = worker.rpartition("/")[2]
    return int(number) if number.isdecimal() else 1


def state_key(job_id: str) -> str:
    """Name what is known of a job."""
    return f"{QUEUE}:job:{job_id}"


def answer_key(job_id: str) -> str:
    """Name the list that gets a job's answer."""
    return f"{QUEUE}:answer:{job_id}"


def _reason(error: Exception) -> str:
    words = " ".join(str(error).split()).rstrip(".")
    return words or type(error).__name__
