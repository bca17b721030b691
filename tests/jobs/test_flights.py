"""Answers under way: one computation for all who ask, told, cancelled, asked for again."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flhetero_dash.jobs import (
    Flights,
    JobCancelledError,
    PoolJobs,
    StillComputingError,
    asked_by,
    in_background,
    report,
)
from flhetero_dash.jobs import flights as flights_module
from flhetero_dash.jobs.progress import Told, telling
from flhetero_dash.jobs.watch import STALE_S, Watch
from tests.conftest import wait_until

ONE, TWO = "1" * 32, "2" * 32


@pytest.fixture
def flights(tmp_path, monkeypatch) -> Flights:
    monkeypatch.setattr(flights_module, "PATIENCE_S", 0.05)
    return Flights(tmp_path / "jobs")


class Held:
    """A computation that goes on until it is let go; it counts how often it was begun."""

    def __init__(self) -> None:
        self.n_begun = 0
        self.may_end = threading.Event()

    def __call__(self, watch: Watch) -> str:
        self.n_begun += 1
        watch.tell(Told("Counting", 3, 10))
        while not self.may_end.wait(0.01):
            if watch.is_cancelled():
                raise JobCancelledError
        return "done"


def ask(flights, compute, page=ONE, key="key"):
    """Ask once, as a request of a page."""
    asked_by(page)
    try:
        return flights.answer(key, compute)
    finally:
        asked_by(None)


def job_of(flights, compute, page=ONE) -> str:
    """Ask for what is not there yet, and give the name that its computation has."""
    with pytest.raises(StillComputingError) as still:
        ask(flights, compute, page)
    return still.value.job


def test_a_page_is_told_how_far_it_is_and_asks_again(flights, tmp_path):
    held = Held()
    with pytest.raises(StillComputingError) as still:
        ask(flights, held)
    assert still.value.told == Told("Counting", 3, 10)
    held.may_end.set()
    wait_until(lambda: not (tmp_path / "jobs" / still.value.job / "progress.json").exists())
    assert ask(flights, held) == "done"
    assert held.n_begun == 1
    assert list((tmp_path / "jobs").iterdir()) == []  # nothing is left


def test_of_an_outcome_nothing_is_left_even_if_no_page_asks_again(flights, tmp_path):
    # One that is told to ask again finds the answer stored, and asks for no computation.
    held = Held()
    job_of(flights, held)
    held.may_end.set()
    wait_until(lambda: not list((tmp_path / "jobs").iterdir()))


def test_who_is_no_page_waits_until_the_end(flights):
    held = Held()
    with ThreadPoolExecutor(2) as askers:
        both = [askers.submit(flights.answer, "key", held) for _ in range(2)]
        time.sleep(0.2)
        assert not any(one.done() for one in both)
        held.may_end.set()
        assert [one.result() for one in both] == ["done", "done"]
    assert held.n_begun == 1


def test_cancelled_it_ends_and_can_be_asked_for_again(flights, tmp_path):
    held = Held()
    job = job_of(flights, held)
    assert flights.cancel(job, ONE) is True
    wait_until(lambda: not (tmp_path / "jobs" / job).exists())
    assert job_of(flights, held) == job
    held.may_end.set()
    assert ask(flights, held) == "done"
    assert held.n_begun == 2


def test_while_another_waits_it_goes_on(flights):
    held = Held()
    job = job_of(flights, held, ONE)
    assert job_of(flights, held, TWO) == job
    assert flights.cancel(job, ONE) is False
    held.may_end.set()
    assert ask(flights, held, TWO) == "done"
    assert held.n_begun == 1


def test_of_two_that_cancel_the_last_one_ends_it(flights):
    held = Held()
    job = job_of(flights, held, ONE)
    job_of(flights, held, TWO)
    assert flights.cancel(job, ONE) is False
    assert flights.cancel(job, TWO) is True


def test_one_that_was_not_seen_for_long_does_not_count(flights, tmp_path):
    held = Held()
    job = job_of(flights, held, ONE)
    job_of(flights, held, TWO)
    long_ago = time.time() - STALE_S - 1
    os.utime(tmp_path / "jobs" / job / f"{TWO}.waits", (long_ago, long_ago))
    assert flights.cancel(job, ONE) is True


def test_the_preparation_of_the_first_page_is_no_reason_to_go_on(flights):
    held = Held()

    def prepare() -> None:
        with in_background():
            flights.answer("key", held)

    with ThreadPoolExecutor(1) as askers:
        prepared = askers.submit(prepare)
        wait_until(lambda: held.n_begun)
        job = job_of(flights, held)
        assert flights.cancel(job, ONE) is True
        with pytest.raises(JobCancelledError):
            prepared.result(10)


def test_a_page_cancels_only_what_it_waits_for(flights):
    held = Held()
    job = job_of(flights, held, ONE)
    assert flights.cancel(job, TWO) is False
    assert flights.cancel("f" * 32, ONE) is False
    held.may_end.set()
    assert ask(flights, held) == "done"


def test_an_error_reaches_the_page_that_asks_again(flights):
    began = []

    def fail(watch: Watch) -> str:
        began.append(1)
        time.sleep(0.2)
        raise KeyError("lost")

    job_of(flights, fail)
    time.sleep(0.3)
    with pytest.raises(KeyError, match="lost"):
        ask(flights, fail)
    assert began == [1]  # and was not computed again for it


def test_an_outcome_is_kept_for_a_moment_only(flights, monkeypatch):
    monkeypatch.setattr(flights_module, "KEPT_S", 0.0)
    answers = iter(["first", "second"])
    assert flights.answer("key", lambda _: next(answers)) == "first"
    time.sleep(0.01)
    assert flights.answer("key", lambda _: next(answers)) == "second"


def test_what_a_killed_server_left_is_removed(tmp_path):
    old, fresh = tmp_path / ("a" * 32), tmp_path / ("b" * 32)
    for folder in (old, fresh):
        folder.mkdir()
        (folder / "progress.json").write_text("{")
    os.utime(old, (0, 0))
    Flights(tmp_path)
    assert not old.exists()
    assert Watch(fresh).told() is None  # cut short


def test_one_that_begins_late_needs_somebody_who_waits(tmp_path):
    watch = Watch(tmp_path / "one")
    with pytest.raises(JobCancelledError):
        watch.require_waiting()
    watch.wait_as(ONE)
    watch.require_waiting()


def test_the_same_words_are_told_now_and_then_and_new_ones_at_once():
    told: list[Told] = []
    with telling(told.append):
        for done in range(1000):
            report("Ranking", done, 1000)
        report("Joining")
    report("nobody listens")
    assert told[0] == Told("Ranking", 0, 1000)
    assert told[-1] == Told("Joining")
    assert len(told) < 100


@pytest.fixture
def pool() -> Iterator[PoolJobs]:
    jobs = PoolJobs(2)
    yield jobs
    jobs.stop()


def report_and_sleep(mark: Path) -> int:
    report("Sleeping", 1, 4)
    mark.write_text(str(os.getpid()))
    time.sleep(600)
    return 0


def test_cancelling_ends_its_process_and_no_other(flights, pool, tmp_path):
    marks = [tmp_path / "first", tmp_path / "second"]
    keys = ["one", "two"]

    def asked(at: int) -> str:
        with pytest.raises(StillComputingError) as still:
            ask(
                flights,
                lambda watch: pool.watched(watch, report_and_sleep, marks[at]),
                key=keys[at],
            )
        return still.value.job

    jobs = [asked(at) for at in (0, 1)]
    wait_until(lambda: all(mark.exists() and mark.read_text() for mark in marks))
    with pytest.raises(StillComputingError) as still:
        ask(flights, lambda _: "never", key="one")
    assert still.value.told == Told("Sleeping", 1, 4)
    cancelled, other = (int(mark.read_text()) for mark in marks)
    assert flights.cancel(jobs[0], ONE) is True
    wait_until(lambda: not is_running(cancelled))
    assert is_running(other)
    assert pool.run(divmod, 7, 2) == (3, 1)  # a process is ready for the next
    assert is_running(other)


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_one_that_waits_for_a_process_can_be_cancelled(flights, tmp_path):
    pool = PoolJobs(1)
    mark = tmp_path / "mark"
    try:
        with pytest.raises(StillComputingError):
            ask(flights, lambda watch: pool.watched(watch, report_and_sleep, mark), key="one")
        wait_until(mark.exists)
        with pytest.raises(StillComputingError) as still:
            ask(flights, lambda watch: pool.watched(watch, divmod, 7, 2), key="two")
        assert still.value.told == Told("Waiting for a free process")
        assert flights.cancel(still.value.job, ONE) is True
        wait_until(lambda: not (tmp_path / "jobs" / still.value.job).exists())
    finally:
        pool.stop()
