"""Fixtures that all tests share."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flhetero_dash.queries.device import chosen_device

TEST_DATA = Path(__file__).parent / "data"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests marked `gpu` where torch sees a CUDA device."""
    of_gpu = [item for item in items if item.get_closest_marker("gpu")]
    if of_gpu and chosen_device(None)[0] != "cuda":
        for item in of_gpu:
            item.add_marker(pytest.mark.skip(reason="there is no CUDA device"))


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
