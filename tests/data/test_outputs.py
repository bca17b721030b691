"""Outputs of models: forms, gaps, and what is refused."""

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError


def local(history):
    return history.reader().local_outputs("small", "A")


def refused(history):
    with pytest.raises(DataError, match=r"A_local\.npz") as caught:
        local(history)
    return str(caught.value)


def test_class_ids_by_sampling_type(small):
    outputs = local(small)
    np.testing.assert_array_equal(outputs.classes["local"], small.outputs["A_local"]["local"])
    assert set(outputs.classes) == {"local", "stratified"}
    assert outputs.scores == {}


def test_probabilities_are_kept_and_their_largest_is_the_class(small, rng):
    scores = rng.uniform(size=(6, 3)).astype(np.float32)
    small.outputs["A_local"]["local"] = scores
    outputs = local(small)
    np.testing.assert_array_equal(outputs.classes["local"], scores.argmax(axis=1))
    np.testing.assert_array_equal(outputs.scores["local"], scores)


def test_scores_beside_the_class_ids(small, rng):
    scores = rng.uniform(size=(6, 3)).astype(np.float16)
    small.outputs["A_local"]["local_scores"] = scores
    outputs = local(small)
    np.testing.assert_array_equal(outputs.scores["local"], scores)
    np.testing.assert_array_equal(outputs.classes["local"], small.outputs["A_local"]["local"])


@pytest.mark.parametrize(
    "convert",
    [
        lambda a: a.astype(float),
        lambda a: a.astype(np.uint8),
        lambda a: a.astype(object),
        lambda a: np.array(["cat", "dog", "owl"])[a],
    ],
)
def test_stored_in_another_way_they_are_the_same(small, convert):
    expected = small.outputs["A_local"]["local"]
    small.outputs["A_local"]["local"] = convert(expected)
    np.testing.assert_array_equal(local(small).classes["local"], expected)


def test_without_label_names_higher_classes_are_accepted(small):
    del small.samples["label_names"]
    small.outputs["A_local"]["local"] = np.arange(6)
    assert local(small).classes["local"].tolist() == list(range(6))


def test_a_sampled_type_may_lack_but_not_the_local_one(small):
    del small.outputs["A_local"]["stratified"]
    assert list(local(small).classes) == ["local"]
    small.outputs["A_local"] = {"stratified": np.zeros(2, int)}
    assert "lacks local; has stratified" in refused(small)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.zeros(5, int), "'local' has shape (5,); expected (6,) or (6, n_classes)"),
        (np.zeros((6, 4)), "'local' has shape (6, 4); expected (6, 3)"),
        (np.zeros((5, 3)), "'local' has shape (5, 3); expected (6, 3)"),
        (np.zeros((6, 1, 1), int), "expected (6,)"),
        (np.full((6, 3), np.nan), "18 values of 18 that are not finite"),
        (np.full(6, 3), "6 of 6 class ids out of range (found 3 to 3); expected 0 to 2"),
        (np.full(6, -1), "out of range"),
        (np.full(6, 1.5), "6 fractional"),
        (np.full(6, "2"), "labels stored as text, '2' among them"),
        (np.array(1), "has shape ()"),
    ],
)
def test_what_cannot_be_used_is_told(small, value, message):
    small.outputs["A_local"]["local"] = value
    assert message in refused(small)


def test_an_absent_file_is_a_gap(small):
    del small.outputs["A_Server_r1"]
    del small.outputs["A_local"]
    reader = small.reader()
    assert reader.global_outputs("small", "A", 1) is None
    assert reader.global_outputs("small", "A", 99) is None
    assert reader.global_outputs("small", "A", -1) is None
    assert reader.local_outputs("small", "A") is None
    assert reader.second_local_outputs("small", "A") is None
    assert reader.update_outputs("small", "A", 0) is None
    assert reader.output_rounds("small", "A") == (0, 2)


def test_what_our_writer_adds(small):
    for name in ("A_local_1", "A_update_r1"):
        small.outputs[name] = small.outputs["A_local"]
    reader = small.reader()
    assert reader.second_local_outputs("small", "A") is not None
    assert reader.update_outputs("small", "A", 1) is not None


def test_zero_one_two_or_all_records_inconsistent(small):
    own = np.zeros(6, int)
    small.outputs["A_local"]["local"] = own
    for index, wrong in enumerate((0, 1, 2)):
        small.outputs[f"A_Server_r{index}"]["local"] = (np.arange(6) < wrong).astype(int)
    reader = small.reader()
    for index, wrong in enumerate((0, 1, 2)):
        found = reader.global_outputs("small", "A", index).classes["local"]
        assert (found != reader.local_outputs("small", "A").classes["local"]).sum() == wrong
