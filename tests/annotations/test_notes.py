"""What is allowed in a note, and what is told about the rest."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from flhetero_dash.annotations import InvalidNoteError, Note, NoteDraft
from flhetero_dash.annotations.checks import MOST_TEXT, n_records
from flhetero_dash.selection import read_records
from flhetero_dash.selection.own import MOST_RECORDS


@pytest.fixture
def note(draft) -> Note:
    time = datetime(2026, 1, 31, tzinfo=UTC)
    made: Note = draft().as_note(id="a" * 32, created=time, changed=time, version=1)
    return made


def test_records_are_kept_ascending_and_each_once(draft):
    made = draft(records=[7, 3, 5, 4, 3])
    assert made.records_text == "3-5,7"
    assert made.records == (3, 4, 5, 7)
    assert made.n_records == 4


def test_a_draft_does_not_change_with_what_it_was_made_of(draft):
    parameters = {"k": "8"}
    made = draft(parameters=parameters)
    parameters["k"] = "9"
    assert made.parameters == {"k": "8"}


def test_a_draft_can_be_a_key(draft):
    assert len({draft(), draft(), draft("other")}) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"text": ""}, "text: '' is blank; expected some words"),
        ({"text": " \n\u200b\u2060"}, "is blank"),
        ({"text": "x" * (MOST_TEXT + 1)}, "text: 100,001 characters; expected at most 100,000"),
        ({"text": "ab\0"}, "text: a NUL character at position 3; expected none, remove it"),
        ({"text": "a\ud83d"}, r"text: half a character \('\\ud83d'\) at position 2"),
        ({"text": None}, "text: None; expected a text"),
        ({"records": []}, "records: none are selected"),
        ({"records": [-1]}, "records: -1; expected a whole number from 0"),
        ({"records": [1.5]}, "records: 1.5; expected a whole number"),
        ({"records": [True]}, "records: True; expected a whole number"),
        ({"records": range(MOST_RECORDS + 1)}, "records: 1,000,001; expected 1 to 1,000,000"),
        ({"dataset": ""}, r"dataset: 0 characters \(''\); expected 1 to 200, not blank"),
        ({"client": "c" * 201}, "client: 201 characters"),
        ({"client": "a\nb"}, "client: .*; expected one line"),
        ({"samples": "  "}, "samples: 2 characters"),
        ({"inputs": 3}, "inputs: 3; expected a text"),
        ({"author": "a\0"}, "author: a NUL character"),
        ({"author": "a" * 201}, "author: 201 characters"),
        ({"round_index": -1}, "round_index: -1; expected a whole number from 0 to 1000000000"),
        ({"round_index": 10**5000}, "round_index: a number of more than 30 digits"),
        ({"round_index": "1"}, "round_index: '1'; expected a whole number"),
        ({"parameters": []}, "parameters: a list of 0; expected at most 100 texts"),
        ({"parameters": {str(i): "" for i in range(101)}}, "parameters: 101; expected at most 100"),
        ({"parameters": {"k": 8}}, "parameters 'k': 8; expected a text"),
        ({"parameters": {8: "k"}}, "parameters: 8; expected a text"),
        ({"parameters": {"k": "\0"}}, "parameters 'k': a NUL"),
        ({"parameters": {"k": "x" * 2_001}}, "parameters 'k': 2,001 characters"),
    ],
)
def test_what_cannot_be_kept_is_told_with_what_was_found_and_expected(draft, wrong, told):
    with pytest.raises(InvalidNoteError, match=told):
        draft(**wrong)


@pytest.mark.parametrize(
    "text", ["0", "5", "0-1", "3-7,12", "1,3,5", "0-999999", "999999999", "10-11,13"]
)
def test_records_are_counted_as_they_are_read(text):
    assert n_records(text) == len(read_records(text))


@pytest.mark.parametrize(
    "text",
    ["", " ", "1,", ",1", "1,1", "2,1", "1,2", "1-3,3", "1-3,4", "3-1", "1-1", "-1", "01", "1-",
     "a", "1 - 3", "0-1000000", "1.0", "٣", "1" * 11, None, 7, ["1"], "0-99999,200000-2000000"],
)  # fmt: skip
def test_records_that_are_written_in_another_way_are_refused(text):
    with pytest.raises(InvalidNoteError, match="^records: "):
        n_records(text)


def test_a_million_records_in_few_characters_are_counted_without_listing_them(draft):
    note = draft(records=range(MOST_RECORDS))
    assert note.n_records == MOST_RECORDS
    assert "records" not in vars(note)


TIME = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"id": "A" * 32}, "id: .*; expected 32 hexadecimal digits"),
        ({"id": "a" * 31}, "expected 32 hexadecimal digits"),
        ({"version": 0}, "version: 0; expected a whole number from 1"),
        ({"version": 2**31}, "version: 2147483648; expected"),
        ({"created": TIME.replace(tzinfo=None)}, "created: .*expected a time in UTC"),
        ({"changed": TIME.astimezone(timezone(timedelta(hours=1)))}, "changed: .*time in UTC"),
        ({"changed": None}, "changed: None; expected a time in UTC"),
        ({"deleted": "yesterday"}, "deleted: 'yesterday'; expected a time in UTC"),
        ({"created": TIME.replace(year=1)}, "created: .*; expected a year from 1970 to 9998"),
        ({"text": " "}, "text: ' ' is blank"),
    ],
)
def test_a_note_from_elsewhere_is_checked(note, wrong, told):
    assert note.checked() is note
    with pytest.raises(InvalidNoteError, match=told):
        replace(note, **wrong).checked()


def test_a_note_knows_its_draft(note, draft):
    assert note.is_of(draft())
    assert not note.is_of(draft("other"))
    assert isinstance(note, NoteDraft)
