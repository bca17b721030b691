"""The rounds on disk."""

import pytest

from flhetero_dash.figures.recorded_rounds import WIDE, recorded_rounds
from flhetero_dash.figures.theme import DARK, LIGHT

THERE = {"outputs": (True, False, True), "weights <b>": (True, True, False)}


def test_a_round_is_a_square_or_a_cross():
    there, missing = recorded_rounds(THERE, LIGHT).data
    assert [list(row) for row in there.z] == [[1, None, 1], [1, 1, None]]
    assert list(there.x) == [1, 2, 3]
    assert list(zip(missing.x, missing.y, strict=True)) == [(2, "outputs"), (3, there.y[1])]
    assert missing.marker.symbol == "x-thin"


def test_every_kind_of_file_has_its_name_beside_it():
    figure = recorded_rounds(THERE, LIGHT)
    assert figure.layout.yaxis.tickvals == figure.data[0].y


def test_names_are_words_and_colours_those_of_the_theme():
    there, missing = recorded_rounds(THERE, DARK).data
    assert there.y[1] == "weights &lt;b&gt;"
    assert missing.marker.line.color == DARK.negative


@pytest.mark.parametrize(("n_rounds", "gap"), [(1, 1), (WIDE, 1), (200, 0), (0, 1)])
def test_one_and_two_hundred_rounds(n_rounds, gap):
    figure = recorded_rounds({"outputs": (True,) * n_rounds}, LIGHT)
    assert figure.data[0].xgap == gap
    assert len(figure.data[1].x) == 0
