"""Pictures of records: one PNG for a row of them."""

import io
import re

from flask import Flask, Response, abort, request
from PIL import Image

from flhetero_dash.data.errors import DataError
from flhetero_dash.queries.records import RecordQueries

MOST = 256  # records in one picture


def add_routes(server: Flask, records: RecordQueries) -> None:
    """Serve `/records/<dataset>/<client>/<inputs>.png?ids=3,5,8`."""

    @server.get("/records/<dataset>/<client>/<inputs>.png")
    def row_of_records(dataset: str, client: str, inputs: str) -> Response:
        ids = request.args.get("ids", "")
        if not re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9})*", ids) or ids.count(",") >= MOST:
            abort(400, f"ids: expected 1 to {MOST} record numbers with commas between them")
        try:
            version = records.pictures_identity(dataset, client)
            picture = records.pictures(dataset, client, inputs, [int(n) for n in ids.split(",")])
        except DataError as error:
            abort(404, str(error))
        stream = io.BytesIO()
        Image.fromarray(picture).save(stream, "png")
        response = Response(stream.getvalue(), mimetype="image/png")
        response.cache_control.no_cache = True  # kept, but asked for again: the file may change
        response.set_etag(f"{version[:32]}-{ids}")
        response.make_conditional(request)
        return response
