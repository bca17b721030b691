"""Shares and words of categories, and of a selection without one of the classes."""

import numpy as np
import pytest

from flhetero_dash.analysis.distribution import AttributeDistribution, CategoryDistribution
from flhetero_dash.figures.examination import attribute_distribution
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.queries.distribution import Distribution
from flhetero_dash.views.attribute_distribution import edges_of, effect_words, shares

NOWHERE = float("nan")
CATEGORIES = CategoryDistribution(np.array([3, 1, 0]), np.array([0, 0, 4]), 1.0)
BINS = AttributeDistribution(np.array([0.0, 2.0]), np.array([5]), np.array([0]), NOWHERE, NOWHERE)


def words_of(answer: Distribution) -> list[str]:
    return [part.children for part in effect_words(answer)]


def test_only_bins_have_borders():
    np.testing.assert_allclose(edges_of(BINS), [0, 2])
    assert len(edges_of(CATEGORIES)) == 0


@pytest.mark.parametrize("per_class", [True, False])
def test_shares_of_what_they_are_of_add_up(per_class):
    found = shares(CATEGORIES, per_class, log=False)
    assert found["total"].sum() == 1
    together = found["consistent"].sum() + found["inconsistent"].sum()
    assert together == (2 if per_class else 1)
    np.testing.assert_allclose(
        found["inconsistent"], [0, 0, 1] if per_class else [0, 0, 0.5]
    )  # of 4 inconsistent ones, of 8 records


def test_no_record_at_all_has_no_share():
    nobody = CategoryDistribution(np.zeros(2, int), np.zeros(2, int), NOWHERE)
    np.testing.assert_allclose(shares(nobody, False, False)["total"], 0)


def test_unknown_distances_are_not_said():
    assert words_of(Distribution(0, "x", BINS, None)) == [
        "inconsistent 0", "consistent 5", "total",
    ]  # fmt: skip
    nobody = CategoryDistribution(np.array([1]), np.array([0]), NOWHERE)
    assert len(words_of(Distribution(0, "x", nobody, ("a",)))) == 3


def test_the_shares_of_categories_stand_at_their_names():
    figure = attribute_distribution(
        edges_of(CATEGORIES), shares(CATEGORIES, True, False), ("a", "b", "c"), "x", True, False,
        LIGHT,
    )  # fmt: skip
    bars = {trace.name: trace for trace in figure.data}
    np.testing.assert_allclose(bars["inconsistent"].y, [0, 0, 1])
    assert list(figure.layout.xaxis.ticktext) == ["a", "b", "c"]
