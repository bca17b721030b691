"""Pictures of records: one PNG for a row, or a sheet, of them."""

import io
import re

import numpy as np
from flask import Flask, Response, abort, request
from PIL import Image

from flhetero_dash.data.errors import DataError
from flhetero_dash.queries.records import Picture, RecordQueries

MOST = 256  # records in one picture
LARGEST_SIDE = 512  # in pixels, of what a picture may be shrunk to


def add_routes(server: Flask, records: RecordQueries) -> None:
    """Serve `/records/<dataset>/<client>/<inputs>.png?ids=3,5,8&columns=2&side=64`.

    Without `columns` all pictures are in one row; `side` is the longest side, in pixels, that
    larger ones are shrunk to.
    """

    @server.get("/records/<dataset>/<client>/<inputs>.png")
    def row_of_records(dataset: str, client: str, inputs: str) -> Response:
        ids = request.args.get("ids", "")
        if not re.fullmatch(r"[0-9]{1,9}(,[0-9]{1,9})*", ids) or ids.count(",") >= MOST:
            abort(400, f"ids: expected 1 to {MOST} record numbers with commas between them")
        numbers = [int(number) for number in ids.split(",")]
        columns = _whole("columns", MOST) or len(numbers)
        side = _whole("side", LARGEST_SIDE)
        try:
            version = records.pictures_identity(dataset, client)
            picture = records.pictures(dataset, client, inputs, numbers)
        except DataError as error:
            abort(404, str(error))
        stream = io.BytesIO()
        sheet = _sheet(picture, len(numbers), min(columns, len(numbers)), side)
        Image.fromarray(sheet).save(stream, "png")
        response = Response(stream.getvalue(), mimetype="image/png")
        response.cache_control.no_cache = True  # kept, but asked for again: the file may change
        response.set_etag(f"{version[:32]}-{ids}-{columns}-{side}")
        response.make_conditional(request)
        return response


def _whole(name: str, largest: int) -> int | None:
    text = request.args.get(name)
    if text is None:
        return None
    if not re.fullmatch(r"[0-9]{1,4}", text) or not 1 <= int(text) <= largest:
        abort(400, f"{name}: expected a whole number from 1 to {largest}")
    return int(text)


def _sheet(row: Picture, n_pictures: int, n_columns: int, side: int | None) -> Picture:
    """Break a row of pictures into several, and shrink each; the last row is filled black."""
    width = row.shape[1] // n_pictures
    tiles = [row[:, at * width : (at + 1) * width] for at in range(n_pictures)]
    longest = max(row.shape[0], width)
    if side is not None and longest > side:
        size = (max(1, width * side // longest), max(1, row.shape[0] * side // longest))
        tiles = [np.asarray(Image.fromarray(tile).resize(size)) for tile in tiles]
    tiles += [np.zeros_like(tiles[0])] * (-n_pictures % n_columns)
    starts = range(0, len(tiles), n_columns)
    return np.concatenate([np.concatenate(tiles[at : at + n_columns], axis=1) for at in starts])
