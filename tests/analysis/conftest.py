"""Fixtures of the tests of analysis."""

from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.arrays import IntArray
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings


@pytest.fixture(scope="session")
def reader(published: Path, tmp_path_factory: pytest.TempPathFactory) -> HistoryReader:
    """Read the history in the published system's own form."""
    return HistoryReader(Settings(data_dir=published, cache_dir=tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def client_images(reader: HistoryReader) -> IntArray:
    """Local records of the published history's Client-0, shape (500, 784), 8-bit."""
    return np.asarray(reader.samples("mnist", "Client-0").inputs["local"])
