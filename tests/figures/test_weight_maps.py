"""Weights as pictures and as bars."""

import numpy as np

from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.figures.weight_maps import LONGEST_NAME, N_BARS, weight_bars, weight_maps

EXPLAINED = np.array([0.3, 0.2])


def test_both_maps_share_a_scale_that_is_symmetric_about_zero():
    maps = np.array([[[0.1, -0.4]], [[0.2, 0.3]]])
    figure = weight_maps(maps, (0, 1), EXPLAINED, LIGHT)
    pictures = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [(p.zmin, p.zmax) for p in pictures] == [(-0.4, 0.4)] * 2
    np.testing.assert_allclose(pictures[1].z, maps[1])
    marks = [(t.x[0], t.y[0]) for t in figure.data if t.type == "scatter"]
    assert marks == [(1, 0), (1, 0)]
    assert figure.layout.yaxis.autorange == "reversed"  # row 0 on top
    assert figure.layout.annotations[0].text == "cPC1 · 30%"


def test_a_map_says_place_and_weight_and_zero_is_the_ground():
    figure = weight_maps(np.array([[[0.1, -0.4]], [[0.2, 0.3]]]), None, EXPLAINED, LIGHT)
    picture = figure.data[0]
    assert picture.colorscale[1] == (0.5, LIGHT.panel)
    assert picture.hovertemplate.startswith("pixel (row %{y}, column %{x})<br>weight %{z")
    bars = [trace.colorbar for trace in figure.data if trace.showscale]
    assert [list(bar.ticktext) for bar in bars] == [["−0.4", "0", "0.4"]]
    assert [figure.layout[axis].scaleanchor for axis in ("yaxis", "yaxis2")] == ["x", "x2"]


def test_an_unknown_share_of_variance_is_a_question_mark():
    unknown = np.full(2, np.nan)
    for figure in (
        weight_maps(np.ones((2, 1, 2)), None, unknown, LIGHT),
        weight_bars(np.ones((2, 3)), ("a", "b", "c"), unknown, LIGHT),
    ):
        assert [note.text for note in figure.layout.annotations] == ["cPC1 · ?", "cPC2 · ?"]


def test_no_mark_where_the_attribute_is_in_another_channel():
    figure = weight_maps(np.zeros((2, 2, 2)), None, EXPLAINED, LIGHT)
    assert {trace.type for trace in figure.data} == {"heatmap"}
    assert figure.data[0].zmax == 1  # all weights are zero


def test_bars_are_sorted_by_size_whatever_the_sign():
    directions = np.array([[0.1, -0.9, 0.4], [0.5, 0.5, 0.7]])
    names = ("age", "<dose>", "a very long name of an attribute")
    figure = weight_bars(directions, names, EXPLAINED, LIGHT)
    first, labels = figure.data[0], figure.layout.yaxis.ticktext
    assert list(first.x) == [0.1, 0.4, -0.9]  # bottom to top
    assert list(first.y) == list(figure.layout.yaxis.tickvals) == [0, 1, 2]
    assert labels[2] == "&lt;dose&gt;"
    assert labels[1] == "a very long …"
    assert len(labels[1]) == LONGEST_NAME
    assert first.hovertext[1] == names[2]
    assert list(first.customdata) == [0, 2, 1]
    assert list(first.marker.color) == [LIGHT.positive, LIGHT.positive, LIGHT.negative]


def test_bars_keep_apart_what_is_cut_to_one_name_and_do_not_sort_numbers():
    directions = np.array([[0.2, 0.9, 0.5], [0.3, 0.1, 0.2]])
    alike = ("mean radius of the cell", "mean radius of the core", "2")
    figure = weight_bars(directions, alike, EXPLAINED, LIGHT)
    assert [len(set(trace.y)) for trace in figure.data] == [3, 3]
    numbers = weight_bars(directions, ("10", "2", "30"), EXPLAINED, LIGHT)
    assert list(numbers.layout.yaxis.ticktext) == ["10", "30", "2"]
    assert list(numbers.layout.yaxis2.ticktext) == ["2", "30", "10"]  # each direction its own
    assert list(numbers.data[0].y) == [0, 1, 2]


def test_of_many_attributes_the_largest_are_shown(rng):
    directions = rng.normal(size=(2, 50))
    names = tuple(f"a{number}" for number in range(50))
    first = weight_bars(directions, names, EXPLAINED, LIGHT).data[0]
    assert len(first.x) == N_BARS
    assert np.abs(first.x).min() == np.sort(np.abs(directions[0]))[-N_BARS]


def test_hovering_names_the_channel_too():
    figure = weight_maps(np.ones((2, 1, 2)), None, EXPLAINED, LIGHT, "green")
    assert figure.data[1].hovertemplate.startswith("pixel (row %{y}, column %{x}), green<br>")


def test_the_chosen_attribute_has_an_outlined_bar_and_a_bold_name():
    directions = np.array([[0.1, -0.9, 0.4], [0.5, 0.5, 0.7]])
    figure = weight_bars(directions, ("age", "dose", "sex"), EXPLAINED, LIGHT, marked=1)
    assert list(figure.layout.yaxis.ticktext) == ["age", "sex", "<b>dose</b>"]
    assert list(figure.data[0].marker.line.width) == [0, 0, 2]


def test_bars_of_both_directions_share_a_scale_that_is_symmetric_about_zero():
    figure = weight_bars(np.array([[0.1, -0.8], [0.2, 0.4]]), ("a", "b"), EXPLAINED, LIGHT)
    for axis in (figure.layout.xaxis, figure.layout.xaxis2):
        np.testing.assert_allclose(axis.range, (-0.84, 0.84))
