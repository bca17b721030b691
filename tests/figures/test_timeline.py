"""The performance timeline."""

import re

import numpy as np
import pytest

from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.figures.timeline import timeline

VALUES = np.array([0.5, np.nan, 0.8])


def drawn(values=VALUES, band=None, reference=None, selected=1, is_share=True):
    return timeline(values, band, reference, selected, "accuracy", is_share, LIGHT)


def test_the_curve_counts_rounds_from_one_and_keeps_gaps():
    (curve,) = drawn().data
    assert list(curve.x) == [1, 2, 3]
    np.testing.assert_allclose(curve.y, VALUES)


def test_hover_words_fit_the_unit():
    assert drawn().data[0].hovertemplate.startswith("round %{x}: %{y:.1%}")
    assert drawn(is_share=False).data[0].hovertemplate.startswith("round %{x}: %{y:.4g}")


def test_axes_say_what_they_measure():
    layout = drawn().layout
    assert layout.xaxis.title.text == "communication round"
    assert layout.yaxis.title.text == "accuracy"
    assert layout.xaxis.range[0] < 1
    assert layout.xaxis.range[1] > 3


def test_one_round_is_a_point():
    (curve,) = drawn(np.array([0.5]), selected=0).data
    assert "markers" in curve.mode
    assert drawn(np.array([0.5]), selected=0).layout.annotations[0].text == "round 1"


def test_the_round_is_marked():
    figure = drawn(selected=2)
    assert figure.layout.shapes[0].x0 == 3
    assert figure.layout.annotations[0].text == "round 3"


def test_band_and_reference_lie_behind_the_curve():
    band = (np.array([0.1, 0.2, 0.3]), np.array([0.6, 0.7, 0.8]))
    figure = drawn(band=band, reference=0.95)
    assert [trace.name for trace in figure.data] == [
        "all clients",
        "stand-alone model",
        "this client",
    ]
    assert list(figure.data[0].x) == [1, 2, 3, 3, 2, 1]  # around the band
    assert list(figure.data[0].y) == [0.6, 0.7, 0.8, 0.3, 0.2, 0.1]
    assert list(figure.data[1].x) == [0.6, 1, 2, 3, 3.4]  # each round can be pointed at
    assert set(figure.data[1].y) == {0.95}
    assert figure.data[2].customdata[1] == [0.2, 0.7]
    assert "all clients %{customdata[0]:.1%}" in figure.data[2].hovertemplate
    assert drawn(reference=float("nan")).data[0].name == "this client"


@pytest.mark.parametrize(
    ("values", "starts_at_zero"),
    [([0.9, 0.92, 0.95], False), ([0.1, 0.5, 0.9], True), ([0.7, 0.7], True), ([np.nan], True)],
)
def test_the_axis_starts_at_zero_unless_that_is_far(values, starts_at_zero):
    low = drawn(np.array(values), selected=0).layout.yaxis.range[0]
    assert (low == 0) == starts_at_zero
    assert low <= np.nanmin([*values, 1])


def test_the_axis_holds_band_and_reference():
    high = np.array([0.9, 0.95])
    assert drawn(high, selected=0).layout.yaxis.range[0] > 0.8
    assert drawn(high, reference=0.7, selected=0).layout.yaxis.range[0] < 0.7
    assert drawn(high, reference=0.0, selected=0).layout.yaxis.range[0] == 0
    assert drawn(high, band=(high - 0.3, high), selected=0).layout.yaxis.range[0] < 0.6


def test_shares_are_percent_and_losses_are_not():
    assert drawn().layout.yaxis.ticktext[-1] == "80%"
    assert drawn(np.array([0.2, 2.0]), is_share=False, selected=0).layout.yaxis.ticktext[1] == "0.5"


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ([0.9, 0.95], ["0%", "90.0%", "92.5%", "95.0%"]),
        ([0.6, 1.0], ["0%", "60%", "80%", "100%"]),
        ([0.2, 0.98], ["0%", "25%", "50%", "75%"]),
    ],
)
def test_no_two_ticks_say_the_same(values, words):
    assert list(drawn(np.array(values), selected=0).layout.yaxis.ticktext) == words


def test_an_axis_far_from_zero_is_visibly_broken_between_zero_and_the_values():
    layout = drawn(np.array([0.9, 0.95]), selected=0).layout
    zero, first = layout.yaxis.tickvals[:2]
    assert layout.yaxis.ticktext[0] == "0%"
    assert zero == layout.yaxis.range[0]
    assert first - zero > 0.2 * (layout.yaxis.range[1] - zero)  # room for the break
    (mark,) = [shape for shape in layout.shapes if shape.type == "path"]
    assert (mark.xanchor, mark.yanchor, mark.xref, mark.yref) == (0, 0, "paper", "paper")
    assert mark.line.color == LIGHT.text
    across = [float(x) for x in re.findall(r"[ML](-?[0-9]+),", mark.path)]
    assert min(across) < 0 < max(across)  # to both sides of the axis
    whole = drawn(np.array([0.2, 0.95]), selected=0).layout
    assert not [shape for shape in whole.shapes if shape.type == "path"]


def test_values_below_zero_are_drawn():
    assert drawn(np.array([-0.5, 2.0]), is_share=False, selected=0).layout.yaxis.range[0] == -0.5


def test_one_round_has_a_band_and_a_reference_of_some_width():
    band = (np.array([0.1]), np.array([0.6]))
    around, alone, _ = drawn(np.array([0.5]), band=band, reference=0.9, selected=0).data
    assert max(around.x) - min(around.x) > 0
    assert max(alone.x) - min(alone.x) > 0


def test_two_hundred_rounds_have_few_ticks_and_no_blobs():
    figure = drawn(np.linspace(0.2, 0.9, 200), selected=119)
    assert list(figure.layout.xaxis.tickvals) == [1, *range(10, 200, 10), 200]
    assert figure.data[0].mode == "lines"
    assert figure.layout.meta["rounds"] == 200
    assert list(drawn(np.array([0.5, 0.6]), selected=0).layout.xaxis.tickvals) == [1, 2]
