"""The team's notes for the page's scripts: listed, added, edited, deleted, brought back."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Flask, Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from flhetero_dash.annotations import (
    ConflictError,
    InvalidNoteError,
    NotesError,
    StorageError,
    UnknownNoteError,
)
from flhetero_dash.data.errors import DataError
from flhetero_dash.queries.notes import ListedNote, NoteQueries
from flhetero_dash.selection import ClientRound, NotChosenError, parameters_of
from flhetero_dash.web.waiting import asking_page

Json = Any
STATUS: tuple[tuple[type[Exception], int], ...] = (
    (ConflictError, 409),
    (UnknownNoteError, 404),
    (StorageError, 503),
    (InvalidNoteError, 400),
    (NotesError, 400),
    (NotChosenError, 400),
    (DataError, 404),
)


def add_routes(server: Flask, notes: NoteQueries) -> None:
    """Serve `/annotations?dataset=&client=` and changes of single notes.

    What changes something needs the number of a page in a header that no other site can send.
    """

    @server.get("/annotations")
    @told(notes)
    def listed() -> Json:
        given = request.args
        # Asked first: what changes in between is then asked for again, and not missed.
        revision = notes.store.revision()
        found = notes.listed(given.get("dataset"), given.get("client"))
        return {"revision": revision, "notes": [as_json(one) for one in found]}

    @server.get("/annotations/revision")
    @told(notes)
    def revision() -> Json:
        return {"revision": notes.store.revision(), "count": notes.store.count()}

    @server.post("/annotations")
    @told(notes)
    def add() -> Json:
        given = body()
        chosen = ClientRound.checked(given.get("chosen"))
        texts = [_text(given, name) for name in ("records", "text", "author")]
        parameters = parameters_of(given.get("search"))
        made = notes.add(chosen, texts[0], (texts[1], texts[2]), parameters, _text(given, "id"))
        return as_json(made)

    @server.patch("/annotations/<note_id>")
    @told(notes)
    def edit(note_id: str) -> Json:
        given = body()
        return as_json(notes.one(notes.store.edit(note_id, _version(given), _text(given, "text"))))

    @server.delete("/annotations/<note_id>")
    @told(notes)
    def delete(note_id: str) -> Json:
        return as_json(notes.one(notes.store.delete(note_id, _version(body()))))

    @server.post("/annotations/<note_id>/restore")
    @told(notes)
    def restore(note_id: str) -> Json:
        body()
        return as_json(notes.one(notes.store.restore(note_id)))


def as_json(listed: ListedNote) -> dict[str, Json]:
    """Write a note for the page; rounds are shown from 1, times are UTC."""
    note = listed.note
    return {
        "id": note.id,
        "dataset": note.dataset,
        "client": note.client,
        "round": note.round_index + 1,
        "inputs": note.inputs,
        "records": note.records_text,
        "count": note.n_records,
        "text": note.text,
        "author": note.author,
        "created": note.created.isoformat(timespec="seconds"),
        "changed": note.changed.isoformat(timespec="seconds"),
        "version": note.version,
        "deleted": note.deleted is not None,
        "stands": listed.stands,
        "search": listed.search,
    }


def told(notes: NoteQueries) -> Callable[..., Any]:
    """Answer with JSON, and with the sentence of what went wrong."""

    def wrap(answer: Callable[..., Json]) -> Callable[..., ResponseReturnValue]:
        @wraps(answer)
        def answered(**given: str) -> ResponseReturnValue:
            try:
                made = answer(**given)
                response = made if isinstance(made, Response) else jsonify(made)
            except tuple(kind for kind, _ in STATUS) as error:
                status = next(code for kind, code in STATUS if isinstance(error, kind))
                problem: dict[str, Json] = {"problem": str(error)}
                if isinstance(error, ConflictError):
                    problem["newer"] = as_json(notes.one(error.newer))
                return jsonify(problem), status
            response.cache_control.no_store = True
            return response

        return answered

    return wrap


def require_page() -> None:
    """Refuse whoever sends no number of a page, as another site."""
    if asking_page() is None:
        abort(400, "expected the number of a page")


def body() -> dict[str, Json]:
    """Give the fields that were sent."""
    require_page()
    given = request.get_json(silent=True)
    if not isinstance(given, dict):
        raise InvalidNoteError("found no JSON object, expected the fields of a note")
    return given


def _text(given: dict[str, Json], name: str) -> str:
    text = given.get(name)
    if not isinstance(text, str):
        raise InvalidNoteError(f"{name}: found {type(text).__name__}, expected a text")
    return text


def _version(given: dict[str, Json]) -> int:
    version = given.get("version")
    if not isinstance(version, int) or isinstance(version, bool):
        raise InvalidNoteError("version: expected a whole number")
    return version
