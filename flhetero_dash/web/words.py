"""Labels of single records, as JSON: what a plot shows beside the pointer."""

from flask import Flask, Response, abort, jsonify

from flhetero_dash.data.errors import DataError
from flhetero_dash.queries.records import RecordQueries
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import ClientRound, NotChosenError


def add_routes(server: Flask, records: RecordQueries) -> None:
    """Serve `/records/<dataset>/<client>/<inputs>/<round>/<record>.json`."""

    @server.get("/records/<dataset>/<client>/<inputs>/<shown_round>/<int:record>.json")
    def labels_of_record(
        dataset: str, client: str, inputs: str, shown_round: str, record: int
    ) -> Response:
        asked = {"dataset": dataset, "client": client, "inputs": inputs, "round": shown_round}
        try:
            chosen = ClientRound.checked(asked)
            if chosen.inputs != inputs:
                abort(404, f"there are no inputs {inputs!r}")
            return jsonify(records.labels(chosen, record))
        except (DataError, NothingToShowError, NotChosenError) as error:
            abort(404, str(error))
