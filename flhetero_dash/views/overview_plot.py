"""Output Comparison, upper half: all inputs in one contrastive plane."""

import math
from enum import StrEnum
from typing import Any

import numpy as np
from dash import Dash, Input, Output, State, dcc, html

from flhetero_dash.arrays import BoolArray, FloatArray, IntArray
from flhetero_dash.figures.comparison import overview_scatter
from flhetero_dash.figures.theme import empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.queries.overview import Overview
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    Json,
    OverviewChoice,
    RecordChoice,
)
from flhetero_dash.views.controls import bind_number, number, toggle
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import or_message


class Ids(StrEnum):
    """Components of this view."""

    INTENT = "overview-intent"
    ALPHA = "overview-alpha"
    AUTO = "overview-auto"
    INCONSISTENT = "overview-inconsistent"
    CONSISTENT = "overview-consistent"
    SCATTER = "overview-scatter"
    NOTE = "overview-note"
    MARKED = "overview-marked"


def layout() -> html.Div:
    """Lay out this half of the panel."""
    return html.Div(
        className="half",
        children=[
            dcc.Store(id=Ids.INTENT),
            dcc.Store(id=Ids.MARKED),
            html.Div(
                className="row",
                children=[
                    html.H2("Output Comparison"),
                    html.Span(className="spacer"),
                    html.Label(
                        "α",
                        title="Contrast: how strongly the variation of the inconsistent records "
                        "is suppressed; 0 is ordinary PCA",
                    ),
                    number(Ids.ALPHA, "Contrast alpha of the overview", 0, 1),
                    toggle(Ids.AUTO, "auto", "Choose the contrast automatically"),
                ],
            ),
            html.Div(
                className="row",
                children=[
                    html.Button(
                        id=button,
                        className=f"class-key {name}",
                        title=f"Draw {name} records on top",
                        n_clicks=0,
                    )
                    for button, name in (
                        (Ids.INCONSISTENT, "inconsistent"),
                        (Ids.CONSISTENT, "consistent"),
                    )
                ],
            ),
            graph(Ids.SCATTER, "All inputs in the contrastive plane"),
            html.P(id=Ids.NOTE, className="hint"),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: inputs, alpha -> plane; selection -> outlines; click -> record."""
    bind_number(app, Ids.ALPHA, Ids.AUTO, "alpha", Ids.INTENT)
    for button, name in ((Ids.INCONSISTENT, "inconsistent"), (Ids.CONSISTENT, "consistent")):
        app.clientside_callback(
            f"(clicks) => flhetero.controls.send('{Ids.INTENT}', {{top: '{name}'}})",
            Input(button, "n_clicks"),
            prevent_initial_call=True,
        )

    @app.callback(
        Output(Ids.SCATTER, "figure"),
        Output(Ids.NOTE, "children"),
        Output(Ids.INCONSISTENT, "children"),
        Output(Ids.CONSISTENT, "children"),
        Output(Ids.ALPHA, "value"),
        Output(Ids.AUTO, "aria-pressed"),
        Input(ClientRound.STORE, "data"),
        Input(OverviewChoice.STORE, "data"),
        Input(Frame.THEME, "data"),
    )
    def draw(data: Json, overview: Json, theme_name: Json) -> tuple[Any, ...]:
        theme = theme_named(theme_name)
        choice = OverviewChoice.checked(overview)

        def show() -> tuple[Any, ...]:
            answer = queries.overview.overview(ClientRound.checked(data), choice)
            figure = overview_scatter(
                answer.coordinates, answer.inconsistent, answer.explained, choice.on_top, theme
            )
            n_inconsistent = int(answer.inconsistent.sum())
            counts = [
                [word, html.B(f"{count:,}")]
                for word, count in (
                    ("Inconsistent ", n_inconsistent),
                    ("Consistent ", len(answer.inconsistent) - n_inconsistent),
                )
            ]
            alpha = float(f"{answer.alpha:.3g}")
            return figure, answer.note, *counts, alpha, pressed(choice.alpha is None)

        return or_message(
            show,
            lambda reason: (
                empty_figure(reason, theme),
                "",
                "Inconsistent",
                "Consistent",
                choice.alpha,
                pressed(choice.alpha is None),
            ),
        )

    @app.callback(
        Output(Ids.MARKED, "data"),
        Input(ClientRound.STORE, "data"),
        Input(OverviewChoice.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(RecordChoice.STORE, "data"),
    )
    def mark(data: Json, overview: Json, clusters: Json, focus: Json, record: Json) -> Json:
        def show() -> Json:
            chosen = ClientRound.checked(data)
            answer = queries.overview.overview(chosen, OverviewChoice.checked(overview))
            selected = queries.clusters.selected(
                chosen, ClusterChoice.checked(clusters), Focus.checked(focus)
            )
            return marks(answer, selected, RecordChoice.checked(record).record)

        return or_message(show, lambda _: {"points": [], "record": None})

    app.clientside_callback(
        f"(marked, figure) => flhetero.overlay.show('{Ids.SCATTER}', marked)",
        Input(Ids.MARKED, "data"),
        Input(Ids.SCATTER, "figure"),
    )

    @app.callback(
        Output(Ids.INTENT, "data"),
        Input(Ids.SCATTER, "clickData"),
        State(ClientRound.STORE, "data"),
        State(OverviewChoice.STORE, "data"),
        prevent_initial_call=True,
    )
    def choose(click: Json, data: Json, overview: Json) -> Json:
        choice = OverviewChoice.checked(overview)

        def show() -> Json:
            answer = queries.overview.overview(ClientRound.checked(data), choice)
            return record_clicked(click, answer.inconsistent, choice.on_top)

        return or_message(show, lambda _: {})


def pressed(is_pressed: bool) -> str:
    """Write a pressed state as assistive technology reads it."""
    return "true" if is_pressed else "false"


def marks(answer: Overview, selected: IntArray, record: int | None) -> Json:
    """Give the places to outline: of the selected records, and of the one under verification.

    That is the selection's first one where none is chosen or the table has no such row, as in
    Instance Verification.
    """
    places = _rounded(answer.coordinates)
    if record is not None and record < len(places):
        shown: int | None = record
    else:
        shown = int(selected[0]) if len(selected) else None
    return {
        "points": places[selected].tolist(),
        "record": None if shown is None else places[shown].tolist(),
    }


def _rounded(places: FloatArray) -> FloatArray:
    """Keep the digits that a screen can show, whatever the unit: the browser gets text."""
    extent = float(np.abs(places).max(initial=0.0))
    n_decimals = 5 - math.floor(math.log10(extent)) if extent > 0 else 0
    return places.astype(np.float64).round(n_decimals)


def record_clicked(click: Json, inconsistent: BoolArray, on_top: str) -> Json:
    """Propose the record under the pointer: traces hold the classes' records in order."""
    try:
        point = click["points"][0]
        curve, index = int(point["curveNumber"]), int(point["pointIndex"])
    except (TypeError, KeyError, IndexError, ValueError, OverflowError):
        return {}
    last_is_inconsistent = on_top == "inconsistent"
    wanted = inconsistent if (curve == 1) == last_is_inconsistent else ~inconsistent
    records = np.flatnonzero(wanted)
    is_there = curve in (0, 1) and 0 <= index < len(records)
    return {"record": str(records[index])} if is_there else {}
