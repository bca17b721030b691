"""The report of a client, as a file to keep and to hand on."""

import re
from datetime import UTC, datetime
from typing import NoReturn

from flask import Flask, Response, abort, request

from flhetero_dash.annotations import NotesError
from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import WorkersError
from flhetero_dash.queries.report import ReportQueries
from flhetero_dash.report import report_page
from flhetero_dash.web.record_files import name_part


def add_routes(server: Flask, reports: ReportQueries) -> None:
    """Serve `/report/<dataset>/<client>.html?round=10&records=1`.

    Without `round` it is of the last one with outputs; without `records` no record is in it.
    """

    @server.get("/report/<dataset>/<client>.html")
    def report_of_client(dataset: str, client: str) -> Response:
        shown, with_records = _round(), _with_records()
        try:
            report = reports.report(dataset, client, shown, with_records)
        except DataError as error:
            _refuse(404, str(error))
        except (NotesError, WorkersError) as error:
            _refuse(503, str(error))
        page = report_page(report, datetime.now(UTC), with_records)
        response = Response(page.encode(errors="replace"), mimetype="text/html")
        number = report.clients[0].chosen.round_index + 1
        name = f"{name_part(dataset)}_{name_part(client)}_round-{number}_report.html"
        response.headers.set("Content-Disposition", "attachment", filename=name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.cache_control.no_store = True
        return response


def _round() -> int | None:
    text = request.args.get("round")
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        _refuse(400, f"round: found {text[:80]!r}, expected a whole number from 1")
    return int(text)


def _with_records() -> bool:
    text = request.args.get("records", "0")
    if text not in {"0", "1"}:
        _refuse(400, f"records: found {text[:80]!r}, expected 1 (with examples) or 0")
    return text == "1"


def _refuse(status: int, words: str) -> NoReturn:
    """End the request with a sentence."""
    abort(Response(words + "\n", status, mimetype="text/plain"))
