"""The attribute distribution."""

import numpy as np

from flhetero_dash.figures.examination import attribute_distribution
from flhetero_dash.figures.theme import LIGHT


def test_a_distribution_has_three_lines_over_the_bins():
    shares = {name: np.array([0.2, 0.8]) for name in ("total", "consistent", "inconsistent")}
    figure = attribute_distribution(
        np.array([0.0, 1.0, 2.0]), shares, None, "<b>", True, False, LIGHT
    )
    assert [trace.name for trace in figure.data] == ["total", "consistent", "inconsistent"]
    assert list(figure.data[0].y) == [0.2, 0.8, 0.8]
    assert figure.layout.xaxis.title.text == "&lt;b&gt;"
    assert figure.layout.yaxis.title.text == "share of class"
    assert list(figure.data[0].x) == [0, 1, 2]
    assert {trace.line.shape for trace in figure.data} == {"hv"}  # steps: a bin is flat
    colours = [trace.line.color for trace in figure.data]
    assert colours == [LIGHT.total, LIGHT.consistent, LIGHT.inconsistent]
    assert figure.layout.yaxis.tickformat == ".0%"


def test_categories_are_bars_with_names():
    shares = {name: np.array([0.2, 0.8]) for name in ("total", "consistent", "inconsistent")}
    figure = attribute_distribution(np.empty(0), shares, ("f", "m"), "sex", False, True, LIGHT)
    assert {trace.type for trace in figure.data} == {"bar"}
    assert list(figure.layout.xaxis.ticktext) == ["f", "m"]
    assert list(figure.data[0].x) == list(figure.layout.xaxis.tickvals) == [0, 1]
    assert list(figure.data[2].y) == [0.2, 0.8]
    assert figure.data[2].marker.color == LIGHT.inconsistent
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.title.text == "share of scope"


def test_names_of_categories_are_text_also_when_they_look_otherwise():
    shares = {name: np.full(3, 0.3) for name in ("total", "consistent", "inconsistent")}
    names = ("10", "2", "<b>bold</b>")
    figure = attribute_distribution(np.empty(0), shares, names, "code", True, False, LIGHT)
    words = ["10", "2", "&lt;b&gt;bold&lt;/b&gt;"]
    assert list(figure.layout.xaxis.ticktext) == words
    assert list(figure.data[0].hovertext) == words
    assert list(figure.data[0].x) == [0, 1, 2]
