"""Fixtures that all tests share."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

TEST_DATA = Path(__file__).parent / "data"


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
