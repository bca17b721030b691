"""The store, on each database: kept literally, never overwritten unseen, deletion undone."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from flhetero_dash.annotations import (
    ConflictError,
    InvalidNoteError,
    NoteStore,
    UnknownNoteError,
    new_id,
)

HOSTILE = {
    "markup": "<script>alert(1)</script> &amp; <b>",
    "formula": '=HYPERLINK("http://x";"y")',
    "quotes": "'; DROP TABLE notes; -- \" ` \\ %s :text {x}",
    "lines": "one\r\ntwo\n\n\tthree \u2028 four",
    "emoji": "👩‍👩‍👧‍👦 naïve नमस्ते ‮right to left‬ \U0010ffff",
    "control": "\x01\x07\x1b[31m\x7f\x85 end",
    "spaces": "  kept as typed  \n",
    "long": "ü" * 100_000,
}


def test_a_note_is_kept_as_it_was_drafted(store, draft):
    before = datetime.now(UTC)
    note = store.add(draft())
    assert note.is_of(draft())
    assert note.records == (1, 2, 3, 9)
    assert (note.version, note.deleted, note.created) == (1, None, note.changed)
    assert before <= note.created <= datetime.now(UTC)
    assert store.get(note.id).created.utcoffset() == timedelta(0)
    assert store.get(note.id) == note
    assert store.notes() == (note,)


def test_another_process_or_a_restart_sees_the_same(store, url, draft):
    note = store.add(draft())
    again = NoteStore(url)
    assert again.notes() == (note,)
    again.close()


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_texts_are_kept_literally(store, draft, kind):
    text = HOSTILE[kind]
    line = "".join(text.splitlines())[:200]
    note = store.add(draft(text, author=line, client=line, parameters={line: text[:2000]}))
    found = store.get(note.id)
    assert found.text == text
    assert (found.author, found.client) == (line, line)
    assert found.parameters == {line: text[:2000]}
    assert store.notes(client=line) == (note,)


def test_an_edit_replaces_the_text_alone(store, draft):
    note = store.add(draft())
    edited = store.edit(note.id, 1, "Sevens are handwritten")
    assert edited.text == "Sevens are handwritten"
    assert edited.version == 2
    assert edited.created == note.created < edited.changed
    assert edited.is_of(draft("Sevens are handwritten"))
    assert store.get(note.id) == edited


def test_of_two_who_edit_one_note_the_second_is_told_and_loses_nothing(store, draft):
    note = store.add(draft())
    first = store.edit(note.id, note.version, "first")
    with pytest.raises(ConflictError, match="found version 2, expected 1") as caught:
        store.edit(note.id, note.version, "second")
    assert caught.value.newer == first
    assert caught.value.typed == "second"
    assert store.get(note.id) == first
    assert store.edit(note.id, caught.value.newer.version, "both").text == "both"


def test_a_deletion_is_undone(store, draft):
    note, other = store.add(draft()), store.add(draft("other"))
    deleted = store.delete(note.id, 1)
    assert deleted.deleted is not None
    assert note.created <= deleted.deleted <= datetime.now(UTC)
    assert store.notes() == (other,)
    assert store.notes(deleted=True) == (deleted,)
    assert store.notes(deleted=None) == (deleted, other)
    assert store.get(note.id) == deleted
    back = store.restore(note.id)
    assert (back.deleted, back.version, back.text) == (None, 3, note.text)
    assert store.notes() == (back, other)
    assert store.restore(note.id) == back


def test_what_was_changed_is_not_deleted_unseen(store, draft):
    note = store.add(draft())
    edited = store.edit(note.id, 1, "more was found")
    with pytest.raises(ConflictError, match="was changed on ") as caught:
        store.delete(note.id, 1)
    assert caught.value.newer == edited
    assert caught.value.typed is None
    assert store.notes() == (edited,)


@pytest.mark.parametrize("seen", [1, 2])
def test_what_was_deleted_is_not_edited_unseen(store, draft, seen):
    note = store.add(draft())
    deleted = store.delete(note.id, 1)
    with pytest.raises(ConflictError, match="was deleted on ") as caught:
        store.edit(note.id, seen, "typed meanwhile")
    assert caught.value.newer == deleted
    assert caught.value.typed == "typed meanwhile"
    assert store.get(note.id) == deleted


@pytest.mark.parametrize("text", ["", " \n\t\u200b", "a\0b", "half \ud83d of it", "x" * 100_001])
def test_a_text_that_cannot_be_kept_changes_nothing(store, draft, text):
    note = store.add(draft())
    with pytest.raises(InvalidNoteError, match="^text: "):
        store.edit(note.id, 1, text)
    assert store.notes() == (note,)


def test_an_unknown_note_is_told(store):
    unknown = new_id()
    for ask in (
        lambda: store.get(unknown),
        lambda: store.edit(unknown, 1, "text"),
        lambda: store.delete(unknown, 1),
        lambda: store.restore(unknown),
    ):
        with pytest.raises(UnknownNoteError, match=f"there is no note {unknown}"):
            ask()
    with pytest.raises(InvalidNoteError, match="expected 32 hexadecimal digits"):
        store.get("../../etc/passwd")


def test_a_form_that_is_sent_twice_adds_one_note(store, draft):
    note_id = new_id()
    note = store.add(draft(), note_id)
    assert note.id == note_id
    assert store.add(draft(), note_id) == note
    with pytest.raises(ConflictError, match="with other contents") as caught:
        store.add(draft("other"), note_id)
    assert caught.value.typed == "other"
    assert store.notes() == (note,)


def test_notes_are_listed_by_what_they_are_about_oldest_first(store, draft):
    a = store.add(draft("a"))
    b = store.add(draft("b", round_index=3))
    c = store.add(draft("c", client="Client-1"))
    d = store.add(draft("d", dataset="heart"))
    store.edit(a.id, 1, "a is changed last, and stays where it was")
    assert [note.id for note in store.notes()] == [a.id, b.id, c.id, d.id]
    assert [note.id for note in store.notes("digits")] == [a.id, b.id, c.id]
    assert [note.id for note in store.notes("digits", "Client-0")] == [a.id, b.id]
    assert [note.id for note in store.notes("digits", "Client-0", 3)] == [b.id]
    assert store.notes("nothing") == ()


def test_the_revision_changes_with_every_change_of_any_process_and_with_nothing_else(
    store, url, draft
):
    other = NoteStore(url)
    seen = [store.revision()]

    def changed() -> bool:
        seen.append(store.revision())
        return seen[-1] not in seen[:-1]

    note = other.add(draft())
    assert changed()
    store.notes(deleted=None)
    assert not changed()
    other.edit(note.id, 1, "other")
    assert changed()
    with pytest.raises(ConflictError):
        other.edit(note.id, 1, "another")
    assert not changed()
    other.delete(note.id, 2)
    assert changed()
    other.restore(note.id)
    assert changed()
    assert other.revision() == store.revision()
    other.close()


def test_threads_that_come_first_all_at_once_are_all_served(store, draft):
    begin = threading.Barrier(16)

    def add(number):
        begin.wait()
        return store.add(draft(str(number))).id

    with ThreadPoolExecutor(16) as threads:
        added = list(threads.map(add, range(16)))
    assert {note.id for note in store.notes()} == set(added)
    assert len(store._database._engines) == 1
