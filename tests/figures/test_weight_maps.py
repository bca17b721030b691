"""Weights as pictures and as bars."""

import numpy as np

from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.figures.weight_bars import weight_bars
from flhetero_dash.figures.weight_maps import weight_maps

EXPLAINED = np.array([0.3, 0.2])


def test_both_maps_share_a_scale_that_is_symmetric_about_zero():
    maps = np.array([[[0.1, -0.4]], [[0.2, 0.3]]])
    figure = weight_maps(maps, 0, EXPLAINED, LIGHT)
    pictures = [trace for trace in figure.data if trace.type == "heatmap"]
    assert [(p.zmin, p.zmax) for p in pictures] == [(-0.4, 0.4)] * 2
    np.testing.assert_allclose(pictures[1].z, maps[1])
    assert figure.layout.yaxis.autorange == "reversed"  # row 0 on top
    assert figure.layout.annotations[0].text == "cPC1 · 30%"


def test_a_map_says_place_and_weight_and_zero_is_the_ground():
    figure = weight_maps(np.array([[[0.1, -0.4]], [[0.2, 0.3]]]), 0, EXPLAINED, LIGHT)
    picture = figure.data[0]
    assert picture.colorscale[1] == (0.5, LIGHT.panel)
    assert picture.hovertemplate.startswith("pixel (row %{y}, column %{x})<br>weight %{z")
    bars = [trace.colorbar for trace in figure.data if trace.showscale]
    assert [list(bar.ticktext) for bar in bars] == [["−0.4", "0", "0.4"]]
    assert [figure.layout[axis].scaleanchor for axis in ("yaxis", "yaxis2")] == ["x", "x2"]


def test_an_unknown_share_of_variance_is_a_question_mark():
    unknown = np.full(2, np.nan)
    for figure in (
        weight_maps(np.ones((2, 1, 2)), 0, unknown, LIGHT),
        weight_bars(np.ones((2, 3)), ("a", "b", "c"), unknown, LIGHT),
    ):
        assert [note.text for note in figure.layout.annotations] == ["cPC1 · ?", "cPC2 · ?"]


def test_the_browser_is_told_which_attributes_are_shown():
    figure = weight_maps(np.zeros((2, 2, 3)), 6, EXPLAINED, LIGHT)
    assert figure.layout.meta["map"] == {"first": 6, "height": 2, "width": 3}
    assert figure.data[0].zmax == 1  # all weights are zero


def test_hovering_names_the_channel_too():
    figure = weight_maps(np.ones((2, 1, 2)), 0, EXPLAINED, LIGHT, "green")
    assert figure.data[1].hovertemplate.startswith("pixel (row %{y}, column %{x}), green<br>")
