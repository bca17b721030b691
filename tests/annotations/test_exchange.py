"""Export and import: nothing is lost, doubled or overwritten; a hostile file does no harm."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flhetero_dash.annotations import (
    ExchangeError,
    ImportReport,
    NoteStore,
    exchange,
    export_json,
    import_json,
)

FORMAT_PAGE = Path(__file__).parents[2] / "docs" / "notes-format.md"
NOTHING = ImportReport(0, 0, 0, 0, ())


@pytest.fixture
def elsewhere(tmp_path):
    """Give the store of another machine."""
    store = NoteStore(f"sqlite:///{tmp_path}/elsewhere.sqlite")
    yield store
    store.close()


@pytest.fixture
def filled(store, draft):
    """Give a store with notes of every kind."""
    hostile = "=1+1 <b>&\"'\\ \r\n\t\u2028 👩‍👩‍👧‍👦 \x01\x7f"
    store.add(draft())
    edited = store.add(draft(hostile, author="", parameters={hostile: hostile}, client="Ü 😀"))
    store.edit(edited.id, 1, hostile * 100)
    store.delete(store.add(draft("deleted")).id, 1)
    back = store.add(draft("deleted and restored", records=range(5_000)))
    store.delete(back.id, 1)
    store.restore(back.id)
    return store


def changed(content: bytes, **values) -> bytes:
    """Write other values into the first note of a file."""
    file = json.loads(content)
    file["notes"][0] |= values
    return json.dumps(file).encode()


def test_another_machine_gets_the_same_notes(filled, elsewhere):
    content = export_json(filled.notes(deleted=None))
    assert import_json(elsewhere, content) == replace(NOTHING, added=4)
    assert elsewhere.notes(deleted=None) == filled.notes(deleted=None)
    assert import_json(elsewhere, content) == replace(NOTHING, unchanged=4)
    assert elsewhere.notes(deleted=None) == filled.notes(deleted=None)


def test_export_delete_all_import_gives_all_back(filled):
    before = filled.notes()
    content = export_json(before)
    for note in before:
        filled.delete(note.id, note.version)
    assert filled.notes() == ()
    assert import_json(filled, content) == replace(NOTHING, restored=3)
    after = filled.notes()
    # Deleting and restoring were two changes more; all else is as it was.
    assert [replace(note, version=note.version - 2) for note in after] == list(before)
    assert import_json(filled, content) == replace(NOTHING, unchanged=3)


def test_what_was_written_after_the_export_and_then_deleted_comes_back_as_it_was_last(store, draft):
    note = store.add(draft())
    content = export_json(store.notes())
    store.edit(note.id, 1, "newer than the file")
    store.delete(note.id, 2)
    assert import_json(store, content) == replace(NOTHING, restored=1)
    assert store.get(note.id).text == "newer than the file"


def test_only_a_strictly_newer_version_replaces_ours(store, elsewhere, draft):
    note = store.add(draft())
    first = export_json(store.notes())
    import_json(elsewhere, first)
    newer = elsewhere.edit(note.id, 1, "edited elsewhere")
    second = export_json(elsewhere.notes())
    assert import_json(store, second) == replace(NOTHING, updated=1)
    assert store.get(note.id) == newer
    assert import_json(store, first) == replace(NOTHING, unchanged=1)
    assert store.get(note.id) == newer


def test_two_edits_of_one_version_are_told_and_ours_stays(store, elsewhere, draft):
    note = store.add(draft())
    import_json(elsewhere, export_json(store.notes()))
    elsewhere.edit(note.id, 1, "theirs")
    ours = store.edit(note.id, 1, "ours")
    report = import_json(store, export_json(elsewhere.notes()))
    assert store.get(note.id) == ours
    assert (report.unchanged, report.updated) == (0, 0)
    assert report.refused[0].where == "notes[0]"
    assert "version 2 with other contents is here already" in report.refused[0].reason


def test_a_deletion_elsewhere_is_taken_over_if_it_is_newer(store, elsewhere, draft):
    note = store.add(draft())
    import_json(elsewhere, export_json(store.notes()))
    elsewhere.delete(note.id, 1)
    content = export_json(elsewhere.notes(deleted=None))
    assert import_json(store, content) == replace(NOTHING, updated=1)
    assert store.notes() == ()
    store.restore(note.id)
    assert import_json(store, content) == replace(NOTHING, unchanged=1)
    assert len(store.notes()) == 1


def test_an_imported_note_can_be_edited_and_tells_the_browsers(store, elsewhere, draft):
    note = store.add(draft())
    revision = elsewhere.revision()
    import_json(elsewhere, export_json(store.notes()))
    assert elsewhere.revision() != revision
    assert elsewhere.edit(note.id, 1, "edited").version == 2


def test_a_bad_note_does_not_hurt_the_others_and_is_told_with_its_place(elsewhere, filled):
    content = changed(export_json(filled.notes()), text=" ")
    report = import_json(elsewhere, content)
    assert report.added == 2
    (refusal,) = report.refused
    assert (refusal.where, refusal.reason) == (
        "notes[0]",
        "text: ' ' is blank; expected some words",
    )
    assert len(elsewhere.notes()) == 2


BAD: dict[str, tuple[Any, str | None]] = {
    "id": ("../../etc/passwd", "id: .*expected 32 hexadecimal digits"),
    "dataset": ("", "dataset: 0 characters"),
    "samples": (None, "samples: None; expected a text"),
    "client": (["a"], "client: a list of 1; expected a text"),
    "round_index": (1e999, None),
    "inputs": ("x" * 10**6, "inputs: 1,000,000 characters"),
    "records": ("0-999999999", "records: more than 1,000,000"),
    "text": ("\0", "text: a NUL"),
    "author": ("\ud800", "author: half a character"),
    "parameters": ({"k": {"k": {}}}, "parameters 'k': a dict of 1; expected a text"),
    "created": ("2026-13-01T00:00:00Z", "created: .*; expected a time such as"),
    "changed": ("9999-12-31T23:59:59-12:00", "changed: "),
    "deleted": ("2026-W01", "deleted: '2026-W01'; expected a time"),
    "version": (10**19, "version: 1"),
}


@pytest.mark.parametrize("key", exchange.KEYS)
def test_every_value_of_a_note_is_checked(store, draft, elsewhere, key):
    value, told = BAD[key]
    store.add(draft())
    content = export_json(store.notes())
    if told is None:  # a number that JSON may write but no note may hold
        content, told = content.replace(b'"round_index": 9', b'"round_index": 1e999'), "inf"
    else:
        content = changed(content, **{key: value})
    report = import_json(elsewhere, content)
    assert (report.added, len(report.refused)) == (0, 1)
    assert re.search(told, report.refused[0].reason)
    assert len(report.refused[0].reason) < 600
    assert elsewhere.notes(deleted=None) == ()


@pytest.mark.parametrize("key", exchange.KEYS)
def test_a_note_that_lacks_something_is_told(store, draft, elsewhere, key):
    store.add(draft())
    file = json.loads(export_json(store.notes()))
    del file["notes"][0][key]
    report = import_json(elsewhere, json.dumps(file).encode())
    assert report.refused[0].reason == f"lacks {key}"


def test_odd_notes_are_told(store, draft, elsewhere):
    store.add(draft())
    file = json.loads(export_json(store.notes()))
    good = file["notes"][0]
    file["notes"] = [7, None, [good], good | {"colour": "red"}, good, good]
    report = import_json(elsewhere, json.dumps(file).encode())
    assert report.added == 1
    assert [refusal.where for refusal in report.refused] == [f"notes[{i}]" for i in (0, 1, 2, 3, 5)]
    assert report.refused[0].reason == "7; expected an object"
    assert report.refused[2].reason == "a list of 1; expected an object"
    assert "has 'colour'; expected only id" in report.refused[3].reason or (
        "has 'colour'; expected only dataset" in report.refused[3].reason
    )
    assert report.refused[4].reason == f"id: {good['id']} is that of notes[4] too"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1, column 1: Expecting value; expected JSON. It may be cut short"),
        (b"\xff\xfe{", "byte 1: invalid start byte; expected UTF-8"),
        (b"[]", "a list of 0 without 'format'"),
        (b"null", "None without 'format'"),
        (b'{"format": "other"}', "a dict of 1 without 'format': 'flhetero-notes'"),
        (b'{"format": "flhetero-notes"}', "'format_version': None; expected 1"),
        (b'{"format": "flhetero-notes", "format_version": 2}', "'format_version': 2; expected 1"),
        (b'{"format": "flhetero-notes", "format_version": true}', "'format_version': True"),
        (b'{"format": "flhetero-notes", "format_version": 1}', "'notes': None; expected a list"),
        (b'{"format": "flhetero-notes", "format_version": 1, "notes": {}}', "a dict of 0"),
        (b"[" * 200_000, "too deep"),
        (b'{"a":' * 200_000, "too deep"),
        (b'{"format": NaN}', "the number NaN; expected finite numbers"),
        (b"[-Infinity]", "the number -Infinity"),
        (b"[" + b"9" * 10_000 + b"]", "a number of 10,000 digits"),
        (b'{"format": 1, "format": 2}', "'format' twice in one object"),
    ],
)  # fmt: skip
def test_a_file_that_is_none_of_notes_is_refused(elsewhere, content, told):
    with pytest.raises(ExchangeError, match="^(the file|'format_version'|'notes')") as caught:
        import_json(elsewhere, content)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_file_that_is_cut_short_anywhere_takes_nothing_in(elsewhere, store, draft):
    store.add(draft())
    store.add(draft("second"))
    content = export_json(store.notes()).rstrip()
    for length in range(0, len(content), 7):
        with pytest.raises(ExchangeError):
            import_json(elsewhere, content[:length])
    assert elsewhere.notes(deleted=None) == ()
    assert import_json(elsewhere, b"\xef\xbb\xbf" + content).added == 2  # as editors save it


def test_files_that_are_too_large_are_neither_written_nor_read(store, draft, monkeypatch):
    store.add(draft())
    content = export_json(store.notes())
    with pytest.raises(ExchangeError, match=f"{len(content):,} bytes; expected at most 9"):
        import_json(store, content, most_bytes=9)
    monkeypatch.setattr(exchange, "MOST_BYTES", 9)
    with pytest.raises(ExchangeError, match="1 notes take .* Choose fewer notes"):
        export_json(store.notes())


def test_times_of_other_zones_are_taken_over(store, draft, elsewhere):
    note = store.add(draft())
    content = changed(export_json(store.notes()), created="2026-01-31T23:30:00.5+02:00")
    import_json(elsewhere, content)
    assert elsewhere.get(note.id).created == datetime(2026, 1, 31, 21, 30, 0, 500_000, UTC)


def test_the_page_on_the_format_names_every_key(store, draft):
    store.add(draft())
    file = json.loads(export_json(store.notes()))
    page = FORMAT_PAGE.read_text()
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    named = [line.split("`")[1] for line in lines]
    assert set(named) == {*file, *file["notes"][0]}


def test_the_example_of_the_page_can_be_imported(elsewhere):
    example = FORMAT_PAGE.read_text().split("```json\n")[1].split("```")[0]
    assert import_json(elsewhere, example.encode()) == replace(NOTHING, added=1)
