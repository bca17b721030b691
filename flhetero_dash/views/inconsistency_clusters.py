"""Output Comparison, lower half: clusters of the inconsistent inputs, as thumbnails."""

from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
import numpy as np
from dash import Dash, Input, Output, dcc, html

from flhetero_dash.analysis.outline import DensityGrid
from flhetero_dash.arrays import FloatArray
from flhetero_dash.queries import Queries
from flhetero_dash.queries.clusters import ClusterThumbnail
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    Json,
    OverviewChoice,
    records_text,
)
from flhetero_dash.views.controls import INTENT, aria, bind_number, bind_values, number, toggle
from flhetero_dash.views.states import covered, or_message

MOST_SHOWN = 60  # clusters with a thumbnail; the rest is counted
MOST_LABELS = 6  # pairs of labels that a thumbnail lists
MOST_MERGES = 30  # merge heights that are drawn, and a few beyond the cut
LINKAGES = {"average": "average", "single": "single"}


class Ids(StrEnum):
    """Components of this view."""

    N_CLUSTERS = "clusters-number"
    AUTO = "clusters-auto"
    LINKAGE = "clusters-linkage"
    DATA = "clusters-data"
    BOARD = "clusters-board"
    MERGES = "clusters-merges"
    NOTE = "clusters-note"


def layout() -> html.Div:
    """Lay out this half of the panel."""
    return html.Div(
        className="half",
        children=[
            dcc.Store(id=Ids.DATA),
            html.Div(
                className="row tight",
                children=[
                    html.H3("Inconsistency clusters"),
                    html.Span(className="spacer"),
                    html.Label("k", title="Number of clusters"),
                    number(Ids.N_CLUSTERS, "Number of clusters", 1, 1),
                    toggle(Ids.AUTO, "auto", "Choose the number of clusters automatically"),
                    dmc.Select(
                        id=Ids.LINKAGE,
                        data=[{"value": v, "label": word} for v, word in LINKAGES.items()],
                        value="average",
                        size="xs",
                        allowDeselect=False,
                        className="linkage",
                        **aria(label="Linkage of the clusters"),
                    ),
                ],
            ),
            html.Canvas(id=Ids.MERGES, className="merges", role="img"),
            html.Div(
                id=Ids.BOARD,
                className="board",
                role="group",
                **aria(label="Inconsistency clusters, largest first"),
                **covered(Ids.DATA),
            ),
            html.P(id=Ids.NOTE, className="hint"),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: inputs, k, linkage -> thumbnails; a click on one -> focus."""
    bind_number(app, Ids.N_CLUSTERS, Ids.AUTO, "n_clusters")
    bind_values(app, ClusterChoice, {"linkage": Ids.LINKAGE})

    @app.callback(
        Output(Ids.DATA, "data"),
        Output(Ids.NOTE, "children"),
        Output(Ids.N_CLUSTERS, "value"),
        Output(Ids.AUTO, "aria-pressed"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(OverviewChoice.STORE, "data"),
    )
    def draw(data: Json, clusters: Json, overview: Json) -> tuple[Any, ...]:
        choice = ClusterChoice.checked(clusters)
        in_plane = OverviewChoice.checked(overview)
        automatic = "true" if choice.n_clusters is None else "false"

        def show() -> tuple[Any, ...]:
            chosen = ClientRound.checked(data)
            found = queries.clusters.clusters(chosen, choice)
            if not found.members:
                reason = "No input is inconsistent in this round: both models agree on all."
                return {"message": reason}, "", choice.n_clusters, automatic
            thumbnails = queries.clusters.thumbnails(chosen, choice, in_plane)
            density = queries.clusters.density(chosen, in_plane)
            board = board_of(thumbnails[:MOST_SHOWN], density)
            board |= merges_of(found.heights, found.n_clusters)
            note = note_on(len(thumbnails), choice.n_clusters, found.n_sampled)
            return board, note, len(thumbnails), automatic

        return or_message(
            show, lambda reason: ({"message": reason}, "", choice.n_clusters, automatic)
        )

    app.clientside_callback(
        f"(data) => flhetero.merges.show('{Ids.MERGES}', '{INTENT}', data)",
        Input(Ids.DATA, "data"),
    )
    app.clientside_callback(
        f"(data, focus) => flhetero.clusters.show('{Ids.BOARD}', '{INTENT}', data, focus)",
        Input(Ids.DATA, "data", allow_optional=True),
        Input(Focus.STORE, "data"),
    )


def board_of(thumbnails: list[ClusterThumbnail], density: DensityGrid) -> dict[str, Any]:
    """Give what the browser draws: one density for all, and each cluster's outline and words.

    Places are shares of the thumbnail's side, from the lower left.
    """
    first = np.array([density.x[0], density.y[0]])
    last = np.array([density.x[-1], density.y[-1]])
    # From border to border, not from centre to centre of the outer squares.
    square = (last - first) / (len(density.x) - 1)
    low, side = first - square / 2, last - first + square
    return {
        "density": (density.values * 99).round().astype(int).ravel().tolist(),
        "n_grid": len(density.x),
        "clusters": [
            {
                "size": len(one.records),
                "records": records_text(one.records.tolist()),
                "hull": ((one.hull - low) / side).round(3).tolist(),
                "federated": percent(one.federated_accuracy),
                "standalone": percent(one.standalone_accuracy),
                "labels": [list(pair) for pair in one.labels[:MOST_LABELS]],
            }
            for one in thumbnails
        ],
    }


def merges_of(heights: FloatArray, n_clusters: int) -> dict[str, Any]:
    """Give the heights at which clusters join, and where the cut is.

    The first is that of joining the last two clusters; ``cut`` clusters are left where the first
    ``cut - 1`` joins are undone.
    """
    shown = heights[: max(MOST_MERGES, n_clusters + 3)]
    return {"heights": [float(f"{height:.4g}") for height in shown], "cut": n_clusters}


def percent(share: float | None) -> str | None:
    """Write a share in words; None stays None."""
    return None if share is None else f"{share:.0%}"


def note_on(n_found: int, n_wanted: int | None, n_sampled: int | None) -> str:
    """Say what a reader must know about the clusters; may be empty."""
    notes = []
    if n_wanted is not None and n_found < n_wanted:
        notes.append(f"{n_found} of {n_wanted} clusters: there are no more inconsistent records.")
    if n_found > MOST_SHOWN:
        notes.append(f"The {MOST_SHOWN} largest of {n_found} clusters are shown.")
    if n_sampled is not None:
        notes.append(
            f"Clustered on a sample of {n_sampled:,}; the others joined their nearest record."
        )
    return " ".join(notes)
