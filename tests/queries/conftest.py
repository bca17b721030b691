"""Queries over the published history, computed in this process."""

from pathlib import Path

import pytest

from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.settings import Settings


@pytest.fixture(scope="session")
def settings(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data_dir=published, cache_dir=tmp_path_factory.mktemp("cache"))


@pytest.fixture(scope="session")
def queries(settings: Settings) -> Queries:
    return Queries.over(Sources(settings, JobsHere()))
