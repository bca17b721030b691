"""Fixtures that all tests share."""

import gzip
import json
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flhetero_dash.queries.device import chosen_device

TEST_DATA = Path(__file__).parent / "data"


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
