"""Queries over the published history, for the routes."""

import pytest

from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.settings import Settings


@pytest.fixture(scope="module")
def queries(published, tmp_path_factory) -> Queries:
    settings = Settings(data_dir=published, cache_dir=tmp_path_factory.mktemp("cache"))
    return Queries.over(Sources(settings, JobsHere()))
