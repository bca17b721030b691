"""What the browser is told to outline on the overview, and how it finds the records there."""

import base64
from dataclasses import replace

import numpy as np
import pytest

from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.figures.comparison import overview_scatter
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.selection import ClientRound
from flhetero_dash.views.overview_plot import marks, pressed

MASK = np.array([False, True, True, False, True, False, False, True, True, False])
PLACES = np.arange(20, dtype=np.float32).reshape(10, 2)
CHOSEN = ClientRound("d", "c", 4)
INFO = SamplesInfo(
    client_names=("c",), sampling_types=("local",), label_names=("no",), labels_named=True,
    kind="image", shape=(2, 3), feature_names=None, categories={}, has_ground_truth=True,
    single_files=False,
)  # fmt: skip


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


def test_the_browser_is_told_what_is_selected_and_where_words_on_it_are():
    found = marks(CHOSEN, 10, np.array([1, 4]), INFO)
    assert (found["records"], found["n_records"], found["aspect"]) == ([1, 4], 10, 1.5)
    assert found["about"] == "/records/d/c/local/5/"
    assert found["pictures"] == "/records/d/c/local.png?ids="
    table = replace(INFO, kind="tabular")
    assert marks(CHOSEN, 10, np.array([], dtype=int), table)["pictures"] is None


def test_pressed_is_a_word_for_assistive_technology():
    assert (pressed(True), pressed(False)) == ("true", "false")
