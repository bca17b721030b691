import numpy as np
import pytest

from flhetero_dash.analysis.array_space import array_space
from flhetero_dash.analysis.record_sums import record_sums, subset_sums

ALL = np.ones(30, dtype=bool)


def scatter_of(rows):
    """Sum of the outer products about the mean, in whole numbers: n^2 times it."""
    whole = rows.astype(np.int64)
    return len(rows) * whole.T @ whole - np.outer(whole.sum(0), whole.sum(0))


@pytest.mark.parametrize("device", ["cpu", "cpu-torch"])
def test_eight_bit_sums_are_exact_even_where_they_are_largest(rng, device):
    rows = rng.choice(np.array([0, 255], dtype=np.uint8), size=(9000, 30))  # splits the blocks
    sums = record_sums(rows, array_space(device))
    np.testing.assert_array_equal(sums.scatter(ALL) * len(rows), scatter_of(rows))
    np.testing.assert_array_equal(sums.mean, rows.mean(axis=0))


def test_sums_of_floats_are_those_of_numpy(rng):
    rows = rng.normal(size=(400, 30)) * np.logspace(-3, 3, 30) + 1e4
    some = np.arange(30) % 3 > 0
    ours = record_sums(rows).scatter(some) / 399
    scale = np.sqrt(np.outer(np.diag(ours), np.diag(ours)))
    np.testing.assert_allclose(ours / scale, np.cov(rows[:, some].T) / scale, atol=1e-9)


@pytest.mark.parametrize("share", [0.1, 0.8])
def test_a_subset_follows_from_the_records_that_change(rng, share):
    rows = rng.integers(0, 256, size=(500, 30)).astype(np.uint8)
    kept = rng.random(500) < share
    ours = subset_sums(record_sums(rows), rows, kept)
    assert ours.n_records == kept.sum()
    np.testing.assert_array_equal(ours.mean, rows[kept].mean(axis=0))
    ours_squared = ours.scatter(ALL) * kept.sum()
    np.testing.assert_allclose(ours_squared, scatter_of(rows[kept]), rtol=0, atol=1e-3)


def test_a_subset_of_floats_is_as_good_as_its_own_sums(rng):
    rows = rng.normal(size=(500, 30)) + 3
    kept = rng.random(500) < 0.7
    ours = subset_sums(record_sums(rows), rows, kept).scatter(ALL)
    np.testing.assert_allclose(ours, record_sums(rows[kept]).scatter(ALL), atol=1e-11)


def test_what_was_not_summed_cannot_leave(rng):
    sums = record_sums(rng.normal(size=(4, 3)))
    with pytest.raises(ValueError, match=r"rows has shape \(5, 3\), expected at most 4 rows of 3"):
        sums.without(np.ones((5, 3)))
    with pytest.raises(ValueError, match="rows are uint8, but the sums are of other records"):
        sums.without(np.ones((2, 3), dtype=np.uint8))
