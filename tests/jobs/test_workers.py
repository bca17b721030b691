"""Long computations on real Celery workers, at a real Redis server."""

import base64
import logging
import os
import pickle
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import redis

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import (
    JobCancelledError,
    JobDiedError,
    JobsStoppedError,
    PoolJobs,
    RemoteError,
    Watch,
    WorkerJobs,
    WorkersError,
    broker,
    jobs_for,
)
from flhetero_dash.jobs.broker import Broker
from flhetero_dash.jobs.marks import SERIALIZER, error_message, job_of
from flhetero_dash.jobs.progress import Told
from flhetero_dash.jobs.serving import Serving, serve
from flhetero_dash.selection import ClientRound
from flhetero_dash.settings import Settings
from tests.conftest import kill_all_of, wait_until
from tests.jobs import odd_jobs

ODD = "tests.jobs.odd_jobs"
CHOSEN = ClientRound("mnist", "Client-0", 5)
PAGE = "1" * 32


@pytest.fixture
def settings(published, tmp_path):
    return Settings(published, tmp_path / "cache")


@pytest.fixture
def jobs(redis_url):
    made = WorkerJobs(redis_url)
    yield made
    made.stop()


def test_the_setting_chooses_the_back_end(published, tmp_path):
    here = jobs_for(Settings(published, tmp_path), 3)
    assert isinstance(here, PoolJobs)
    assert here.n_at_once() == 3
    there = jobs_for(Settings(published, tmp_path, redis_url="redis://a"), 3)
    assert isinstance(there, WorkerJobs)


@pytest.mark.parametrize("pool", ["prefork", "solo", "threads"])
def test_a_worker_answers_and_raises_as_this_process_would(start_worker, jobs, settings, pool):
    start_worker(ODD, f"--pool={pool}", "--concurrency=2")
    assert jobs.n_at_once() == (1 if pool == "solo" else 2)
    with ThreadPoolExecutor(4) as callers:  # as the threads of a web server
        futures = [
            callers.submit(jobs.run, odd_jobs.sums, settings, CHOSEN, np.arange(n), factor=2)
            for n in range(1, 9)
        ]
        assert [future.result().total for future in futures] == [n * (n - 1) for n in range(1, 9)]
    for client, error, words in (
        ("gap", odd_jobs.GapError, "nothing to sum"),
        ("damaged", DataError, r"samples\.npz: cut short"),
        ("bug", RemoteError, "ZeroDivisionError: division by zero"),
    ):
        with pytest.raises(error, match=words):
            jobs.run(odd_jobs.sums, settings, ClientRound("mnist", client, 0), np.arange(3))
    assert set(jobs.run(odd_jobs.threads, settings)) == {1}


def test_redis_may_listen_at_a_file(start_worker, redis_url, settings):
    path = redis.Redis.from_url(redis_url).config_get("unixsocket")["unixsocket"]
    start_worker(ODD, "--pool=solo")  # which listens at the port of the same server
    jobs = WorkerJobs(f"unix://{path}?db=0")
    assert set(jobs.run(odd_jobs.threads, settings)) == {1}


def test_a_job_whose_process_was_killed_is_started_again_once(
    start_worker, jobs, settings, tmp_path
):
    start_worker(ODD, "--pool=prefork", "--concurrency=1")
    assert jobs.run(odd_jobs.die_once, settings, str(tmp_path / "mark")) == "done"
    with pytest.raises(JobDiedError, match="ended twice from outside, probably because memory"):
        jobs.run(odd_jobs.die, settings)
    assert set(jobs.run(odd_jobs.threads, settings)) == {1}  # the worker lives on


def test_a_killed_worker_is_noticed_and_its_job_goes_to_another(
    start_worker, jobs, settings, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(broker, "DEAD_AFTER_S", 5.0)
    mark = tmp_path / "mark"
    with ThreadPoolExecutor(1) as callers:
        killed = start_worker(ODD, "--pool=solo")
        waiting = callers.submit(jobs.run, odd_jobs.sleep_once, settings, str(mark))
        wait_until(mark.exists)
        start_worker(ODD, "--pool=solo")
        kill_all_of(killed)
        with caplog.at_level(logging.WARNING):
            assert waiting.result(60) == "done"
    assert "is gone; asking for it again" in caplog.text


@pytest.mark.parametrize("pool", ["prefork", "solo"])
def test_a_job_tells_how_far_it_is_and_is_ended_when_nobody_waits(
    start_worker, jobs, settings, tmp_path, pool
):
    start_worker(ODD, f"--pool={pool}", "--concurrency=1")
    mark, watch = tmp_path / "mark", Watch(tmp_path / "jobs" / "one")
    watch.wait_as(PAGE)
    with ThreadPoolExecutor(1) as callers:
        asked = callers.submit(jobs.watched, watch, odd_jobs.count, settings, str(mark))
        wait_until(lambda: watch.told() == Told("Counting", 3, 4))
        assert watch.cancel(PAGE) is True
        with pytest.raises(JobCancelledError):
            asked.result(20)
    # Its process, or where there is none the job, is ended; the worker goes on with the next.
    assert jobs.run(odd_jobs.count, settings, str(mark)) == "done"
    assert (pool == "solo") == is_running(int(mark.read_text()))
    watch.begin()
    assert set(jobs.watched(watch, odd_jobs.threads, settings)) == {1}


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_cancelled_job_is_not_begun(redis_url, settings, tmp_path):
    Broker(redis_url).beat("deaf/worker/1")
    jobs, watch = WorkerJobs(redis_url), Watch(tmp_path / "one")
    watch.wait_as(PAGE)
    watch.cancel(PAGE)
    with pytest.raises(JobCancelledError):
        jobs.watched(watch, odd_jobs.threads, settings)
    assert Broker(redis_url).redis.keys("flhetero:job:*") == []


def test_no_worker_is_told_with_what_helps(redis_port, redis_url, settings):
    with_password = f"redis://:hidden@127.0.0.1:{redis_port}/0?a=hidden"
    assert "hidden" not in str(Broker(with_password))
    with pytest.raises(WorkersError) as told:
        WorkerJobs(redis_url, patience_s=0.2).run(odd_jobs.threads, settings)
    assert f"No worker answers at redis://127.0.0.1:{redis_port}/0" in str(told.value)
    assert "(setting REDIS_URL)" in str(told.value)
    assert "`celery -A flhetero_dash.worker worker`" in str(told.value)


def test_the_last_worker_that_goes_is_told(redis_url, settings, monkeypatch):
    monkeypatch.setattr(broker, "DEAD_AFTER_S", 1.0)
    Broker(redis_url).beat("was/here/1")
    with pytest.raises(WorkersError, match="No worker answers"):
        WorkerJobs(redis_url, patience_s=0.2).run(odd_jobs.threads, settings)


def test_no_redis_is_told_without_the_password(settings):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    jobs = WorkerJobs(f"redis://me:hidden@127.0.0.1:{port}/0")
    with pytest.raises(WorkersError) as told:
        jobs.run(odd_jobs.threads, settings)
    assert f"Redis does not answer at redis://***@127.0.0.1:{port}/0" in str(told.value)
    assert "hidden" not in str(told.value)
    assert "unset REDIS_URL" in str(told.value)


def test_who_waits_is_let_go_when_the_program_stops(redis_url, settings):
    Broker(redis_url).beat("deaf/worker/1")
    jobs = WorkerJobs(redis_url)
    threading.Timer(0.2, jobs.stop).start()
    with pytest.raises(JobsStoppedError):
        jobs.run(odd_jobs.threads, settings)


def test_a_job_that_nobody_waits_for_is_not_begun(redis_url, settings, tmp_path):
    line = Broker(redis_url)
    mark = tmp_path / "mark"
    message = job_of(odd_jobs.die_once).call((settings, str(mark)), {})
    serve(settings, line, "left", base64.b64encode(message).decode())
    assert not mark.exists()
    assert line.answer("left", 0.1) is None


def test_a_job_that_redis_forgot_is_asked_for_again(redis_url):
    line = Broker(redis_url)
    line.send("one", "text")
    assert not line.is_lost("one")  # it waits in the queue
    line.take("one", "gone/worker/1")
    assert line.is_lost("one")
    line.send("one", "text")
    assert not line.is_lost("one")
    line.redis.flushall()
    assert line.is_lost("one")


class Hostile:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_hostile_messages_run_nothing(start_worker, redis_url, jobs, settings, tmp_path):
    start_worker(ODD, "--pool=solo")
    line = Broker(redis_url)
    for name in ("os:system", f"{ODD}:no_job", "flhetero_dash.queries.gradcam:_loaded"):
        message = SERIALIZER.dumps({"job": name, "arguments": {"command": "false"}})
        line.send("hostile", base64.b64encode(message).decode())
        refused = line.answer("hostile", 30)
        assert refused == error_message(
            ValueError(f"{name} is no job; mark it with @job if it shall be one")
        )
        line.give_up("hostile")
    for text in ("no base64!", base64.b64encode(pickle.dumps(Hostile(tmp_path / "a"))).decode()):
        line.send("hostile", text)
        assert b"error" in (line.answer("hostile", 30) or b"")
        line.give_up("hostile")
    # Celery itself refuses a message that is a pickle, before anything reads it.
    line.celery.send_task(
        broker.TASK, args=[Hostile(tmp_path / "b")], task_id="pickled", serializer="pickle"
    )
    assert set(jobs.run(odd_jobs.threads, settings)) == {1}  # the worker took it, and lives
    assert not (tmp_path / "a").exists()
    assert not (tmp_path / "b").exists()


def test_a_worker_needs_the_setting(settings):
    with pytest.raises(ValueError, match="REDIS_URL is not set"):
        Serving(settings)
