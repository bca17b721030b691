"""Rounds that a recorder notes one by one, and what they give together."""

from dataclasses import replace

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError
from flhetero_dash.data.layout import Layout
from flhetero_dash.data.round_facts import RoundFacts, joined_facts


def facts(clients: tuple[str, ...], value: float, n_layers: int = 2) -> RoundFacts:
    empty = RoundFacts.nothing(clients, n_layers, n_classes=3)
    norms = np.stack([np.full((len(clients), n_layers + 1), size) for size in (2.0, 4.0, value)], 1)
    return replace(empty, loss=np.full(len(clients), value), norms=norms)


def test_rounds_of_several_recorders_are_put_together():
    found = joined_facts(("A", "B", "C"), [(2, facts(("B",), 6)), (0, facts(("A", "B"), 4))])
    assert found is not None
    np.testing.assert_array_equal(
        found.scalars["loss"], [[4, np.nan, np.nan], [4, np.nan, 6], [np.nan] * 3]
    )
    np.testing.assert_allclose(found.cosines[1, -1], [0.5, np.nan, 0.75])
    assert [found.rounds(client) for client in "ABC"] == [(0,), (0, 2), ()]
    history = found.history()
    assert history.n_rounds == 3
    assert history.val_acc is None  # nobody knows it


def test_rounds_beyond_those_that_are_asked_for_are_left_out():
    both = [(0, facts(("A",), 4)), (1, facts(("A",), 6))]
    found = joined_facts(("A",), both, n_rounds=1)
    assert found is not None
    assert found.scalars["loss"].tolist() == [[4]]
    assert joined_facts(("A",), []) is None


def test_rounds_of_different_models_are_refused():
    with pytest.raises(DataError, match=r"recorded rounds have \[3, 4\] layers, with All"):
        joined_facts(("A",), [(0, facts(("A",), 1)), (1, facts(("A",), 1, n_layers=3))])


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("loss", np.zeros(2), r"'loss' has shape \(2,\); expected \(3,\)"),
        ("loss", np.full(3, np.inf), "'loss' has 3 values of 3 that are not finite"),
        ("norms", np.zeros((3, 3)), r"'norms' has shape \(3, 3\); expected \(3, 3, n_layers \+ 1"),
        ("norms", np.zeros((3, 3, 5)), "'norms' are of 5 layers; expected 3, with All"),
        ("label_counts", np.zeros(3, int), r"'label_counts' has shape \(3,\); expected \(3, n_cla"),
    ],
)
def test_what_cannot_be_used_is_told(small, key, value, message):
    arrays = facts(small.clients, 1.0).arrays() | {key: value}
    small.put(small.history / "recording" / "all" / "r0.npz", arrays)
    reader = small.reader()
    with pytest.raises(DataError, match=message):
        reader.weights("small", "A")


def test_a_recording_has_the_rounds_that_are_noted(small):
    reader = small.reader()
    (small.history / "validation.npz").unlink()
    assert reader.federation("small").n_rounds == 3
    (small.history / "recording").mkdir()
    assert reader.federation("small").n_rounds == 0  # files of rounds that nobody has finished
    small.put(small.history / "recording" / "all" / "r0.npz", facts(small.clients, 1.0).arrays())
    assert reader.federation("small").n_rounds == 1
    assert reader.weights("small", "B").norms.shape == (3, 3, 1)


def test_a_round_that_is_noted_changes_what_answers_depend_on(small):
    reader = small.reader()
    (small.history / "recording").mkdir()
    before = reader.identity("small", "A", None)
    small.put(small.history / "recording" / "all" / "r0.npz", facts(small.clients, 1.0).arrays())
    assert reader.identity("small", "A", None) != before


def test_without_a_recording_nothing_is_listed(tmp_path):
    assert Layout("d", tmp_path, tmp_path).unjoined_facts(("A",)) == ()


def test_accuracy_may_lack_only_where_the_client_never_saw_the_model(small):
    small.validation["val_acc"][1, 2] = np.nan
    with pytest.raises(DataError, match="'val_acc' of B has 1 values of 3 that are not finite"):
        small.reader().history("small")
    (small.history / "outputs" / "B_Server_r2.npz").unlink()
    del small.outputs["B_Server_r2"]
    assert np.isnan(small.reader().history("small").val_acc[1, 2])
