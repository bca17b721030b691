"""Shares and words of categories, and of a selection without one of the classes."""

import numpy as np
import pytest

from flhetero_dash.analysis.distribution import AttributeDistribution, CategoryDistribution
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.queries.distribution import Distribution
from flhetero_dash.selection import DistributionChoice
from flhetero_dash.views.attribute_distribution import (
    chart,
    edges_of,
    effect_words,
    shares,
)

NOWHERE = float("nan")
CATEGORIES = CategoryDistribution(np.array([3, 1, 0]), np.array([0, 0, 4]), 1.0)
BINS = AttributeDistribution(np.array([0.0, 2.0]), np.array([5]), np.array([0]), NOWHERE, NOWHERE)


def words_of(answer: Distribution) -> list[str]:
    return [part.children for part in effect_words(answer) if part != " "]


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


def test_without_one_of_the_classes_there_is_nothing_to_compare():
    assert words_of(Distribution(0, "x", BINS, None)) == [
        "inconsistent 0", "consistent 5", "total 5",
        "no inconsistent record here: nothing to compare",
    ]  # fmt: skip
    nobody = CategoryDistribution(np.array([0]), np.array([1]), NOWHERE)
    assert "no consistent record" in words_of(Distribution(0, "x", nobody, ("a",)))[-1]


def test_the_shares_of_categories_stand_at_their_names():
    answer = Distribution(0, "x", CATEGORIES, ("a", "b", "c"))
    figure = chart(answer, DistributionChoice(), LIGHT)
    bars = {trace.name: trace for trace in figure.data}
    np.testing.assert_allclose(bars["inconsistent"].y, [0, 0, 1])
    assert list(figure.layout.xaxis.ticktext) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("d", "words"),
    [
        (0.1, "d +0.10: hardly any"),
        (-0.39, "d -0.39: lower, small"),
        (0.5, "d +0.50: higher, medium"),
        (2.0, "d +2.00: higher, large"),
    ],
)
def test_the_effect_size_is_said_in_words(d, words):
    counts = AttributeDistribution(np.arange(3.0), np.array([1, 2]), np.array([2, 1]), d, 0.2)
    said = words_of(Distribution(0, "x", counts, None))
    assert said[3:] == [words, "KS 0.20: 20% apart"]


def test_an_effect_size_that_is_not_defined_is_not_said():
    counts = AttributeDistribution(np.arange(2.0), np.array([1]), np.array([2]), NOWHERE, 0.0)
    assert [word[:2] for word in words_of(Distribution(0, "x", counts, None))[3:]] == ["KS"]


COUNTS = AttributeDistribution(np.arange(4.0), np.array([6, 2, 0]), np.array([0, 1, 1]), -0.5, 0.75)


class TestDistribution:
    def test_shares_of_class_and_of_scope(self):
        of_class = shares(COUNTS, per_class=True, log=False)
        np.testing.assert_allclose(of_class["inconsistent"], [0, 0.5, 0.5])
        np.testing.assert_allclose(of_class["consistent"], [0.75, 0.25, 0])
        of_scope = shares(COUNTS, per_class=False, log=False)
        np.testing.assert_allclose(of_scope["total"], [0.6, 0.3, 0.1])
        np.testing.assert_allclose(of_scope["inconsistent"], [0, 0.1, 0.1])

    def test_empty_bins_are_no_points_of_a_log_scale(self):
        of_class = shares(COUNTS, per_class=True, log=True)
        np.testing.assert_allclose(of_class["inconsistent"], [np.nan, 0.5, 0.5])

    def test_an_empty_class_has_no_share(self):
        nobody = AttributeDistribution(
            COUNTS.edges, COUNTS.consistent, np.zeros(3, int), float("nan"), float("nan")
        )
        np.testing.assert_allclose(shares(nobody, True, False)["inconsistent"], 0)
        assert "KS" not in " ".join(words_of(Distribution(0, "x", nobody, None)))

    def test_the_scale_and_what_the_shares_are_of_are_drawn(self):
        answer = Distribution(0, "x", COUNTS, None)
        figure = chart(answer, DistributionChoice(scale="log", share="scope"), LIGHT)
        assert figure.layout.yaxis.type == "log"
        np.testing.assert_allclose(figure.data[0].y[:2], 0.6)
        assert [note.x for note in figure.layout.annotations] == [2.5, 0.5]

    def test_sizes_and_distance_are_said(self):
        words = " ".join(words_of(Distribution(0, "x", COUNTS, None)))
        assert "inconsistent 2 consistent 8" in words
        assert "KS 0.75" in words
        assert "d -0.50" in words
        assert "total 10" in words
        categories = CategoryDistribution(np.array([1, 1]), np.array([2, 0]), 0.5)
        assert "distance 0.50" in " ".join(words_of(Distribution(0, "x", categories, ("a", "b"))))
