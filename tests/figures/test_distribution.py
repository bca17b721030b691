"""What a reader sees of an attribute's distribution."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.figures.distribution import attribute_distribution
from flhetero_dash.figures.theme import LIGHT

CLASSES = ("total", "consistent", "inconsistent")


def drawn(
    shares: list[float],
    names: tuple[str, ...] | None = None,
    attribute: str = "x",
    per_class: bool = True,
    log: bool = False,
) -> go.Figure:
    edges: Any = np.empty(0) if names else np.arange(len(shares) + 1.0)
    counts = {name: np.nan_to_num(np.array(shares) * 10).astype(int) for name in CLASSES}
    values = {name: np.array(shares) for name in CLASSES}
    return attribute_distribution(edges, values, counts, names, attribute, per_class, log, LIGHT)


def test_a_distribution_has_three_lines_over_the_bins():
    figure = drawn([0.2, 0.8], attribute="<b>")
    assert [trace.name for trace in figure.data] == list(CLASSES)  # the last lies on top
    assert list(figure.data[0].x) == [0, 1, 1, 2]  # from border to border: a bin is flat
    assert list(figure.data[0].y) == [0.2, 0.2, 0.8, 0.8]
    assert figure.layout.xaxis.title.text == "&lt;b&gt;"
    assert figure.layout.yaxis.title.text == "of class"
    colours = [trace.line.color for trace in figure.data]
    assert colours == [LIGHT.total, LIGHT.consistent, LIGHT.inconsistent]
    assert len({trace.line.dash for trace in figure.data[:2]}) == 2  # not by colour alone
    assert figure.layout.yaxis.tickformat == ".0%"
    assert figure.data[2].hovertext[2] == "inconsistent<br>1 to 2: 80.0% (8)"


def test_an_empty_bin_of_a_log_scale_is_a_gap_with_a_cross_and_its_neighbour_is_whole():
    figure = drawn([0.2, np.nan, 0.8], log=True)
    np.testing.assert_allclose(figure.data[2].y, [0.2, 0.2, np.nan, np.nan, 0.8, 0.8])
    crosses = {(note.x, note.font.color): note.hovertext for note in figure.layout.annotations}
    assert crosses == {
        (1.5, LIGHT.inconsistent): "inconsistent: nobody at 1 to 2",
        (1.5, LIGHT.consistent): "consistent: nobody at 1 to 2",
    }
    assert len({note.yshift for note in figure.layout.annotations}) == 2  # side by side
    assert figure.layout.yaxis.type == "log"
    assert not drawn([0.2, 0, 0.8]).layout.annotations


def test_categories_are_bars_with_names():
    figure = drawn([0.2, np.nan], ("f", "m"), "sex", per_class=False, log=True)
    assert {trace.type for trace in figure.data} == {"bar"}
    assert list(figure.layout.xaxis.ticktext) == ["f", "m"]
    assert list(figure.data[0].x) == list(figure.layout.xaxis.tickvals) == [0, 1]
    assert [bars.name for bars in figure.data] == ["inconsistent", "consistent", "total"]
    assert figure.data[0].y[0] == 0.2
    assert figure.data[0].marker.color == LIGHT.inconsistent
    assert figure.layout.yaxis.title.text == "of scope"
    assert {note.x for note in figure.layout.annotations} == {1}


def test_names_of_categories_are_as_narrow_as_their_bars_and_many_are_upright():
    names = ("typical angina", "atypical angina", "non-anginal pain", "none")
    axis = drawn([0.25] * 4, names).layout.xaxis
    assert axis.ticktext[0] == "typical<br>angina"
    assert (axis.tickangle, axis.title.text) == (0, None)
    many = drawn([0.1] * 10, tuple(f"category {n} of ten" for n in range(10))).layout.xaxis
    assert (many.tickangle, many.ticktext[3]) == (-90, "category 3 of ten")


def test_names_of_categories_are_text_also_when_they_look_otherwise():
    figure = drawn([0.3, 0.3, 0.3], ("10", "2", "<b>bold</b>"))
    words = ["10", "2", "&lt;b&gt;bold&lt;/b&gt;"]
    assert list(figure.layout.xaxis.ticktext) == words
    assert figure.data[2].hovertext[2].startswith("total<br>&lt;b&gt;bold")
    assert list(figure.data[0].x) == [0, 1, 2]
