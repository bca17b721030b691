"""A running server, and Chromium to look at it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.team import add, clear
from tests.serving import CHROMIUM_OPTIONS, DEMO, chromium, made_heart, serving

Serve = Callable[[Path], str]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Use the system's Chromium; without one the tests are skipped, but never in CI."""
    path = chromium()
    if path is None:
        if os.environ.get("CI") == "true":
            pytest.fail("Chromium is not installed, and in CI the browser tests must run")
        pytest.skip("Chromium is not installed; `make test` installs it where it can")
    return browser_type_launch_args | {"executable_path": path, "args": CHROMIUM_OPTIONS}


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


@pytest.fixture(scope="session")
def n_inconsistent(demo: str) -> int:
    """Count what Client-0's models differ on in round 10; processors differ by a record."""
    outputs = DEMO / "history" / "typographic" / "outputs"
    with (
        np.load(outputs / "Client-0_local.npz") as alone,
        np.load(outputs / "Client-0_Server_r9.npz") as federated,
    ):
        count = int((alone["local"] != federated["local"]).sum())
    assert 50 < count < 300
    return count


@pytest.fixture
def noted(demo: str) -> Iterator[str]:
    """Address of the demo's server, with notes on it."""
    clear(demo)
    add(demo, "1-3", "Printed digits", 4)
    add(demo, "3,9,20-40", "Sevens with a bar")
    add(demo, "100-400", "Labelled wrongly?", author="Grace")
    add(demo, "1-3", "Blobs", 16, inputs="stratified")
    yield demo
    clear(demo)


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
