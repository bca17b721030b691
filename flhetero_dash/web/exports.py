"""A selection's records as files: what a person takes from the page to other programs."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import NoReturn

from flask import Flask, Response, abort, request
from werkzeug.exceptions import RequestEntityTooLarge

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import WorkersError
from flhetero_dash.queries.exports import ExportQueries, SelectedRecords
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import (
    CHOICES,
    ClientRound,
    ClusterChoice,
    Focus,
    NotChosenError,
    Parameters,
    parameter_of,
)
from flhetero_dash.web.record_files import csv_file, name_part, npz_file, picture_files

MOST_BYTES = 4 << 20  # of a question: record numbers of a selection by hand
MOST_PICTURES = 100_000  # of one folder: their names are held until its end, half a kB each
FILES: dict[str, tuple[str, Callable[[SelectedRecords], Iterator[bytes]]]] = {
    "csv": ("text/csv", csv_file),
    "npz": ("application/zip", npz_file),
    "zip": ("application/zip", picture_files),
}
KNOWN = {parameter_of(entry.name) for choice in CHOICES for entry in fields(choice)}  # type: ignore[arg-type]


def add_routes(server: Flask, exports: ExportQueries) -> None:
    """Serve `/exports/<dataset>/<client>/<inputs>/records.<csv|npz|zip>?round=3&cluster=2`.

    The selection is written as in the page's own URL. A form may be posted instead, which can
    also hold record numbers: those of a selection by hand are in the browser only.
    """

    @server.route(
        "/exports/<dataset>/<client>/<inputs>/records.<any(csv, npz, zip):form>",
        methods=["GET", "POST"],
    )
    def selected_records(dataset: str, client: str, inputs: str, form: str) -> Response:
        asked = _parameters() | {"dataset": dataset, "client": client, "inputs": inputs}
        try:
            selected = exports.records(
                ClientRound.required(asked), ClusterChoice.required(asked), Focus.required(asked)
            )
        except NotChosenError as error:
            _refuse(400, str(error))
        except (DataError, NothingToShowError) as error:
            _refuse(404, str(error))
        except WorkersError as error:
            _refuse(503, str(error))
        if form == "zip":
            _require_pictures(selected)
        kind, file = FILES[form]
        response = Response(file(selected), mimetype=kind)
        name = f"{file_name(selected)}.{form}"
        response.headers.set("Content-Disposition", "attachment", filename=name)
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.cache_control.no_store = True
        return response


def file_name(selected: SelectedRecords) -> str:
    """Name the file after its content, without the ending."""
    chosen = selected.chosen
    where = [name_part(chosen.dataset), name_part(chosen.client), f"round-{chosen.round_index + 1}"]
    return "_".join([*where, f"{len(selected.records)}-{chosen.inputs}-records"])


def _parameters() -> Parameters:
    request.max_content_length = MOST_BYTES
    try:
        given = request.form if request.method == "POST" else request.args
    except RequestEntityTooLarge:
        _refuse(413, f"found more than the {MOST_BYTES:,} bytes that record numbers may take")
    if unknown := sorted(set(given) - KNOWN):
        _refuse(400, f"found {unknown[0][:80]!r}, expected parameters of the page's URL")
    return given.to_dict()


def _require_pictures(selected: SelectedRecords) -> None:
    if not selected.info.is_image:
        _refuse(
            404,
            f"{selected.chosen.dataset}: records of type {selected.info.kind!r} have no pictures; "
            "save them as CSV or NPZ",
        )
    if len(selected.records) > MOST_PICTURES:
        _refuse(
            413,
            f"found {len(selected.records):,} records, expected at most {MOST_PICTURES:,} in one "
            "folder of pictures; NPZ holds any number",
        )


def _refuse(status: int, words: str) -> NoReturn:
    """End the request with a sentence, as plain text for the page to show."""
    abort(Response(words + "\n", status, mimetype="text/plain"))
