"""Memoised results in `CACHE_DIR`."""

from flhetero_dash.cache.mapped import mapped_rows
from flhetero_dash.cache.results import (
    PARTIAL,
    BlockFileSystemCache,
    Results,
    Scalar,
    key_of,
    sweep,
    tidy,
)
from flhetero_dash.cache.serializer import BlockSerializer

__all__ = [
    "PARTIAL",
    "BlockFileSystemCache",
    "BlockSerializer",
    "Results",
    "Scalar",
    "key_of",
    "mapped_rows",
    "sweep",
    "tidy",
]
