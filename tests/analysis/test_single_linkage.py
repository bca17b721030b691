import numpy as np
import pytest
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform

from flhetero_dash.analysis.single_linkage import single_linkage


def scipys(dissimilarity):
    steps = hierarchy.linkage(squareform(dissimilarity).astype(float), "single")
    return steps[:, :2].astype(int), steps[:, 2]


def square(rng, n_records, n_values, kind):
    n_pairs = n_records * (n_records - 1) // 2
    return squareform(rng.integers(1, n_values + 1, n_pairs)).astype(kind)


@pytest.mark.parametrize("kind", [np.int64, np.float64, np.float32])
@pytest.mark.parametrize("n_values", [1, 4, 10**6])  # from nothing but ties to hardly any
@pytest.mark.parametrize("n_records", [2, 3, 40, 151])
def test_the_steps_are_those_of_scipy_ties_included(rng, n_records, n_values, kind):
    dissimilarity = square(rng, n_records, n_values, kind)
    merges, heights = single_linkage(dissimilarity)
    expected, expected_heights = scipys(dissimilarity)
    np.testing.assert_array_equal(merges, expected)
    np.testing.assert_array_equal(heights, expected_heights)


def test_records_at_distance_0_join_first():
    merges, heights = single_linkage(np.array([[0, 5, 0], [5, 0, 5], [0, 5, 0]]))
    assert merges.tolist() == [[0, 2], [1, 3]]
    assert heights.tolist() == [0, 5]


def test_one_record_joins_nothing():
    merges, heights = single_linkage(np.zeros((1, 1)))
    assert merges.shape == (0, 2)
    assert heights.shape == (0,)


def test_nothing_is_written_to(rng):
    dissimilarity = square(rng, 30, 9, np.int64)
    before = dissimilarity.copy()
    dissimilarity.flags.writeable = False  # writing would raise
    merges, _ = single_linkage(dissimilarity)
    assert len(merges) == 29
    np.testing.assert_array_equal(dissimilarity, before)
