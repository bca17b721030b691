"""Grad-CAM of both models: titles, scale, arrangement."""

import base64
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from flhetero_dash.figures.gradcam import gradcam_maps
from flhetero_dash.figures.pictures import picture_address
from flhetero_dash.figures.theme import LIGHT


def titles(figure) -> list[str]:
    return [note.text for note in figure.layout.annotations]


def heats(figure) -> list[Any]:
    return [trace for trace in figure.data if trace.type == "heatmap"]


def test_grad_cam_names_model_and_layer_on_one_scale():
    federated, alone = np.full((2, 3, 3), 0.5), np.full((2, 3, 3), 0.25)
    figure = gradcam_maps(federated, alone, ("conv1", "conv2"), LIGHT)
    assert titles(figure) == [
        "Federated<br>conv1",
        "Stand-alone<br>conv1",
        "Federated<br>conv2",
        "Stand-alone<br>conv2",
    ]
    assert [trace.name for trace in figure.data] == [
        "Federated · conv1", "Stand-alone · conv1", "Federated · conv2", "Stand-alone · conv2",
    ]  # fmt: skip
    assert {trace.zmax for trace in figure.data} == {0.5}
    np.testing.assert_allclose(figure.data[1].z, 0.25)
    assert {trace.zmin for trace in figure.data} == {0}
    assert [trace.showscale for trace in figure.data] == [False, True, False, False]
    assert figure.data[1].colorbar.ticktext == ("0", "0.50")


def test_grad_cam_of_one_layer_that_sees_nothing():
    figure = gradcam_maps(np.zeros((1, 2, 2)), np.zeros((1, 2, 2)), ("<conv>",), LIGHT)
    assert [trace.zmax for trace in figure.data] == [1, 1]
    assert titles(figure)[0] == "Federated<br>&lt;conv&gt;"
    assert figure.layout.yaxis.autorange == "reversed"


@pytest.mark.parametrize("n_layers", range(1, 9))
def test_whole_maps_stand_under_their_titles_however_many_layers(rng, n_layers):
    federated, alone = rng.random((2, n_layers, 4, 6))  # not square
    layers = tuple(f"conv{number}" for number in range(n_layers))
    figure = gradcam_maps(federated, alone, layers, LIGHT)
    shown = {trace.name: trace for trace in heats(figure)}
    assert len(shown) == 2 * n_layers
    for at, layer in enumerate(layers):
        np.testing.assert_allclose(shown[f"Federated · {layer}"].z, federated[at], rtol=1e-6)
        np.testing.assert_allclose(shown[f"Stand-alone · {layer}"].z, alone[at], rtol=1e-6)
        for model in ("Federated", "Stand-alone"):
            trace = shown[f"{model} · {layer}"]
            axis = figure.layout["xaxis" + trace.xaxis[1:]]
            above = [n for n in figure.layout.annotations if n.text == f"{model}<br>{layer}"]
            assert axis.domain[0] <= above[0].x <= axis.domain[1]
            vertical = figure.layout["yaxis" + trace.yaxis[1:]]
            assert above[0].y == pytest.approx(vertical.domain[1])
    assert {trace.zmax for trace in heats(figure)} == {max(federated.max(), alone.max())}


def test_a_long_layer_keeps_its_end_in_the_title_and_its_whole_name_on_hover():
    name = "features.block3.conv2"
    figure = gradcam_maps(np.ones((1, 2, 2)), np.ones((1, 2, 2)), (name,), LIGHT)
    assert titles(figure)[0] == "Federated<br>…lock3.conv2"
    assert figure.data[0].name == f"Federated · {name}"


def test_over_the_picture_what_counts_little_is_see_through():
    picture = picture_address(np.arange(24, dtype=np.uint8).reshape(4, 6))
    figure = gradcam_maps(np.ones((1, 4, 6)), np.zeros((1, 4, 6)), ("conv",), LIGHT, picture)
    assert [trace.type for trace in figure.data] == ["image", "heatmap"] * 2
    assert figure.data[0].source == picture
    assert heats(figure)[0].colorscale[0][1].endswith(",0)")
    raw = base64.b64decode(picture.partition(",")[2])
    np.testing.assert_array_equal(
        np.asarray(Image.open(io.BytesIO(raw))), np.arange(24).reshape(4, 6)
    )
