"""The cosines by round."""

import numpy as np
import pytest

from flhetero_dash.figures.cosines import cosine_curves, cosine_word, hover_words
from flhetero_dash.figures.theme import DARK, LIGHT

COSINES = np.array([[0.9, np.nan, 0.2], [0.8, 0.7, -0.4], [0.5, 0.4, 0.3]])
NAMES = ("conv<1>", "fc", "All")


def drawn(layer=1, without_me=COSINES - 0.1, rounds=(0, 2), selected=1, theme=LIGHT):
    return cosine_curves(COSINES, without_me, NAMES, layer, rounds, selected, theme)


def test_every_layer_has_a_line_and_the_chosen_one_stands_out_above_the_others():
    figure = drawn()
    assert [trace.name for trace in figure.data] == [
        "conv&lt;1&gt;", "All", "fc", "without this client",
    ]  # fmt: skip
    chosen, others = figure.data[2], figure.data[:2]
    np.testing.assert_allclose(chosen.y, COSINES[1])
    assert (chosen.line.color, chosen.line.width) == (LIGHT.inconsistent, 2)
    assert {(line.line.color, line.line.width) for line in others} == {(LIGHT.consistent, 1)}
    assert drawn(theme=DARK).data[2].line.color == DARK.inconsistent


def test_the_leave_me_out_line_lies_beside_the_chosen_one_and_is_broken():
    rest = drawn().data[-1]
    np.testing.assert_allclose(rest.y, COSINES[1] - 0.1)
    assert rest.line.dash
    assert drawn(without_me=None).data[-1].name == "fc"


def test_every_point_says_layer_round_and_both_cosines_and_means_its_round():
    for trace in drawn().data:
        assert [row[0] for row in trace.customdata] == [1, 2, 3]
    assert drawn().data[2].text[2] == "fc, round 3<br>cosine -0.400<br>without this client -0.500"
    assert hover_words("a<b", COSINES[0], None)[1] == "a&lt;b, round 2<br>cosine not known"
    assert cosine_word(float("nan")) == "not known"


def test_the_selected_round_is_marked_where_it_is_shown():
    layout = drawn(selected=1).layout
    assert layout.shapes[0].x0 == 2
    assert layout.annotations[0].text == "round 2"
    hidden = drawn(rounds=(0, 1), selected=2).layout
    assert not hidden.shapes[0].visible
    assert not hidden.annotations[0].visible


def test_a_range_draws_its_rounds_only():
    figure = drawn(rounds=(1, 2))
    assert list(figure.data[0].x) == [2, 3]
    assert list(figure.layout.xaxis.tickvals) == [2, 3]


def test_missing_rounds_are_gaps():
    line = drawn().data[0]
    assert np.isnan(line.y[1])
    assert not line.connectgaps


@pytest.mark.parametrize(("lowest", "bottom"), [(0.3, 0), (-0.4, -0.45), (-1, -1.05)])
def test_the_axis_holds_zero_and_every_cosine(lowest, bottom):
    cosines = np.array([[0.9, lowest]])
    low, high = cosine_curves(cosines, None, ("All",), 0, (0, 1), 0, LIGHT).layout.yaxis.range
    assert low == pytest.approx(bottom)
    assert high > 1


def test_one_round_is_points_and_two_hundred_are_lines():
    one = cosine_curves(COSINES[:, :1], None, NAMES, 1, (0, 0), 0, LIGHT)
    assert all("markers" in trace.mode for trace in one.data)
    many = cosine_curves(np.full((3, 200), 0.5), None, NAMES, 1, (0, 199), 0, LIGHT)
    assert {trace.mode for trace in many.data} == {"lines"}
    assert list(many.layout.xaxis.tickvals) == [1, 50, 100, 150, 200]


def test_nothing_known_is_drawn_as_nothing():
    nothing = np.full((1, 2), np.nan)
    figure = cosine_curves(nothing, None, ("All",), 0, (0, 1), 0, LIGHT)
    assert list(figure.layout.yaxis.range) == [0, 1.05]
