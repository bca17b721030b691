"""Weight maps, bars, Grad-CAM and the attribute distribution."""

import numpy as np

from flhetero_dash.figures.examination import (
    LONGEST_NAME,
    attribute_distribution,
    gradcam_maps,
    weight_bars,
    weight_maps,
)
from flhetero_dash.figures.theme import LIGHT

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
    assert len(labels[1]) == LONGEST_NAME
    assert first.hovertext[1] == names[2]
    assert list(first.customdata) == [0, 2, 1]
    assert list(first.marker.color) == [LIGHT.positive, LIGHT.positive, LIGHT.negative]


def test_grad_cam_names_model_and_layer_on_one_scale():
    federated, alone = np.full((2, 3, 3), 0.5), np.full((2, 3, 3), 0.25)
    figure = gradcam_maps(federated, alone, ("conv1", "conv2"), LIGHT)
    assert [note.text for note in figure.layout.annotations] == [
        "Federated · conv1",
        "Stand-alone · conv1",
        "Federated · conv2",
        "Stand-alone · conv2",
    ]
    assert {trace.zmax for trace in figure.data} == {0.5}
    np.testing.assert_allclose(figure.data[1].z, 0.25)


def test_a_distribution_has_three_lines_over_the_bins():
    shares = {name: np.array([0.2, 0.8]) for name in ("total", "consistent", "inconsistent")}
    figure = attribute_distribution(
        np.array([0.0, 1.0, 2.0]), shares, None, "<b>", True, False, LIGHT
    )
    assert [trace.name for trace in figure.data] == ["total", "consistent", "inconsistent"]
    assert list(figure.data[0].y) == [0.2, 0.8, 0.8]
    assert figure.layout.xaxis.title.text == "&lt;b&gt;"
    assert figure.layout.yaxis.title.text == "share of class"


def test_categories_are_bars_with_names():
    shares = {name: np.array([0.2, 0.8]) for name in ("total", "consistent", "inconsistent")}
    figure = attribute_distribution(np.empty(0), shares, ("f", "m"), "sex", False, True, LIGHT)
    assert {trace.type for trace in figure.data} == {"bar"}
    assert list(figure.layout.xaxis.ticktext) == ["f", "m"]
    assert list(figure.data[0].x) == list(figure.layout.xaxis.tickvals)
    assert figure.layout.yaxis.type == "log"
    assert figure.layout.yaxis.title.text == "share of scope"
