"""Weights as pictures or bars, and what a click on them means."""

import numpy as np
import pytest

from flhetero_dash.analysis.names import attribute_name
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.figures.gradcam import gradcam_maps
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.queries.contrast import Contrast
from flhetero_dash.queries.gradcam import GradCamMaps
from flhetero_dash.selection import ContrastChoice, GradCamChoice
from flhetero_dash.views.contrast_answers import (
    elsewhere,
    gradcam_words,
    n_channels,
    weights_figure,
)
from flhetero_dash.views.contrast_maps import attribute_clicked, style_of


def info(
    shape: tuple[int, ...], kind: str = "image", names: tuple[str, ...] | None = None
) -> SamplesInfo:
    return SamplesInfo(
        client_names=("A",), sampling_types=("local",), label_names=("no", "yes"),
        labels_named=True, kind=kind, shape=shape, feature_names=names, categories={},
        has_ground_truth=True, single_files=False,
    )  # fmt: skip


def contrast(n_features: int) -> Contrast:
    directions = np.arange(2.0 * n_features).reshape(2, n_features)
    return Contrast(
        directions, np.zeros((0, 2), np.float32), np.array([0.3, 0.2]), np.zeros(2), 4.0, 3, ""
    )


def pictures(figure) -> list[np.ndarray]:
    return [np.asarray(trace.z) for trace in figure.data if trace.type == "heatmap"]


def test_the_chosen_channel_is_shown_and_the_browser_knows_its_first_attribute():
    figure = weights_figure(contrast(60), info((3, 4, 5)), 2, LIGHT)
    first, second = pictures(figure)
    np.testing.assert_allclose(first, np.arange(40, 60).reshape(4, 5))
    np.testing.assert_allclose(second, np.arange(100, 120).reshape(4, 5))
    assert figure.layout.meta["map"] == {"first": 40, "height": 4, "width": 5}


def test_a_channel_beyond_a_grey_picture_means_its_only_one():
    figure = weights_figure(contrast(20), info((4, 5)), 2, LIGHT)
    np.testing.assert_allclose(pictures(figure)[0], np.arange(20).reshape(4, 5))
    assert figure.layout.meta["map"]["first"] == 0


@pytest.mark.parametrize(("names", "word"), [(("age", "dose"), "dose"), (None, "attribute 1")])
def test_what_is_no_picture_has_named_bars(names, word):
    figure = weights_figure(contrast(2), info((2,), "tabular", names), 0, LIGHT)
    assert {trace.type for trace in figure.data} == {"bar"}
    assert word in figure.data[0].hovertext


def test_the_attribute_under_the_pointer_is_counted_from_the_first_of_its_channel():
    for choice in (ContrastChoice(), ContrastChoice(channel=2)):
        click = {"points": [{"x": 4, "y": 3, "curveNumber": 0}]}
        (text,) = attribute_clicked(click, info((3, 4, 5)), choice).values()
        figure = weights_figure(contrast(60), info((3, 4, 5)), choice.channel, LIGHT)
        assert divmod(int(text) - figure.layout.meta["map"]["first"], 5) == (3, 4)


def test_a_bar_under_the_pointer_is_its_attribute():
    names = ("age", "dose", "pulse")
    figure = weights_figure(contrast(3), info((3,), "tabular", names), 0, LIGHT)
    bar = figure.data[0]
    for at, attribute in enumerate(bar.customdata):
        click = {"points": [{"x": bar.x[at], "customdata": attribute}]}
        (text,) = attribute_clicked(click, info((3,), "tabular", names), ContrastChoice()).values()
        assert bar.hovertext[at] == names[int(text)]


@pytest.mark.parametrize(
    "click",
    [
        None, 3, [], {}, {"points": []}, {"points": None}, {"points": [None]}, {"points": [{}]},
        {"points": [{"x": "a", "y": 1}]}, {"points": [{"x": [1], "y": 1}]},
        {"points": [{"x": None, "y": 1}]}, {"points": [{"x": 0, "y": -1}]},
        {"points": [{"x": float("nan"), "y": 1}]}, {"points": [{"x": 10**400, "y": 1}]},
        {"points": [{"x": 5, "y": 1}]}, {"points": [{"x": -1, "y": 1}]},  # of another row
    ],
)  # fmt: skip
def test_nonsense_is_no_attribute(click):
    assert attribute_clicked(click, info((1, 4, 5)), ContrastChoice()) == {}


def test_an_endless_place_is_no_attribute():
    click = {"points": [{"x": float("inf"), "y": 1}]}  # JSON's 1e999
    assert attribute_clicked(click, info((1, 4, 5)), ContrastChoice()) == {}


class TestContrast:
    def test_a_pixel_counts_in_its_channel(self):
        click = {"points": [{"x": 3, "y": 1}]}
        colour = info((3, 4, 5))
        assert n_channels(colour) == 3
        choice = ContrastChoice(channel=2)
        assert attribute_clicked(click, colour, choice) == {"attribute": str(2 * 20 + 1 * 5 + 3)}
        assert attribute_clicked(click, info((4, 5)), choice) == {"attribute": "8"}
        assert attribute_clicked({"points": [{"x": 99, "y": 9}]}, info((4, 5)), choice) == {}

    def test_a_bar_knows_its_attribute(self):
        click = {"points": [{"customdata": 2, "x": 0.1, "y": "age"}]}
        table = info((4,), "tabular")
        assert attribute_clicked(click, table, ContrastChoice()) == {"attribute": "2"}


def test_hovering_names_the_attribute_that_a_click_chooses():
    figure = weights_figure(contrast(60), info((3, 4, 5)), 1, LIGHT)
    assert figure.data[0].hovertemplate.startswith("pixel (row %{y}, column %{x}), green")
    click = {"points": [{"x": 3, "y": 2}]}
    (text,) = attribute_clicked(click, info((3, 4, 5)), ContrastChoice(channel=1)).values()
    assert attribute_name(int(text), (3, 4, 5), None, True) == "pixel (row 2, column 3), green"


MAPS = np.zeros((1, 2, 2))


@pytest.mark.parametrize(
    ("maps", "choice", "words"),
    [
        (GradCamMaps(("c",), MAPS, MAPS, 5, None, None, None, ""), GradCamChoice(),
         "Round 4, mean over 5 records: where each model looks for the class it gives"),
        (GradCamMaps(("c",), MAPS, MAPS, 1, 8, 0, 1, ""), GradCamChoice("record"),
         "Round 4, record 8: federated model for no, stand-alone model for yes"),
        (GradCamMaps(("c",), MAPS, MAPS, 1, 8, 1, 1, ""), GradCamChoice("record", "truth"),
         "Round 4, record 8: where each model looks for the ground truth"),
        (GradCamMaps(("c",), MAPS, MAPS, 2, None, None, None, ""),
         GradCamChoice(variant="published"),
         "Round 4, mean over 2 records: what speaks for the ground truth (published variant)"),
    ],
)  # fmt: skip
def test_grad_cam_says_of_which_round_records_and_class_it_is(maps, choice, words):
    assert gradcam_words(maps, 3, choice, info((2, 2))) == words


def test_many_layers_are_as_high_as_they_need():
    two, eight = (
        gradcam_maps(np.zeros((n, 2, 2)), np.zeros((n, 2, 2)), tuple("abcdefgh"[:n]), LIGHT)
        for n in (2, 8)
    )
    assert style_of(two) == {"height": "100%"}
    assert int(style_of(eight)["height"].removesuffix("px")) > 300


@pytest.mark.parametrize(
    ("shape", "choice", "words"),
    [
        ((3, 4, 5), ContrastChoice(channel=0), "The attribute is in the blue channel."),
        ((3, 4, 5), ContrastChoice(channel=2), ""),
        ((3, 4, 5), ContrastChoice("gradcam"), ""),
        ((4, 12), ContrastChoice(), ""),
    ],
)
def test_an_attribute_in_another_channel_is_said(shape, choice, words):
    assert elsewhere(info(shape), choice, 45) == words
