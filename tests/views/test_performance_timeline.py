"""Which curve the timeline draws, and what it says when there is none."""

import numpy as np
import pytest

from flhetero_dash.data.history import TrainingHistory
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.queries.learning import DisagreementByRound
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import ClientRound
from flhetero_dash.views.performance_timeline import band_of, disagreement_curve, recorded_curve

LOSS = np.array([[2.0, 1.0], [3.0, 0.5]])
ACCURACY = np.array([[0.5, 0.6], [0.7, 0.9]])
HISTORY = TrainingHistory(("A", "B"), LOSS, ACCURACY, None)
CHOSEN = ClientRound("d", "B", 1)
COUNTED = DisagreementByRound(np.array([40.0, np.nan]), 0.85)
UNKNOWN = DisagreementByRound(np.full(2, np.nan), float("nan"))


def test_the_clients_own_row_is_drawn_over_the_range_of_all():
    figure, keys = recorded_curve(HISTORY, "loss", CHOSEN, COUNTED, LIGHT)
    curves = {trace.name: trace for trace in figure.data}
    assert list(curves) == ["all clients", "this client"]
    np.testing.assert_allclose(curves["this client"].y, LOSS[1])
    np.testing.assert_allclose(curves["all clients"].y, [3, 1, 0.5, 2])  # up, and back below
    assert [key.children for key in keys] == ["training loss of the round", "range of all clients"]


def test_only_accuracy_is_compared_with_the_standalone_model():
    figure, keys = recorded_curve(HISTORY, "accuracy", CHOSEN, COUNTED, LIGHT)
    (alone,) = [trace for trace in figure.data if trace.name == "stand-alone model"]
    np.testing.assert_allclose(alone.y, 0.85)
    assert keys[-1].children == "stand-alone model on all local records"
    figure, keys = recorded_curve(HISTORY, "accuracy", CHOSEN, UNKNOWN, LIGHT)
    assert "stand-alone model" not in {trace.name for trace in figure.data}
    assert len(keys) == 2


def test_one_client_has_no_range():
    one = TrainingHistory(("B",), LOSS[1:], None, None)
    figure, keys = recorded_curve(one, "loss", CHOSEN, COUNTED, LIGHT)
    assert [trace.name for trace in figure.data] == ["this client"]
    assert len(keys) == 1


def test_a_curve_that_was_not_recorded_is_told():
    with pytest.raises(NothingToShowError, match="Total accuracy was not recorded"):
        recorded_curve(HISTORY, "total", CHOSEN, COUNTED, LIGHT)


def test_inconsistent_records_are_counts_with_gaps():
    figure, _ = disagreement_curve(COUNTED, CHOSEN, LIGHT)
    np.testing.assert_allclose(figure.data[0].y, [40, np.nan])
    assert figure.layout.yaxis.ticktext[0] == "0"
    with pytest.raises(NothingToShowError, match="No outputs of B were recorded"):
        disagreement_curve(UNKNOWN, CHOSEN, LIGHT)


class TestTimeline:
    def test_a_band_needs_several_clients_and_every_round(self):
        band = band_of(np.array([[0.1, 0.9], [0.3, np.nan]]))
        np.testing.assert_allclose(band, [[0.1, 0.9], [0.3, 0.9]])  # type: ignore[arg-type]
        assert band_of(np.array([[0.1, 0.9]])) is None
        assert band_of(np.full((2, 2), np.nan)) is None
