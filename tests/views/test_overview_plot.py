"""What the browser is told to outline on the overview, and how it finds the records there."""

import base64

import numpy as np
import pytest

from flhetero_dash.figures.comparison import overview_scatter
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.selection import ClientRound
from flhetero_dash.views.overview_plot import marks, pressed

MASK = np.array([False, True, True, False, True, False, False, True, True, False])
PLACES = np.arange(20, dtype=np.float32).reshape(10, 2)
CHOSEN = ClientRound("d", "c", 4)


@pytest.mark.parametrize("on_top", ["inconsistent", "consistent"])
def test_the_figure_says_which_records_its_traces_hold(on_top):
    figure = overview_scatter(PLACES, MASK, np.ones(2), on_top, LIGHT)
    packed = np.frombuffer(base64.b64decode(figure.layout.meta["inconsistent"]), np.uint8)
    mask = np.unpackbits(packed)[: figure.layout.meta["n_records"]].astype(bool)
    assert mask.tolist() == MASK.tolist()
    assert figure.data[-1].name == on_top
    for trace in figure.data:
        records = np.flatnonzero(mask == (trace.name == "inconsistent"))
        np.testing.assert_array_equal(np.stack([trace.x, trace.y], axis=1), PLACES[records])


def test_the_ring_is_around_the_record_that_is_verified():
    selected = np.array([1, 4])
    found = marks(CHOSEN, 10, selected, 3, images=True)
    assert (found["records"], found["record"]) == ([1, 4], 3)
    assert found["about"] == "/records/d/c/local/5/"
    assert found["pictures"] == "/records/d/c/local.png?ids="
    assert marks(CHOSEN, 10, selected, None, images=False)["pictures"] is None


@pytest.mark.parametrize(("record", "shown"), [(None, 1), (99, 1), (9, 9)])
def test_a_record_beyond_the_table_is_marked_as_it_is_verified(record, shown):
    # Instance Verification shows the selection's first record then.
    assert marks(CHOSEN, 10, np.array([1, 4]), record, images=True)["record"] == shown
    assert marks(CHOSEN, 10, np.array([], dtype=int), None, images=True)["record"] is None


def test_pressed_is_a_word_for_assistive_technology():
    assert (pressed(True), pressed(False)) == ("true", "false")
