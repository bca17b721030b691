import numpy as np
import pytest
from scipy.stats import ks_2samp

from flhetero_dash.analysis.distribution import (
    attribute_distribution,
    category_distribution,
    cohens_d,
    default_attribute,
    ks_distance,
)


def test_bins_cover_the_data_sets_range_and_count_by_class():
    values = np.array([0, 1, 2, 9, 10, 10], dtype=np.uint8)
    classes = np.array([False, True, True, False, True, False])
    result = attribute_distribution(values, classes, (0, 20), n_bins=4)
    assert result.edges.tolist() == [0, 5, 10, 15, 20]
    assert result.consistent.tolist() == [1, 1, 1, 0]
    assert result.inconsistent.tolist() == [2, 0, 1, 0]
    assert result.total.tolist() == [3, 1, 2, 0]


def test_largest_value_is_in_the_last_bin():
    result = attribute_distribution(np.array([255]), np.array([True]), (0, 255))
    assert len(result.inconsistent) == 20
    assert result.inconsistent[-1] == 1


def test_attribute_that_never_varies_has_one_bin():
    result = attribute_distribution(np.full(3, 7), np.array([True, False, False]), (7, 7))
    assert result.edges.tolist() == [6.5, 7.5]
    assert result.total.tolist() == [3]
    assert np.isnan(result.cohens_d)
    assert result.ks == 0


def test_effect_sizes_are_those_of_scipy_and_the_definition(rng):
    a, b = rng.normal(size=30) + 1, np.round(rng.normal(size=50), 1)
    assert ks_distance(a, b) == pytest.approx(ks_2samp(a, b).statistic)
    pooled = np.sqrt((29 * a.var(ddof=1) + 49 * b.var(ddof=1)) / 78)
    assert cohens_d(a, b) == pytest.approx((a.mean() - b.mean()) / pooled)


def test_effect_sizes_compare_the_inconsistent_with_the_consistent():
    values = np.array([1.0, 3.0, 5.0, 7.0])
    classes = np.array([False, False, True, True])
    result = attribute_distribution(values, classes, (0, 10))
    assert result.cohens_d == pytest.approx(4 / np.sqrt(2))
    assert result.ks == 1


@pytest.mark.parametrize("classes", [[], [True], [True, True], [False, False]])
def test_a_class_without_records_has_no_effect_size(classes):
    result = attribute_distribution(np.arange(len(classes)), np.array(classes, dtype=bool), (0, 5))
    assert np.isnan(result.cohens_d)
    assert np.isnan(result.ks)
    assert result.total.sum() == len(classes)


def test_categories_are_counted_by_class():
    codes = np.array([0, 0, 2, 2, 2])
    classes = np.array([False, False, False, True, True])
    result = category_distribution(codes, classes, 4)
    assert result.consistent.tolist() == [2, 0, 1, 0]
    assert result.inconsistent.tolist() == [0, 0, 2, 0]
    assert result.total.tolist() == [2, 0, 3, 0]
    assert result.distance == pytest.approx(2 / 3)
    assert np.isnan(category_distribution(codes[:3], classes[:3], 4).distance)


def test_default_attribute_is_the_largest_weight_whatever_its_sign_or_direction():
    # Their sum would choose feature 0.
    assert default_attribute(np.array([[0.6, -0.1, 0.0], [0.6, -0.9, 0.2]])) == 1


def test_bad_input_is_told():
    with pytest.raises(ValueError, match=r"values have shape \(3,\), classes \(2,\)"):
        attribute_distribution(np.ones(3), np.ones(2, dtype=bool), (0, 1))
    with pytest.raises(ValueError, match=r"2 values lie outside 0.0 to 1.0"):
        attribute_distribution(np.array([2, 0.5, np.nan]), np.ones(3, dtype=bool), (0, 1))
    with pytest.raises(ValueError, match="n_bins is 0"):
        attribute_distribution(np.ones(1), np.ones(1, dtype=bool), (0, 1), n_bins=0)
    with pytest.raises(ValueError, match="from 0 to 3, expected 0 to 2"):
        category_distribution(np.array([0, 3]), np.ones(2, dtype=bool), 3)
