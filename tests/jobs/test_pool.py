"""Long computations in a pool of processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from flhetero_dash.jobs import JobDiedError, JobsHere, JobsStoppedError, PoolJobs
from flhetero_dash.jobs.watch import UNWATCHED


@pytest.fixture(scope="module")
def jobs() -> Iterator[PoolJobs]:
    pool = PoolJobs(1)
    yield pool
    pool.stop()


def executor_of(jobs: PoolJobs) -> ProcessPoolExecutor:
    """Give the one of a pool of one process, which was started."""
    executor = jobs._all[0]._executor
    assert executor is not None
    return executor


def wait_until(is_so: Callable[[], object]) -> None:
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.05)
    pytest.fail("waited 10 s in vain")


def is_running(pid: int) -> bool:
    try:
        # In a container nobody may collect an ended process: then it is a zombie.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def die_once(mark: Path) -> str:
    if mark.exists():
        return "done"
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    return "never"


def fail(message: str) -> None:
    raise KeyError(message)


def test_a_function_runs_in_another_process(jobs):
    assert jobs.run(os.getpid) != os.getpid()
    assert jobs.run(divmod, 7, 2) == (3, 1)
    assert JobsHere().run(os.getpid) == os.getpid()


def test_what_it_raises_is_raised(jobs):
    with pytest.raises(KeyError, match="lost"):
        jobs.run(fail, "lost")


def test_a_killed_process_is_replaced(jobs, tmp_path):
    assert jobs.run(die_once, tmp_path / "mark") == "done"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_one_that_kills_its_process_each_time_is_told(jobs):
    with pytest.raises(JobDiedError, match="ended twice from outside, probably because memory"):
        jobs.run(die)
    assert jobs.run(divmod, 7, 2) == (3, 1)


def test_a_process_that_died_between_two_jobs_is_replaced(jobs, tmp_path):
    os.kill(jobs.run(os.getpid), signal.SIGKILL)
    wait_until(lambda: executor_of(jobs)._broken)
    assert jobs.run(divmod, 7, 2) == (3, 1)


def test_all_callers_of_a_dying_process_get_their_answers(tmp_path):
    jobs = PoolJobs(1)
    mark = tmp_path / "mark"
    try:
        with ThreadPoolExecutor(4) as callers:
            for _ in range(3):
                first = callers.submit(jobs.run, die_once, mark)
                rest = [callers.submit(jobs.run, divmod, number, 1) for number in (1, 2, 3)]
                assert first.result() == "done"
                assert [future.result() for future in rest] == [(1, 0), (2, 0), (3, 0)]
                mark.unlink()
    finally:
        jobs.stop()


def test_a_server_that_forks_has_its_own_pool(jobs, monkeypatch):
    jobs.run(os.getpid)
    before = executor_of(jobs)
    with monkeypatch.context() as forked:
        forked.setattr(os, "getpid", lambda: -1)
        assert jobs._taken(UNWATCHED)._executor is None  # not yet started
    before.shutdown()


def threads_of_blas() -> list[int]:
    np.ones((2, 2)) @ np.ones((2, 2))
    return [library["num_threads"] for library in threadpool_info()]


def test_a_job_computes_on_one_thread(jobs):
    assert set(jobs.run(threads_of_blas)) == {1}


def test_who_waits_for_a_pool_that_is_stopped_is_told_at_once(tmp_path):
    jobs = PoolJobs(1)
    with ThreadPoolExecutor(2) as callers:
        running = callers.submit(jobs.run, touch_and_sleep, tmp_path / "mark")
        wait_until((tmp_path / "mark").exists)
        waiting = callers.submit(jobs.run, divmod, 7, 2)
        (process,) = executor_of(jobs)._processes.values()
        jobs.stop()
        for call in (running, waiting):
            with pytest.raises(JobsStoppedError):
                call.result()
    process.join()
    with pytest.raises(JobsStoppedError):
        jobs.run(divmod, 7, 2)


def touch_and_sleep(mark: Path) -> None:
    mark.touch()
    time.sleep(600)


def test_a_key_of_the_terminal_leaves_the_pool_to_its_parent(jobs):
    assert jobs.run(signal.getsignal, signal.SIGINT) == signal.SIG_IGN


def test_pool_processes_end_with_a_web_process_that_was_killed():
    program = (
        "import os, sys, time\n"
        "from flhetero_dash.jobs import PoolJobs\n"
        "if __name__ == '__main__':\n"
        "    jobs = PoolJobs(1)\n"
        "    print(jobs.run(os.getpid), flush=True)\n"
        "    jobs.run(time.sleep, 60)\n"
    )
    web = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert web.stdout is not None
    pid = int(web.stdout.readline())
    time.sleep(0.2)
    assert is_running(pid)
    web.kill()
    web.wait()
    web.stdout.close()
    wait_until(lambda: not is_running(pid))
