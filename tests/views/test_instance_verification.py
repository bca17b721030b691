"""One record: its picture or its attributes."""

import dataclasses
from typing import Any

import numpy as np
import pytest

from flhetero_dash.analysis.record_history import GAP
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.nearest import Nearest
from flhetero_dash.queries.record_rounds import RecordRounds
from flhetero_dash.queries.records import ClassScore, Verified
from flhetero_dash.selection import ClientRound
from flhetero_dash.views.addresses import pictures_address
from flhetero_dash.views.instance_answers import (
    MOST_ATTRIBUTES,
    attribute_rows,
    details_of,
    facts,
    nearest_of,
    picture_of,
    roll_of,
    since_words,
    verdict,
)

INFO = SamplesInfo(
    client_names=("A",), sampling_types=("local",), label_names=("no", "yes", "2", "10", "x"),
    labels_named=True, kind="image", shape=(2, 2), feature_names=None, categories={},
    has_ground_truth=True, single_files=False,
)  # fmt: skip
STRANGE = ClientRound("a/b", "Clinic #1?&ids=9", 0, "stratified")


def verified(**changes: Any) -> Verified:
    known: dict[str, Any] = {
        "record": 7, "selected": np.array([3, 7]), "truth": None, "federated": "two",
        "standalone": "one", "scores": (), "values": np.array([1.23456789, 7]),
        "median": np.array([1.0, 6.5]), "distance": np.array([0.5, 2.0]),
        "names": ("age", "<b>"), "categories": {},
    }  # fmt: skip
    return Verified(**(known | changes))


def test_the_picture_is_that_of_the_record():
    picture = picture_of(STRANGE, verified(names=()))
    assert picture["picture"] == pictures_address(STRANGE) + "7"
    assert "Clinic #1" in picture["alt"]
    assert picture_of(STRANGE, verified()) == {}  # a table's record is none


def test_attributes_stand_beside_the_selections_median_the_farthest_first():
    assert attribute_rows(verified()) == [
        {"name": "<b>", "value": "7", "median": "6.5", "distance": "2 sd"},
        {"name": "age", "value": "1.2346", "median": "1", "distance": "0.5 sd"},
    ]
    alone = attribute_rows(verified(median=None, distance=None))
    assert alone[0] == {"name": "age", "value": "1.2346"}


def test_a_long_record_is_cut_and_says_so():
    n_features = MOST_ATTRIBUTES + 5
    long = verified(
        values=np.zeros(n_features),
        median=np.zeros(n_features),
        distance=np.arange(float(n_features)),
        names=tuple(map(str, range(n_features))),
    )
    details = details_of(long)
    assert len(details["attributes"]) == MOST_ATTRIBUTES
    assert details["attributes"][0]["name"] == str(n_features - 1)
    assert details["note"] == f"The {MOST_ATTRIBUTES} farthest of {n_features}."


def test_scores_of_both_models_are_sent_by_class():
    scores = (ClassScore("one", True, 0.25, None), ClassScore("two", False, 0.75, None))
    sent = details_of(verified(scores=scores))["scores"]
    assert sent[0] == {"name": "one", "is_truth": True, "federated": 0.25, "standalone": None}


def test_a_known_truth_is_a_row_of_its_own():
    terms = [term for term, _, _ in facts(verified(truth="one"), "local")]
    assert terms == ["Record", "Ground truth", "Federated", "Stand-alone"]


def test_outputs_are_right_or_wrong_where_the_truth_is_known():
    known = facts(verified(truth="one"), "local")
    assert known[2:] == [["Federated", "two", False], ["Stand-alone", "one", True]]
    assert (verdict("two", "one"), verdict("one", "one"), verdict("one", None)) == (
        False,
        True,
        None,
    )


def test_without_ground_truth_nothing_is_right_or_wrong():
    unknown = facts(verified(), "stratified")
    assert unknown[0] == ["Record", "7 of stratified inputs", None]
    assert unknown[1] == ["Truth", "no ground truth", None]
    assert [is_right for _, _, is_right in unknown] == [None] * 4


def test_a_category_is_named_and_so_is_the_most_frequent_one():
    coded = {"age": ("young", "old"), "<b>": ("no", "yes")}
    rows = attribute_rows(
        verified(
            values=np.array([1.0, 0.4]),
            median=np.array([0.0, 1.0]),
            distance=np.array([0.75, 0.5]),
            categories=coded,
        )
    )
    assert rows[0] == {"name": "age", "value": "old", "median": "young", "distance": "75%"}
    assert rows[1]["value"] == "0.4"  # it names none


def rounds(classes: list[int], truth: int | None) -> RecordRounds:
    return RecordRounds(np.array(classes), truth, 0)


class TestRounds:
    def test_the_truth_has_the_first_row_and_gaps_have_none(self):
        roll = roll_of(rounds([2, GAP, 2, 1], 1), INFO, 3)
        assert roll["rows"] == [{"name": "yes", "truth": True}, {"name": "2", "truth": False}]
        assert roll["cells"] == [1, GAP, 1, 0]
        assert roll["words"] == ["2", "", "2", "yes"]
        assert roll["right"] == [False, False, False, True]
        assert roll["selected"] == 3

    def test_rare_classes_share_the_last_row(self):
        roll = roll_of(rounds([0, 0, 0, 1, 1, 2, 3, 4], None), INFO, 0)
        assert [row["name"] for row in roll["rows"]] == ["no", "yes", "2", "2 others"]
        assert roll["cells"] == [0, 0, 0, 1, 1, 2, 3, 3]
        assert roll["right"] is None

    @pytest.mark.parametrize(
        ("classes", "truth", "words"),
        [
            ([1, 0, GAP, 2, 0], 1, "wrong since round 2"),
            ([0, 2, 1, GAP, 1], 1, "right since round 3"),
            ([0, 2, 0], 1, "wrong in all rounds"),
            ([1, GAP, 1], 1, "right in all recorded rounds"),
            ([0, 2, 2], None, "2 since round 2"),
            ([GAP, GAP], 1, "No round's outputs were recorded."),
        ],
    )
    def test_since_when_is_said(self, classes, truth, words):
        assert since_words(rounds(classes, truth), INFO) == words

    def test_two_hundred_rounds_are_one_component(self):
        roll = roll_of(rounds([n % 2 for n in range(200)], 1), INFO, 150)
        assert len(roll["cells"]) == 200


class TestNearest:
    ROWS = np.array([5, 2])

    def near(self, label: str | None, of_sampled: bool) -> Nearest:
        return Nearest(self.ROWS, np.array([1.5, 2]), ("yes", "yes"), label, of_sampled)

    def test_they_are_records_of_the_same_table_and_label(self):
        chosen = ClientRound("d", "A", 0)
        sent = nearest_of(chosen, self.near("yes", False), INFO)
        assert sent["title"] == "Nearest consistent yes"
        assert sent["inputs"] is None
        assert [one["record"] for one in sent["records"]] == [5, 2]
        assert sent["source"] == "/records/d/A/local.png?ids="

    def test_those_of_a_sampled_input_are_marked_as_of_the_other_table(self):
        sent = nearest_of(STRANGE, self.near(None, True), INFO)
        assert sent["title"] == "Nearest local record"
        assert sent["inputs"] == "local"
        assert "/local.png" in sent["source"]

    def test_a_table_has_no_pictures(self):
        chosen = ClientRound("d", "A", 0)
        table = dataclasses.replace(INFO, kind="tabular", shape=(4,))
        assert nearest_of(chosen, self.near("yes", False), table)["source"] is None
