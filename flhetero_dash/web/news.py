"""Whether the files of what a page shows have changed: asked every few seconds by each page."""

from flask import Flask, Response, jsonify, request

from flhetero_dash.queries.federation import FederationQueries
from flhetero_dash.selection import parameters_of


def add_routes(server: Flask, federation: FederationQueries) -> None:
    """Serve `/news?dataset=&client=&round=`: texts that are others after a change."""

    @server.get("/news")
    def news() -> Response:
        response = jsonify(
            federation.news(parameters_of(f"?{request.query_string.decode(errors='replace')}"))
        )
        response.cache_control.no_store = True
        return response
