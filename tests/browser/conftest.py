"""A running server, and Chromium to look at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "build" / "demo"
HEART = ROOT / "build" / "heart"  # beside the other: the first dataset of a folder is its default
START_LIMIT_S = 60
Serve = Callable[[Path], str]


def browser_path() -> str | None:
    """Find the system's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium; without one the tests are skipped, but never in CI."""
    path = browser_path()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed, and in CI the browser tests must run")
        pytest.skip("Chromium is not installed; `make test` installs it where it can")
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--no-first-run",
    ]
    return browser_type_launch_args | {"executable_path": path, "args": arguments}


@contextmanager
def serving(data_dir: Path, cache_dir: Path) -> Iterator[str]:
    """Run `python app.py` on a free port for as long as the context lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "FLHETERO_DATA_DIR": str(data_dir),
        "FLHETERO_CACHE_DIR": str(cache_dir),
        "FLHETERO_PORT": str(port),
    }
    log = cache_dir / "server.log"
    cache_dir.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "app.py"],
            cwd=ROOT,
            env=os.environ | settings,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/health", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_LIMIT_S * 10):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Serve data folders, each by a server of its own that lives as long as the tests."""
    running: dict[Path, tuple[Any, str]] = {}

    def start(data_dir: Path) -> str:
        if data_dir not in running:
            context = serving(data_dir, tmp_path_factory.mktemp("cache"))
            running[data_dir] = (context, context.__enter__())
        return running[data_dir][1]

    yield start
    for context, _ in running.values():
        context.__exit__(None, None, None)


@pytest.fixture(scope="session")
def demo(serve: Serve) -> str:
    """Address of a server that shows the demo."""
    if not (DEMO / "datasets").is_dir():
        pytest.fail(f"{DEMO} has no demo data; `make test` makes it")
    return serve(DEMO)


def made_heart() -> Path:
    """Give the folder of the demo of hospitals; it is made in a few seconds."""
    if not (HEART / "datasets" / "heart").is_dir():
        command = [sys.executable, "-m", "preprocess", "demo", "--dataset", "heart", "--out"]
        subprocess.run([*command, HEART], cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own program
    return HEART


@pytest.fixture(scope="session")
def heart(serve: Serve) -> str:
    """Address of a server that shows the demo of hospitals."""
    return serve(made_heart())


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """Fail a test whose page threw an error, or wrote one to the console."""
    errors: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error":
            errors.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.set_viewport_size({"width": 1440, "height": 900})
    yield page
    assert errors == []
