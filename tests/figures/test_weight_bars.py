"""Weights of named attributes as bars."""

import numpy as np
import pytest

from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.figures.weight_bars import LONGEST_NAME, N_BARS, weight_bars
from flhetero_dash.figures.words import in_lines, without_units

EXPLAINED = np.array([0.3, 0.2])
DIRECTIONS = np.array([[0.1, -0.9, 0.4], [0.5, 0.5, 0.7]])


def test_rows_are_sorted_by_the_larger_weight_whatever_the_sign():
    names = ("age", "<dose>", "a very long name of an attribute (in mm)")
    figure = weight_bars(DIRECTIONS, names, EXPLAINED, LIGHT)
    first, second = figure.data
    labels = figure.layout.yaxis.ticktext
    assert list(first.x) == [0.1, 0.4, -0.9]  # bottom to top: 0.5, 0.7, 0.9
    assert list(second.x) == [0.5, 0.7, 0.5]  # the same rows
    assert list(first.y) == list(second.y) == list(figure.layout.yaxis.tickvals) == [0, 1, 2]
    assert labels[2] == "&lt;dose&gt;"
    assert labels[1] == "a very long name of an attribute"
    assert first.hovertext[1] == names[2]
    assert list(first.customdata) == list(second.customdata) == [0, 2, 1]
    assert list(first.marker.color) == [LIGHT.positive, LIGHT.positive, LIGHT.negative]


def test_a_name_that_is_too_long_ends_in_an_ellipsis():
    figure = weight_bars(DIRECTIONS, ("a", "b" * 99, "c"), EXPLAINED, LIGHT)
    assert figure.layout.yaxis.ticktext[2] == "b" * (LONGEST_NAME - 1) + "…"
    assert figure.data[0].hovertext[2] == "b" * 99


def test_names_stand_once_for_both_directions():
    figure = weight_bars(DIRECTIONS, ("a", "b", "c"), EXPLAINED, LIGHT)
    assert figure.layout.yaxis2.matches == "y"
    assert figure.layout.yaxis2.showticklabels is False


def test_what_is_cut_to_one_name_stays_apart_and_numbers_are_not_sorted():
    alike = ("mean radius of the cell, in the first picture", "2", "30")
    figure = weight_bars(DIRECTIONS, (alike[0], alike[0] + "s", "2"), EXPLAINED, LIGHT)
    assert [len(set(trace.y)) for trace in figure.data] == [3, 3]
    numbers = weight_bars(DIRECTIONS, ("10", "2", "30"), EXPLAINED, LIGHT)
    assert list(numbers.layout.yaxis.ticktext) == ["10", "30", "2"]
    assert list(numbers.data[0].y) == [0, 1, 2]


def test_of_many_attributes_the_largest_are_shown_and_have_room(rng):
    directions = rng.normal(size=(2, 50))
    names = tuple(f"a{number}" for number in range(50))
    figure = weight_bars(directions, names, EXPLAINED, LIGHT)
    strength = np.abs(directions).max(axis=0)
    assert set(figure.data[0].customdata) == set(np.argsort(-strength)[:N_BARS].tolist())
    few = weight_bars(DIRECTIONS, ("a", "b", "c"), EXPLAINED, LIGHT)
    assert figure.layout.meta["least_height"] > few.layout.meta["least_height"] + 10 * (N_BARS - 3)


@pytest.mark.parametrize(("largest", "tick"), [(0.8, 0.5), (0.3, 0.2), (0.004, 0.004), (0.0, 0.5)])
def test_both_directions_share_a_scale_that_is_symmetric_about_zero(largest, tick):
    figure = weight_bars(np.array([[0.0, -largest], [0.0, 0.0]]), ("a", "b"), EXPLAINED, LIGHT)
    for axis in (figure.layout.xaxis, figure.layout.xaxis2):
        np.testing.assert_allclose(axis.range, (-1.05 * (largest or 1), 1.05 * (largest or 1)))
        assert list(axis.tickvals) == [-tick, 0, tick]


def test_a_unit_is_left_out_where_names_stay_apart():
    assert without_units(("age (years)", "sex")) == ("age", "sex")
    alike = ("pixel (row 1)", "pixel (row 2)")
    assert without_units(alike) == alike


def test_words_are_broken_into_lines_and_the_rest_is_marked():
    assert in_lines("non-anginal pain", 10) == ["non-", "anginal", "pain"]
    assert in_lines("a long name of a category", 9, 2) == ["a long", "name of…"]
    assert in_lines("", 9) == [""]
