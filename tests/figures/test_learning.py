"""The parameter projection."""

import numpy as np
import pytest

from flhetero_dash.analysis.trajectory import ParameterProjection
from flhetero_dash.figures.learning import lowest_cosine, parameter_projection
from flhetero_dash.figures.rounds import RING
from flhetero_dash.figures.theme import DARK, LIGHT

SERVER = np.array([[1.0, 0.0], [2.0, 1.0], [3.0, 0.0]])
CLIENT = np.array([[0.5, 0.5], [np.nan, np.nan], [2.5, 1.0]])
COSINES = np.array([0.9, np.nan, 0.1])


@pytest.fixture
def paths() -> ParameterProjection:
    return ParameterProjection(np.zeros(2), CLIENT, SERVER, np.array([0.8, 0.15]))


def named(figure, name):
    return [trace for trace in figure.data if trace.name == name]


def test_an_arrow_runs_from_the_rounds_start_to_the_clients_point(paths):
    figure = parameter_projection(paths, COSINES, (0, 2), LIGHT)
    arrows = named(figure, "client's local training")
    assert [(list(arrow.x), list(arrow.y)) for arrow in arrows] == [
        ([0.0, 0.5], [0.0, 0.5]),  # from the initial parameters
        ([2.0, 2.5], [1.0, 1.0]),  # round 2 is missing, round 3 starts at the server's round 2
    ]
    assert arrows[1].line.color == "rgb(180,83,15)"  # the lowest cosine: fully warm
    assert arrows[0].line.color != arrows[1].line.color


def test_the_servers_path_says_round_cosine_and_step(paths):
    (path,) = named(parameter_projection(paths, COSINES, (0, 2), LIGHT), "server")
    assert list(path.x) == [1, 2, 3]
    assert list(path.customdata[0]) == [1, "0.900", "0.707 in this plane"]
    assert list(path.customdata[1]) == [2, "not known", "not known"]
    assert "round %{customdata[0]}<br>cosine %{customdata[1]}" in path.hovertemplate


def test_the_heads_of_the_arrows_can_be_pointed_at_too(paths):
    figure = parameter_projection(paths, COSINES, (0, 2), LIGHT, COSINES - 0.3)
    (path,), (heads,) = named(figure, "server"), named(figure, "client")
    np.testing.assert_allclose(np.stack([heads.x, heads.y], axis=1), CLIENT)
    assert heads.customdata == path.customdata
    assert heads.customdata[0][1] == "0.900<br>without this client 0.600"


def test_the_selected_round_and_the_start_are_marked(paths):
    figure = parameter_projection(paths, COSINES, (0, 2), LIGHT)
    (ring,) = figure.layout.shapes  # the browser gives it its place
    assert (ring.name, ring.type, ring.visible) == ("round", "circle", False)
    assert (ring.xsizemode, ring.x0, ring.x1) == ("pixel", -RING, RING)
    assert named(figure, "initial parameters")


def test_the_path_is_clicked_by_round_and_darkens_with_time(paths):
    (path,) = named(parameter_projection(paths, COSINES, (1, 2), DARK), "server")
    assert [row[0] for row in path.customdata] == [2, 3]  # lists: an array never reaches a click
    assert not isinstance(path.customdata[0], np.ndarray)
    assert list(path.marker.color) == [1, 2]
    assert path.marker.colorscale == ((0.0, DARK.faint), (1.0, DARK.total))
    assert not path.connectgaps


def test_an_arrow_without_a_cosine_is_grey_and_dotted(paths):
    figure = parameter_projection(paths, np.array([np.nan, 0.9, 0.5]), (0, 2), LIGHT)
    first, last = named(figure, "client's local training")
    assert (first.line.color, first.line.dash) == ("rgb(130,140,157)", "dot")
    assert last.line.dash == "solid"
    assert last.line.color == "rgb(180,83,15)"


def test_a_gap_in_the_servers_path_hides_the_arrows_that_start_there(paths):
    gap = SERVER.copy()
    gap[1] = np.nan
    with_gap = ParameterProjection(np.zeros(2), CLIENT, gap, np.array([0.8, 0.15]))
    figure = parameter_projection(with_gap, COSINES, (0, 2), LIGHT)
    assert len(named(figure, "client's local training")) == 1
    (dotted,) = named(figure, "rounds that are missing")
    assert dotted.connectgaps
    assert dotted.line.dash == "dot"
    assert not named(parameter_projection(paths, COSINES, (0, 2), LIGHT), dotted.name)


def test_a_range_of_rounds_draws_those_only(paths):
    figure = parameter_projection(paths, COSINES, (1, 2), LIGHT)
    (path,) = named(figure, "server")
    assert list(path.x) == [2, 3]
    assert not named(figure, "initial parameters")


def test_axes_have_one_scale_and_their_share(paths):
    layout = parameter_projection(paths, COSINES, (0, 2), LIGHT).layout
    assert layout.yaxis.scaleanchor == "x"
    assert layout.xaxis.title.text == "PC1 · 80% of variance"
    assert layout.yaxis.title.text == "PC2 · 15%"


def test_one_round_without_a_start_or_cosines():
    paths = ParameterProjection(None, CLIENT[:1], SERVER[:1], np.array([np.nan, np.nan]))
    figure = parameter_projection(paths, np.array([np.nan]), (0, 0), LIGHT)
    assert not named(figure, "client's local training")
    assert figure.layout.xaxis.title.text == "PC1 · ? of variance"
    assert lowest_cosine(np.array([np.nan])) == 0
    assert lowest_cosine(np.array([np.nan, 0.5, -0.25])) == -0.25
