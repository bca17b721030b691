"""Fixtures that all tests share."""

import gzip
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import redis

from flhetero_dash.jobs.broker import Broker
from flhetero_dash.queries.device import chosen_device

ROOT = Path(__file__).parents[1]
TEST_DATA = Path(__file__).parent / "data"
StartWorker = Callable[..., subprocess.Popen[bytes]]
OUTCOMES = pytest.StashKey[dict[str, str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Keep how each test ended, for `test_features`."""
    config.stash[OUTCOMES] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note how a test ended: as its call did, or worse if what is around it failed."""
    report = yield
    outcomes = item.config.stash[OUTCOMES]
    if report.when == "call" or report.outcome != "passed":
        outcomes[item.nodeid] = report.outcome
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run `test_features` last, and tests marked `gpu` where torch sees a CUDA device."""
    items.sort(key=lambda item: item.path.name == "test_features.py")
    of_gpu = [item for item in items if item.get_closest_marker("gpu")]
    if of_gpu and chosen_device(None)[0] != "cuda":
        for item in of_gpu:
            item.add_marker(pytest.mark.skip(reason="there is no CUDA device"))


@pytest.fixture
def outcomes(request: pytest.FixtureRequest) -> dict[str, str]:
    """Give how the tests before this one ended, by their node id."""
    return request.config.stash[OUTCOMES]


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def published() -> Path:
    """Give a whole DATA_DIR in the published system's own form; not to be written to."""
    return TEST_DATA / "published"


@pytest.fixture(scope="session")
def published_answers() -> dict[str, Any]:
    """Give what the published system answers on that history."""
    answers: dict[str, Any] = json.loads(
        gzip.decompress((TEST_DATA / "published_answers.json.gz").read_bytes())
    )
    return answers


@pytest.fixture(scope="session")
def redis_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run Debian's redis-server on a free port; it keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("redis-server is not installed; `sh tests/install.sh` installs it")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no"]
    options += ["--unixsocket", str(tmp_path_factory.mktemp("redis") / "socket")]
    server = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)  # noqa: S603
    try:
        wait_until(lambda: redis.Redis(port=port).ping())
        yield port
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def redis_url(redis_port: int) -> str:
    """Give an empty database of that server."""
    url = f"redis://127.0.0.1:{redis_port}/0"
    with redis.Redis.from_url(url) as connection:
        connection.flushall()
    return url


@pytest.fixture
def start_worker(redis_url: str, published: Path, tmp_path: Path) -> Iterator[StartWorker]:
    """Start Celery workers, each with a cache folder of its own, and wait until they are seen."""
    started: list[subprocess.Popen[bytes]] = []
    broker = Broker(redis_url)

    def start(app: str = "flhetero_dash.worker", *options: str) -> subprocess.Popen[bytes]:
        here = {
            "REDIS_URL": redis_url,
            "FLHETERO_DATA_DIR": str(published),
            "FLHETERO_CACHE_DIR": str(tmp_path / f"cache-of-worker-{len(started)}"),
        }
        name = f"--hostname=worker-{len(started)}@tests"
        log = tmp_path / f"worker-{len(started)}.log"
        with log.open("wb") as stream:
            worker = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "celery", "-A", app, "worker", name, *options],
                cwd=ROOT,
                env=os.environ | here,
                stdout=stream,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        started.append(worker)
        wait_until(lambda: worker.poll() is not None or is_seen(f"worker-{len(started) - 1}@"))
        assert worker.poll() is None, log.read_text()
        return worker

    def is_seen(name: str) -> bool:
        return any(worker.startswith(name) for worker in broker.alive())

    yield start
    for worker in started:
        kill_all_of(worker)


def kill_all_of(process: subprocess.Popen[Any]) -> None:
    """Kill a process and those that it started: it leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(is_so: Callable[[], object], limit_s: float = 60) -> None:
    """Look again and again; what is refused meanwhile counts as not yet."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        with suppress(ConnectionError, redis.ConnectionError):
            if is_so():
                return
        time.sleep(0.05)
    pytest.fail(f"waited {limit_s:.0f} s in vain")
