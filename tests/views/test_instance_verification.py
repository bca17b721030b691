"""One record: its picture or its attributes."""

from typing import Any

import numpy as np
from dash import html

from flhetero_dash.queries.records import Verified
from flhetero_dash.selection import ClientRound
from flhetero_dash.views.addresses import pictures_address
from flhetero_dash.views.instance_verification import (
    MOST_ATTRIBUTES,
    attribute_table,
    facts,
    picture_of,
    position,
    verdict,
)

STRANGE = ClientRound("a/b", "Clinic #1?&ids=9", 0, "stratified")


def verified(**changes: Any) -> Verified:
    known: dict[str, Any] = {
        "record": 7, "selected": np.array([3, 7]), "truth": None, "federated": "two",
        "standalone": "one", "federated_score": None, "standalone_score": 0.256,
        "values": np.array([1.23456789, 7]), "median": np.array([1.0, 6.5]),
        "names": ("age", "<b>"), "categories": {},
    }  # fmt: skip
    return Verified(**(known | changes))


def cells(table) -> list[list[str]]:
    return [[cell.children for cell in row.children] for row in table.children]


def test_the_picture_is_that_of_the_record():
    picture: Any = picture_of(STRANGE, verified())
    assert picture.src == pictures_address(STRANGE) + "7"
    assert "Clinic #1" in picture.alt


def test_attributes_stand_beside_the_selections_median():
    assert cells(attribute_table(verified())) == [
        ["attribute", "record", "median"],
        ["age", "1.2346", "1"],
        ["<b>", "7", "6.5"],
    ]
    assert cells(attribute_table(verified(median=None)))[1] == ["age", "1.2346", ""]


def test_a_long_record_is_cut():
    n_features = MOST_ATTRIBUTES + 5
    long = verified(
        values=np.zeros(n_features), median=None, names=tuple(map(str, range(n_features)))
    )
    assert len(cells(attribute_table(long))) == 1 + MOST_ATTRIBUTES


def test_a_probability_is_shown_when_it_was_recorded():
    assert [part.children for part in verdict("one", None, 0.256)] == ["one", " 26%"]
    assert len(verdict("one", None, None)) == 1


def test_a_known_truth_is_a_row_of_its_own():
    terms = [part.children for part in facts(verified(truth="one"))[::2]]
    assert terms == ["Record", "Ground truth", "Federated model", "Stand-alone model"]


def test_an_empty_selection_has_no_place():
    assert position(verified(selected=np.array([], dtype=int))) == "not in the selection"


def words_of(parts) -> str:
    texts = []
    for part in parts:
        children = part if isinstance(part, str) else getattr(part, "children", "")
        texts.append(children if isinstance(children, str) else words_of(children or []))
    return " ".join(texts)


class TestInstance:
    def test_right_and_wrong_are_signs_too(self):
        words = words_of(facts(verified(truth="one", federated_score=0.6)))
        assert words.index("✗") < words.index("two") < words.index("60%")
        assert "✓" in words
        assert isinstance(verdict("two", "one", None)[0], html.Span)

    def test_without_ground_truth_nothing_is_right_or_wrong(self):
        words = words_of(facts(verified()))
        assert "no ground truth" in words
        assert "✗" not in words
        assert "✓" not in words

    def test_the_place_in_the_selection(self):
        assert position(verified()) == "2 of 2"
        assert position(verified(record=4)) == "not in the selection"


def test_a_category_is_named_and_has_no_median():
    coded = {"age": ("young", "old"), "<b>": ("no", "yes")}
    table = attribute_table(verified(values=np.array([1.0, 0.4]), categories=coded))
    assert cells(table)[1:] == [["age", "old", ""], ["<b>", "0.4", ""]]  # 0.4 names none
