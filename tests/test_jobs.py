"""Long computations in other processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flhetero_dash.jobs import Jobs, JobsHere


@pytest.fixture(scope="module")
def jobs() -> Iterator[Jobs]:
    pool = Jobs(1)
    yield pool
    pool.stop()


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


def test_start_does_not_wait(jobs, tmp_path):
    jobs.start(Path.touch, tmp_path / "mark")
    for _ in range(100):
        if (tmp_path / "mark").exists():
            return
        time.sleep(0.05)
    pytest.fail("never ran")


def test_pool_processes_end_with_a_web_process_that_was_killed():
    program = (
        "import os, sys, time\n"
        "from flhetero_dash.jobs import Jobs\n"
        "if __name__ == '__main__':\n"
        "    print(Jobs(1).run(os.getpid), flush=True)\n"
        "    time.sleep(60)\n"
    )
    web = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)  # noqa: S603
    assert web.stdout is not None
    pid = int(web.stdout.readline())
    web.kill()
    web.wait()
    web.stdout.close()
    for _ in range(100):
        if not Path(f"/proc/{pid}").exists():
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")
