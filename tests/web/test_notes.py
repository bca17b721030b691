"""The page's notes over HTTP: who may write, what comes back, and what went wrong in words."""

import json
import shutil

import numpy as np
import pytest
from flask import Flask

from flhetero_dash.annotations import NoteStore
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.settings import Settings
from flhetero_dash.web.notes import add_routes
from flhetero_dash.web.waiting import PAGE_HEADER

PAGE = {PAGE_HEADER: "1" * 32}


@pytest.fixture
def data(published, tmp_path):
    """Give a copy of the published data, with whose samples a test may do as it likes."""
    return shutil.copytree(published, tmp_path / "data")


@pytest.fixture
def notes_client(data, tmp_path):
    url = f"sqlite:///{tmp_path}/notes/notes.sqlite"
    settings = Settings(data_dir=data, cache_dir=tmp_path / "cache", database_url=url)
    server = Flask("notes")
    queries = Queries.over(Sources(settings, JobsHere()))
    add_routes(server, queries.notes)
    yield server.test_client()
    queries.notes.store.close()


@pytest.fixture
def chosen():
    return {"dataset": "mnist", "client": "Client-0", "round": "6"}


@pytest.fixture
def change_samples(data):
    def change():
        path = data / "datasets" / "mnist" / "samples.npz"
        with np.load(path, allow_pickle=True) as archive:
            arrays = dict(archive)
        arrays["label_names"] = np.array([f"other {n}" for n in range(10)])
        np.savez_compressed(path, **arrays)

    return change


@pytest.fixture
def post(notes_client):
    def ask(method, path="", **fields):
        return notes_client.open(f"/annotations{path}", method=method, json=fields, headers=PAGE)

    return ask


@pytest.fixture
def draft(chosen):
    return {"chosen": chosen, "records": "1-3,5", "text": "<b>=1+1</b>", "author": "Ada",
            "search": "?k=5&cluster=2&nonsense=1", "id": "a" * 32}  # fmt: skip


def test_a_note_keeps_its_picture_and_its_words_literally(post, draft, notes_client, chosen):
    made = post("POST", **draft)
    assert made.status_code == 200
    note = made.get_json()
    assert (note["text"], note["author"], note["count"]) == ("<b>=1+1</b>", "Ada", 4)
    assert (note["round"], note["stands"]) == (int(chosen["round"]), True)
    for part in ("k=5", "cluster=2", f"client={chosen['client']}"):
        assert part in note["search"]
    assert "nonsense" not in note["search"]
    listed = notes_client.get("/annotations", query_string=chosen).get_json()
    assert listed["notes"] == [note]
    for elsewhere in ({"client": "nobody"}, {"dataset": "other"}):
        other = notes_client.get("/annotations", query_string=chosen | elsewhere)
        assert other.get_json()["notes"] == []


def test_a_form_that_is_sent_again_adds_one_note(post, draft, notes_client):
    first, second = (post("POST", **draft).get_json() for _ in range(2))
    assert first == second
    assert len(notes_client.get("/annotations").get_json()["notes"]) == 1


def test_whoever_edits_an_older_version_is_told_and_gets_the_newer_one(post, draft):
    note = post("POST", **draft).get_json()
    path = f"/{note['id']}"
    edited = post("PATCH", path, version=1, text="better").get_json()
    assert (edited["text"], edited["version"]) == ("better", 2)
    late = post("PATCH", path, version=1, text="mine")
    assert late.status_code == 409
    assert late.get_json()["newer"]["text"] == "better"
    assert "version 2, expected 1" in late.get_json()["problem"]


def test_what_changes_while_notes_are_listed_is_asked_for_again(
    post, draft, notes_client, monkeypatch
):
    listed = NoteStore.notes

    def overtaken(store, *given, **named):
        notes = listed(store, *given, **named)
        monkeypatch.setattr(NoteStore, "notes", listed)
        post("POST", **draft)
        return notes

    monkeypatch.setattr(NoteStore, "notes", overtaken)
    answer = notes_client.get("/annotations").get_json()
    assert answer["notes"] == []
    now = notes_client.get("/annotations/revision").get_json()["revision"]
    assert answer["revision"] != now


def test_a_deleted_note_is_listed_no_more_until_it_is_brought_back(post, draft, notes_client):
    note = post("POST", **draft).get_json()
    before = notes_client.get("/annotations/revision").get_json()["revision"]
    assert notes_client.get("/annotations/revision").get_json()["count"] == 1
    gone = post("DELETE", f"/{note['id']}", version=1).get_json()
    assert gone["deleted"]
    assert notes_client.get("/annotations").get_json()["notes"] == []
    assert notes_client.get("/annotations/revision").get_json()["revision"] != before
    assert notes_client.get("/annotations/revision").get_json()["count"] == 0
    post("POST", f"/{note['id']}/restore")
    assert len(notes_client.get("/annotations").get_json()["notes"]) == 1


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"text": "  \n"}, 400, "text"),
        ({"records": ""}, 400, "record"),
        ({"records": "5,../../etc"}, 400, "record"),
        ({"records": "1-99999"}, 404, "expected rows below"),
        ({"text": 7}, 400, "text: found int, expected a text"),
        ({"chosen": {"dataset": "../x", "client": "A", "round": "1"}}, 404, "dataset"),
        ({"chosen": "nothing"}, 400, "ClientRound"),
        ({"id": "../../x"}, 400, "id"),
    ],
)
def test_what_cannot_be_a_note_is_refused_in_words(post, draft, changes, status, words):
    answer = post("POST", **draft | changes)
    assert answer.status_code == status
    assert words in answer.get_json()["problem"]


def test_nobody_writes_without_the_number_of_a_page(notes_client, draft):
    for method, path in (("POST", ""), ("PATCH", "/x"), ("DELETE", "/x"), ("POST", "/x/restore")):
        answer = notes_client.open(f"/annotations{path}", method=method, json=draft)
        assert answer.status_code == 400
    assert notes_client.get("/annotations").get_json()["notes"] == []


@pytest.mark.parametrize("body", ["[]", "null", "{", '"x"', json.dumps({"text": None})])
def test_what_is_no_form_is_refused_in_words(notes_client, body):
    headers = PAGE | {"Content-Type": "application/json"}
    answer = notes_client.post("/annotations", data=body, headers=headers)
    assert answer.status_code == 400
    assert (
        "expected" in answer.get_json()["problem"] or "ClientRound" in answer.get_json()["problem"]
    )


def test_samples_that_have_changed_are_told(post, draft, notes_client, change_samples):
    post("POST", **draft)
    change_samples()
    (note,) = notes_client.get("/annotations").get_json()["notes"]
    assert note["stands"] is False


def test_a_database_that_is_gone_is_told(post, draft, tmp_path):
    file = tmp_path / "notes" / "notes.sqlite"
    file.parent.mkdir()
    file.write_bytes(b"this is no database, but a text of some length" * 40)
    answer = post("POST", **draft)
    assert answer.status_code == 503
    assert answer.get_json()["problem"]
