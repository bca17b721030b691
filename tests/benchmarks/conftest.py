"""One thread for linear algebra, as in the benchmark itself."""

from collections.abc import Iterator

import pytest
from threadpoolctl import threadpool_limits


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Keep threads from waiting for each other: many small solves take ten times as long."""
    with threadpool_limits(1):
        yield
