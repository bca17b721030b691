"""Marks on the overview, and which record a point is."""

import numpy as np
import pytest

from flhetero_dash.figures.comparison import overview_scatter
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.queries.overview import Overview
from flhetero_dash.views.overview_plot import marks, pressed, record_clicked

MASK = np.array([False, True, True, False, True])
PLACES = np.array([[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]], dtype=np.float32)


def overview(places: np.ndarray) -> Overview:
    return Overview(places, MASK[: len(places)], np.ones(2), 10.0, "")


@pytest.mark.parametrize("on_top", ["inconsistent", "consistent"])
def test_the_record_under_the_pointer_is_the_one_drawn_there(on_top):
    figure = overview_scatter(PLACES, MASK, np.ones(2), on_top, LIGHT)
    for curve, trace in enumerate(figure.data):
        for index, place in enumerate(zip(trace.x, trace.y, strict=True)):
            click = {"points": [{"curveNumber": curve, "pointIndex": index}]}
            record = int(record_clicked(click, MASK, on_top)["record"])
            assert tuple(PLACES[record]) == place


@pytest.mark.parametrize(
    "click",
    [
        None, 3, "click", [], {}, {"points": []}, {"points": [{}]}, {"points": {"a": 1}},
        {"points": [{"curveNumber": 1}]}, {"points": [{"curveNumber": 1, "pointIndex": -1}]},
        {"points": [{"curveNumber": 1, "pointIndex": 3}]},
        {"points": [{"curveNumber": [1], "pointIndex": 0}]},
        {"points": [{"curveNumber": 1, "pointIndex": "first"}]},
    ],
)  # fmt: skip
def test_nonsense_is_no_record(click):
    assert record_clicked(click, MASK, "inconsistent") == {}


def test_the_ring_is_around_the_record_that_is_verified():
    drawn = overview(PLACES)
    selected = np.array([1, 4])
    assert marks(drawn, selected, 3) == {"points": [[2, 3], [8, 9]], "record": [6, 7]}
    assert marks(drawn, selected, None)["record"] == [2, 3]
    nothing = np.array([], dtype=int)
    assert marks(drawn, nothing, None) == {"points": [], "record": None}


def test_a_record_beyond_the_table_is_marked_as_it_is_verified():
    # Instance Verification shows the selection's first record then.
    assert marks(overview(PLACES), np.array([1, 4]), 99)["record"] == [2, 3]


def test_marks_lie_on_their_points_whatever_the_unit():
    small = overview(PLACES * np.float32(1e-6))
    found = np.array(marks(small, np.arange(5), None)["points"])
    np.testing.assert_allclose(found, PLACES * 1e-6, rtol=1e-3)


def test_pressed_is_a_word_for_assistive_technology():
    assert (pressed(True), pressed(False)) == ("true", "false")
