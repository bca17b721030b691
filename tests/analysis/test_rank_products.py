import tracemalloc

import numpy as np
import pytest

from flhetero_dash.analysis import rank_products as module
from flhetero_dash.analysis.rank_clustering import cluster_records
from flhetero_dash.analysis.rank_products import (
    RankProducts,
    multiply_by_transposed,
    products_fit,
)
from flhetero_dash.analysis.ranks import neighbour_ranks

MIB = 1 << 20


def by_hand(X, rows, columns):
    one = neighbour_ranks(X, rows, columns).astype(np.int64)
    return one * neighbour_ranks(X, columns, rows).T


@pytest.mark.parametrize("n", [1, 3, 7, 8])
def test_a_square_is_multiplied_in_its_own_memory(rng, monkeypatch, n):
    monkeypatch.setattr(module, "_TILE", 3)
    square = rng.integers(0, 9, (n, n))
    expected = square * square.T
    multiply_by_transposed(square)
    np.testing.assert_array_equal(square, expected)


@pytest.mark.parametrize("memory_bytes", [1, 20_000, 1 << 30])
def test_products_and_nearest_are_the_same_with_any_memory(rng, memory_bytes):
    X = rng.integers(0, 4, (90, 3))
    rows, others = np.arange(0, 50), np.arange(50, 90)
    products = RankProducts(X, memory_bytes)
    np.testing.assert_array_equal(products.among(rows), by_hand(X, rows, rows))
    expected = by_hand(X, rows, others).argmin(axis=1)
    np.testing.assert_array_equal(products.nearest(rows, others), expected)


def test_all_pairs_are_in_double_precision(rng):
    X = rng.normal(size=(40, 3))
    found = RankProducts(X).all_pairs()
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, by_hand(X, np.arange(40), np.arange(40)))


def test_known_products_are_taken_as_they_are(rng):
    known = rng.permutation(400).reshape(20, 20) + 1.0
    known = known + known.T
    products = RankProducts(rng.normal(size=(20, 2)), known=known)
    rows, others = np.array([3, 5, 9]), np.array([0, 7])
    np.testing.assert_array_equal(products.among(rows), known[np.ix_(rows, rows)])
    np.testing.assert_array_equal(
        products.nearest(rows, others), known[np.ix_(rows, others)].argmin(axis=1)
    )


@pytest.mark.parametrize("max_clustered", [8000, 15])
def test_clusters_of_a_fitting_file_are_those_without_one(rng, max_clustered):
    X = rng.normal(size=(60, 4))
    ids = np.arange(5, 45)
    known = RankProducts(X).all_pairs()
    for linkage in ("single", "average"):
        options = {"linkage": linkage, "max_clustered": max_clustered}
        own = cluster_records(X, ids, 4, **options)
        read = cluster_records(X, ids, 4, **options, known=known)
        assert [m.tolist() for m in own.members] == [m.tolist() for m in read.members]


def test_a_file_fits_its_own_records_only(rng):
    X = rng.normal(size=(80, 5))
    products = RankProducts(X).all_pairs()
    assert products_fit(products, X)
    assert products_fit(products.astype(np.float32), X)
    assert not products_fit(products, X[::-1])
    assert not products_fit(products, rng.normal(size=(80, 5)))
    assert not products_fit(products[:70, :70], X)
    assert not products_fit(np.zeros((80, 80)), X)


def test_a_file_of_another_program_fits(reader, client_images):
    theirs = reader.affinity("mnist", "Client-0", "local")
    assert products_fit(theirs, client_images)
    assert not products_fit(theirs, client_images[::-1])


@pytest.mark.parametrize("linkage", ["single", "average"])
def test_little_memory_clusters_fewer_records_and_says_so(rng, linkage):
    X = rng.normal(size=(120, 3))
    result = cluster_records(X, np.arange(100), 3, linkage, memory_bytes=16 * 50**2)
    assert result.n_sampled == (50 if linkage == "average" else 61)
    assert sorted(np.concatenate(result.members).tolist()) == list(range(100))


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
@pytest.mark.parametrize(("n_ids", "max_clustered"), [(1500, 8000), (2500, 500)])
def test_clustering_keeps_to_its_memory(rng, kind, n_ids, max_clustered):
    X = rng.integers(0, 256, (3000, 20)).astype(kind)
    ids = np.arange(n_ids)
    cluster_records(X[:50], ids[:9], None)  # imports
    tracemalloc.start()
    cluster_records(X, ids, None, max_clustered=max_clustered, memory_bytes=32 * MIB)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 33 * MIB


def test_joining_the_rest_keeps_to_its_memory(rng):
    X = rng.integers(0, 256, (6000, 3)).astype(np.uint8)
    others, rows = np.arange(500), np.arange(500, 6000)
    products = RankProducts(X, 2 * MIB)
    products.nearest(rows[:5], others[:5])  # imports
    tracemalloc.start()
    products.nearest(rows, others)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * MIB  # one table of all ranks would take 5
