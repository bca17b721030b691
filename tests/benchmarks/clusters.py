"""Benchmarks of ranks and clusters."""

from collections.abc import Iterator
from functools import lru_cache, partial

import numpy as np

from flhetero_dash.analysis.rank_clustering import (
    automatic_k,
    cluster_records,
    merge_tree,
    rank_dissimilarity,
)
from flhetero_dash.arrays import IntArray, SampleArray
from tests.benchmarks import plain_routes, published_clusters
from tests.benchmarks.inputs import digits, inconsistent_rows, shape_of
from tests.benchmarks.measuring import Bench, Work
from tests.benchmarks.rows import Row, below, faster, memory_below, within
from tests.benchmarks.sizes import Sizes

RANKS, LINKAGE, CLUSTERS = "rank products", "single linkage, automatic k", "clusters"
PUBLISHED, PLAIN, PRODUCT = "published", "m rows, sklearn", "float64 product"
MOST_BESIDE_DATA_MB, MOST_OF_CLUSTERS_MB, MOST_OF_CLUSTERS_S = 600.0, 1_500.0, 4.0
_PRODUCT_ROWS = 256


def ranks(bench: Bench) -> Iterator[Row]:
    """Rank products of the inconsistent records of an ordinary client."""
    X, rows = _ordinary(bench.sizes)
    for records, target in ((X, 1.5), (X.astype(np.float64), 1.2)):
        times = bench.seconds(
            {
                "ours": partial(rank_dissimilarity, records, rows),
                PLAIN: partial(plain_routes.rank_products, records, rows),
                PRODUCT: _product(records, rows),
            }
        )
        size, floor = shape_of(records, len(rows)), times[PRODUCT]
        yield faster(RANKS, size, times["ours"], PLAIN, times[PLAIN], target, floor_s=floor)
        if records is X:
            whole = bench.seconds({PUBLISHED: lambda: published_clusters.rank_products(X)})
            yield faster(
                RANKS, size, times["ours"], PUBLISHED, whole[PUBLISHED], None, floor_s=floor
            )


def ranks_large(bench: Bench) -> Iterator[Row]:
    """Rank products in a large client, 8-bit and floats."""
    X, rows = large_client(bench.sizes)
    floats = X.astype(np.float64)
    times = bench.seconds(
        {
            "8-bit": lambda: rank_dissimilarity(X, rows),
            "floats": lambda: rank_dissimilarity(floats, rows),
            PRODUCT: _product(floats, rows),
        }
    )
    for name, records in (("8-bit", X), ("floats", floats)):
        peak = bench.memory(f"ranks of {name}").beside_mb
        size, floor = shape_of(records, len(rows)), times[PRODUCT]
        yield within(RANKS, size, times[name], PRODUCT, floor, 3, floor_s=floor, peak_mb=peak)
        yield memory_below(f"{RANKS}, memory beside the data", size, peak, MOST_BESIDE_DATA_MB)


def linkage(bench: Bench) -> Iterator[Row]:
    """Single linkage of many records, number of clusters included."""
    X, _ = digits(bench.sizes.n, bench.sizes.side)
    rows = np.arange(bench.sizes.m_clustered)
    products = rank_dissimilarity(X, rows)

    def ours() -> object:
        tree = merge_tree(products, "single")
        return tree.cut(automatic_k(tree.heights[::-1], "published"))

    times = bench.seconds(
        {
            "ours": ours,
            PUBLISHED: lambda: published_clusters.clusters(products),
            "published, k given": lambda: published_clusters.clusters(products, 12),
            "scipy": lambda: plain_routes.clusters(products, 12),
            "reading": lambda: products.max(),
        }
    )
    size = f"m = {len(rows):,}"
    for against, target in ((PUBLISHED, 5), ("published, k given", None), ("scipy", None)):
        yield faster(
            LINKAGE, size, times["ours"], against, times[against], target, floor_s=times["reading"]
        )


def clusters_of_most(bench: Bench) -> Iterator[Row]:
    """Rank products and clusters where most records are inconsistent."""
    X, rows = most_inconsistent(bench.sizes)
    times = bench.seconds(
        {
            "average": lambda: cluster_records(X, rows, None, "average"),
            "single": lambda: cluster_records(X, rows, None, "single"),
        }
    )
    for name, seconds in times.items():
        size = f"{shape_of(X, len(rows))}, {name} linkage"
        memory = bench.memory(f"clusters by {name} linkage")
        yield below(CLUSTERS, size, seconds, MOST_OF_CLUSTERS_S, memory.beside_mb)
        yield memory_below(f"{CLUSTERS}, whole process", size, memory.whole_mb, MOST_OF_CLUSTERS_MB)


def large_client(sizes: Sizes) -> tuple[SampleArray, IntArray]:
    """Digits of a large client, and its inconsistent ones."""
    X, labels = digits(sizes.n_large, sizes.side)
    return X, inconsistent_rows(X, labels, sizes.m_ranked, seed=0)


@lru_cache(maxsize=1)
def most_inconsistent(sizes: Sizes) -> tuple[SampleArray, IntArray]:
    """Digits of an ordinary client in an early round."""
    X, labels = digits(sizes.n, sizes.side)
    return X, inconsistent_rows(X, labels, sizes.m_most, seed=0)


def memory_of_ranks(kind: str, sizes: Sizes) -> Work:
    """Return what is measured for memory: ranks in a large client."""
    X, rows = large_client(sizes)
    records = X if kind == "8-bit" else X.astype(np.float64)
    return lambda: rank_dissimilarity(records, rows)


def memory_of_clusters(linkage: str, sizes: Sizes) -> Work:
    """Return what is measured for memory: clusters of most records."""
    X, rows = most_inconsistent(sizes)
    by = "average" if linkage == "average" else "single"
    return lambda: cluster_records(X, rows, None, by)  # type: ignore[arg-type]


def _ordinary(sizes: Sizes) -> tuple[SampleArray, IntArray]:
    X, labels = digits(sizes.n, sizes.side)
    return X, inconsistent_rows(X, labels, sizes.m_few[0], seed=0)


def _product(X: SampleArray, rows: IntArray) -> Work:
    """Return the product that distances need, in blocks of rows, in double precision."""
    values = X.astype(np.float64, copy=False)
    chosen = values[rows]

    def work() -> None:
        for start in range(0, len(chosen), _PRODUCT_ROWS):
            chosen[start : start + _PRODUCT_ROWS] @ values.T

    return work
