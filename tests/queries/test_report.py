"""What a report says is what the files and the notes say."""

import dataclasses

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.overview import Overview
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import ClientRound
from flhetero_dash.settings import Settings
from tests.reports import CLIENT, LAST, Study


@pytest.fixture
def study(tmp_path):
    made = Study(tmp_path)
    yield made
    made.close()


def test_numbers_are_those_of_both_models(study):
    (client,) = study.report().clients
    assert dataclasses.astuple(client.counts) == (40, 9, 31 / 40, 1.0, 0.0, 1.0)
    assert client.chosen.round_index == 2  # the last one
    assert client.curves.n_inconsistent.tolist() == [9, 9, 9]
    np.testing.assert_allclose(client.curves.held_out, [0.3, 0.55, 0.8])
    assert client.curves.standalone == 1.0
    assert isinstance(client.plane, Overview)


def test_a_note_has_its_own_round_records_and_labels(study):
    study.note([3, *LAST[:2]])
    (note,) = study.report().clients[0].notes
    assert note.records.tolist() == [3, *LAST[:2]]
    assert (note.counts.n_records, note.counts.n_inconsistent) == (3, 2)
    assert sum(one.n_records for one in note.labels) == 3
    for one in note.labels:
        assert one.standalone_right
        assert one.federated_right == (one.federated == one.truth)
    assert [one.n_records for one in note.labels] == sorted(
        (one.n_records for one in note.labels), reverse=True
    )
    assert note.examples is None


def test_notes_of_one_client_or_of_all(study):
    study.note(LAST)
    study.note(LAST, client="Hospital B")
    study.note(LAST, client="Gone")
    assert [len(one.notes) for one in study.report().clients] == [1]
    everything = study.report(None)
    assert [len(one.notes) for one in everything.clients] == [1, 1]
    (stranger,) = everything.strangers
    assert "cannot be read" in stranger.gap


def test_a_note_of_other_samples_shows_nothing_of_those_that_are_there(study):
    study.note(LAST)
    study.change(label_names=np.array(["w", "x", "y", "z"]))
    (note,) = study.report(with_records=True).clients[0].notes
    assert "have changed since" in note.gap
    assert (note.records, note.counts, note.labels, note.examples) == (None, None, (), None)


@pytest.mark.parametrize(
    ("records", "fields", "words"),
    [
        ([39, 40], {}, "does not have"),
        ([1], {"inputs": "stratified"}, "does not have"),
        ([1], {"round_index": 99}, "not recorded in round 100"),
    ],
)
def test_a_note_of_what_is_not_there_says_so(study, records, fields, words):
    study.note(records, **fields)
    (note,) = study.report().clients[0].notes
    assert words in note.gap
    assert note.counts is None


def test_examples_are_collected_when_asked_for(study):
    study.note(LAST + [1, 2, 3, 4, 5])
    examples = study.report(with_records=True).clients[0].notes[0].examples
    assert (examples.n_records, len(examples.records)) == (14, 12)
    assert examples.pictures.shape == (12, 6, 6)
    assert [who for who, _ in examples.labels[0]] == ["ground truth", "federated", "stand-alone"]


def test_examples_of_a_table_are_its_values_in_words(tmp_path):
    names = np.array(["age", "sex", "pulse", "weight", "dose"])
    study = Study(tmp_path, shape=(5,), kind="tabular", extra={"feature_names": names})
    study.note([7, 8])
    examples = study.report(with_records=True).clients[0].notes[0].examples
    X = study.queries.learning.samples("study", CLIENT).inputs["local"]
    assert examples is not None
    assert examples.pictures is None
    assert examples.rows[0] == ("age", (f"{X[7, 0]}", f"{X[8, 0]}"))
    assert len(examples.rows) == examples.n_attributes == 5
    study.close()


def test_without_a_stand_alone_model_the_gap_is_told_and_notes_stay(study):
    (study.data / "history" / "study" / "outputs" / f"{CLIENT}_local.npz").unlink()
    study.note(LAST)
    (client,) = study.report().clients
    assert client.counts is None
    assert "stand-alone model's outputs" in client.gap
    assert client.notes[0].listed.note.text == "Odd ones"
    assert "stand-alone model's outputs" in client.notes[0].gap


def test_without_ground_truth_nothing_is_made_up(tmp_path):
    study = Study(tmp_path, with_truth=False)
    study.note(LAST)
    (client,) = study.report().clients
    assert client.counts is not None
    assert np.isnan(client.counts.federated)
    label = client.notes[0].labels[0]
    assert (label.truth, label.federated_right, label.standalone_right) == (None, None, None)
    study.close()


@pytest.mark.parametrize(
    ("client", "shown", "words"),
    [
        ("Nobody", None, "no client 'Nobody'"),
        (CLIENT, 9, "the rounds are 1 to 3"),
        (CLIENT, 0, "1"),
    ],
)
def test_what_is_not_there_is_refused(study, client, shown, words):
    with pytest.raises(DataError, match=words):
        study.report(client, shown)


def test_a_note_of_sampled_inputs_is_of_those_and_has_no_ground_truth(published, tmp_path):
    url = f"sqlite:///{tmp_path}/notes.sqlite"
    settings = Settings(data_dir=published, cache_dir=tmp_path / "cache", database_url=url)
    queries = Queries.over(Sources(settings, JobsHere()))
    chosen = ClientRound("mnist", "Client-0", 5, "stratified")
    queries.notes.add(chosen, "0-4", ("Sampled", ""), {})
    (note,) = queries.report.report("mnist", "Client-0", None, True).clients[0].notes
    queries.notes.store.close()
    assert note.counts is not None
    assert note.counts.n_records == 5
    assert np.isnan([note.counts.federated, note.counts.standalone_inconsistent]).all()
    assert {one.truth for one in note.labels} == {None}
    assert isinstance(note.plane, Overview)
    samples = queries.learning.samples("mnist", "Client-0")
    assert len(note.plane.coordinates) == len(samples.inputs["stratified"])
    assert note.examples is not None
    assert [who for who, _ in note.examples.labels[0]] == ["federated", "stand-alone"]
