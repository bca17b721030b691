"""The only place that joins the layers: `create_app(settings)`."""

import logging
import threading
from pathlib import Path
from typing import Any

from dash import Dash, no_update, set_props
from flask import Flask, has_request_context, request

from flhetero_dash import views
from flhetero_dash.cache import tidy
from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import StillComputingError, WorkersError, jobs_for
from flhetero_dash.queries import Queries
from flhetero_dash.queries.page_answers import prepare
from flhetero_dash.queries.sources import Sources
from flhetero_dash.settings import Settings
from flhetero_dash.views import frame, page_links
from flhetero_dash.web import exports, images, news, note_files, notes, report, waiting, words

LOGGER = logging.getLogger(__name__)
HEALTH = "health"
MAX_REQUEST_BYTES = 4 << 20


def create_app(
    settings: Settings, assets: Path, n_processes: int = 2, *, warm: bool = False
) -> Dash:
    """Build the dashboard.

    Parameters
    ----------
    settings : Settings
    assets : Path
        Folder of the style sheets and scripts.
    n_processes : int, default=2
        Processes for long computations; with REDIS_URL, Celery's workers are asked instead.
    warm : bool, default=False
        Compute the first page's answers now instead of when somebody asks.
    """
    tidy(settings.cache_dir)
    jobs = jobs_for(settings, n_processes)
    sources = Sources(settings, jobs)
    sources.results.sweep()
    queries = Queries.over(sources)
    server = Flask("flhetero_dash")
    server.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    server.config["TRUSTED_HOSTS"] = list(settings.trusted_hosts or ()) or None
    server.secret_key = settings.secret_key
    app = Dash(
        "flhetero_dash",
        server=server,  # type: ignore[arg-type]  # Dash's annotation forgets Flask
        assets_folder=str(assets),
        title="FLHetero",
        update_title="",
        health_endpoint=HEALTH,
        on_error=_tell,
        serve_locally=True,
    )
    # Assistive technology reads the page in the language that it is written in.
    app.index_string = app.index_string.replace("<html>", '<html lang="en">')
    app.layout = _layout
    all_pages = [part for page in views.PAGES for part in views.content(page)]
    app.validation_layout = frame.layout(all_pages, page_links.FIRST)
    for panel in views.PANELS:
        panel.register(app, queries)
    frame.register(app, queries)
    images.add_routes(server, queries.records)
    words.add_routes(server, queries.records)
    exports.add_routes(server, queries.exports)
    notes.add_routes(server, queries.notes)
    note_files.add_routes(server, queries.notes)
    report.add_routes(server, queries.report)
    news.add_routes(server, queries.federation)
    waiting.add_routes(server, sources.flights)
    # Dash sets itself up at the first request, which several threads would do at once.
    server.test_client().get("/")
    server.extensions["flhetero_jobs"] = jobs
    if warm:
        threading.Thread(target=prepare, args=(queries,), daemon=True).start()
    return app


def _layout() -> Any:  # noqa: ANN401 - Dash's components have no common type
    """Lay out the page that is asked for; `assets/waiting.js` says which."""
    path = request.headers.get(page_links.PATH_HEADER) if has_request_context() else None
    page = page_links.page_of(path)
    return frame.layout(views.content(page), page)


def _tell(error: Exception) -> Any:  # noqa: ANN401 - whatever the callback's outputs are
    """Put an error that no panel expected on the page; the server's log has the rest."""
    if isinstance(error, StillComputingError):
        raise error  # an answer of its own kind: see web/waiting.py
    LOGGER.exception("a callback failed", exc_info=error)
    if isinstance(error, DataError | WorkersError):
        message = str(error)
    else:
        message = (
            f"This should not have happened: {type(error).__name__}. The server's log says "
            "more; reload the page to go on."
        )
    set_props(frame.Ids.PAGE_ERROR, {"children": message})
    return no_update
