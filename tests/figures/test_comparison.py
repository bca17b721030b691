"""The overview."""

import numpy as np
import pytest

from flhetero_dash.figures.comparison import overview_scatter
from flhetero_dash.figures.theme import DARK, LIGHT

POINTS = np.array([[0, 1], [2, 3], [4, 5]], dtype=np.float32)
MASK = np.array([False, True, False])


@pytest.mark.parametrize(
    ("on_top", "names"),
    [
        ("inconsistent", ["consistent", "inconsistent"]),
        ("consistent", ["inconsistent", "consistent"]),
    ],
)
def test_the_class_on_top_is_drawn_last(on_top, names):
    figure = overview_scatter(POINTS, MASK, np.array([0.4, 0.1]), on_top, DARK)
    assert [trace.name for trace in figure.data] == names
    by_name = {trace.name: trace for trace in figure.data}
    assert list(by_name["inconsistent"].x) == [2]
    assert list(by_name["consistent"].y) == [1, 5]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_classes_have_their_colours_and_no_words_of_plotlys_own(theme):
    figure = overview_scatter(POINTS, MASK, np.array([0.4, 0.1]), "inconsistent", theme)
    consistent, inconsistent = figure.data
    assert consistent.marker.color == theme.consistent
    assert inconsistent.marker.color == theme.inconsistent
    assert {trace.hoverinfo for trace in figure.data} == {"none"}
    assert figure.layout.yaxis.scaleanchor == "x"  # a distance is as long in both directions


@pytest.mark.parametrize("mask", [[False] * 3, [True] * 3], ids=["none", "all"])
def test_an_empty_class_is_ordinary(mask):
    figure = overview_scatter(POINTS, np.array(mask), np.array([0.4, 0.1]), "inconsistent", LIGHT)
    assert sorted(len(trace.x) for trace in figure.data) == [0, 3]


def test_the_arrays_given_are_not_kept(rng):
    points = rng.normal(size=(5, 2))
    figure = overview_scatter(points, np.arange(5) < 2, np.array([0.4, 0.1]), "inconsistent", LIGHT)
    assert figure.data[0].x.flags.c_contiguous
    assert not np.shares_memory(figure.data[0].x, points)


def test_points_are_compact_and_classes_differ_in_form():
    figure = overview_scatter(POINTS, MASK, np.array([0.4, np.nan]), "inconsistent", DARK)
    for trace in figure.data:
        assert trace.type == "scattergl"
        assert trace.x.dtype == np.float32
    assert len({trace.marker.symbol for trace in figure.data}) == 2
    assert figure.layout.xaxis.title.text == "cPC1 · 40% of variance"
    assert figure.layout.yaxis.title.text == "cPC2 · ?"
