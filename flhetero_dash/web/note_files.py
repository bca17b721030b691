"""Notes as files: taken along as JSON or CSV, and brought in."""

from dataclasses import asdict
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from flhetero_dash.annotations import (
    ExchangeError,
    ImportReport,
    InvalidNoteError,
    export_csv,
    export_json,
    import_json,
)
from flhetero_dash.annotations.exchange import MOST_BYTES
from flhetero_dash.queries.notes import NoteQueries
from flhetero_dash.web.notes import body, require_page, told

Json = Any
N_REASONS = 3  # of refused notes that are told
EXPORTS = {"json": export_json, "csv": export_csv}
MIMETYPES = {"json": "application/json", "csv": "text/csv"}


def add_routes(server: Flask, notes: NoteQueries) -> None:
    """Serve `POST /annotations/export` (of which ids, in which form) and `/annotations/import`."""

    @server.post("/annotations/export")
    @told(notes)
    def save() -> Json:
        return exported(notes, body())

    @server.post("/annotations/import")
    @told(notes)
    def bring_in() -> Json:
        require_page()
        report = import_json(notes.store, _content())
        return {"words": report_words(report), **asdict(report)}


def _content() -> bytes:
    request.max_content_length = MOST_BYTES  # more than of other requests
    try:
        return request.get_data()
    except RequestEntityTooLarge:
        raise ExchangeError(f"found more than {MOST_BYTES:,} bytes in one file") from None


def exported(notes: NoteQueries, given: dict[str, Json]) -> Response:
    """Write the notes of the given ids, or all of them: as JSON with the deleted ones, too."""
    ids, form = given.get("ids"), given.get("form")
    if form not in EXPORTS or not (ids is None or isinstance(ids, list)):
        raise InvalidNoteError(f"form: found {form!r}, expected {' or '.join(EXPORTS)}")
    found = notes.store.notes(deleted=None if ids is None and form == "json" else False)
    wanted = [note for note in found if ids is None or note.id in ids]
    return Response(EXPORTS[form](wanted), mimetype=MIMETYPES[form])


def report_words(report: ImportReport) -> str:
    """Say what became of the notes of a file."""
    counts = {
        "added": report.added,
        "updated": report.updated,
        "brought back": report.restored,
        "here already": report.unchanged,
    }
    words = ", ".join(f"{count:,} {word}" for word, count in counts.items() if count) or "no notes"
    refused = [f"{one.where}: {one.reason}" for one in report.refused]
    more = f" and {len(refused) - N_REASONS:,} more" if len(refused) > N_REASONS else ""
    told = f" Refused: {'; '.join(refused[:N_REASONS])}{more}." if refused else ""
    return f"Imported: {words}.{told}"
