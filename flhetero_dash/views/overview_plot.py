"""Output Comparison, upper half: all inputs in one contrastive plane."""

from enum import StrEnum
from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from flhetero_dash.arrays import IntArray
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.figures.comparison import overview_scatter
from flhetero_dash.figures.theme import empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    Json,
    OverviewChoice,
    RecordChoice,
)
from flhetero_dash.views.addresses import pictures_address, words_address
from flhetero_dash.views.controls import INTENT, aria, bind_number, number, toggle
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import or_message

NO_MARKS: dict[str, Any] = {"records": [], "n_records": 0, "pictures": None, "about": None}


class Ids(StrEnum):
    """Components of this view."""

    ALPHA = "overview-alpha"
    AUTO = "overview-auto"
    INCONSISTENT = "overview-inconsistent"
    CONSISTENT = "overview-consistent"
    SCATTER = "overview-scatter"
    NOTE = "overview-note"
    MARKED = "overview-marked"
    SELECTED = "overview-selected"


def layout() -> html.Div:
    """Lay out this half of the panel."""
    return html.Div(
        className="half",
        children=[
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
                ]
                + [html.Span(className="spacer"), _modes()],
            ),
            html.P(id=Ids.SELECTED, className="hint", role="status"),
            graph(Ids.SCATTER, "All inputs in the contrastive plane"),
            html.P(id=Ids.NOTE, className="hint"),
        ],
    )


def _modes() -> html.Div:
    """What dragging in the plot does; it is the browser's own matter."""  # noqa: D401
    return html.Div(
        className="modes",
        role="group",
        **aria(label="Dragging in the overview"),
        children=[
            html.Button(
                sign,
                title=title,
                **{  # type: ignore[arg-type]
                    "data-overlay-mode": mode,
                    "aria-label": name,
                    "aria-pressed": pressed(mode == "move"),
                },
            )
            for mode, sign, name, title in (
                (
                    "move",
                    "✥",
                    "Move and zoom",
                    "Drag to move, wheel to zoom, double click for all",
                ),
                ("lasso", "◌", "Select with a lasso", "Draw around records to select them"),
                ("box", "▭", "Select with a box", "Drag a box around records to select them"),
            )
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: inputs, alpha -> plane; selection -> outlines.

    The browser itself knows which record is where (`assets/overlay.js`): a click proposes a
    record, an outline drawn by hand a selection.
    """
    bind_number(app, Ids.ALPHA, Ids.AUTO, "alpha")
    for button, name in ((Ids.INCONSISTENT, "inconsistent"), (Ids.CONSISTENT, "consistent")):
        app.clientside_callback(
            f"(clicks) => flhetero.controls.send('{INTENT}', {{top: '{name}'}})",
            Input(button, "n_clicks"),
            prevent_initial_call=True,
        )
    _wire_plane(app, queries)
    _wire_marks(app, queries)


def _wire_plane(app: Dash, queries: Queries) -> None:
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


def _wire_marks(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(Ids.MARKED, "data"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
    )
    def mark(data: Json, clusters: Json, focus: Json) -> Json:
        def show() -> Json:
            chosen = ClientRound.checked(data)
            selected = queries.clusters.selected(
                chosen, ClusterChoice.checked(clusters), Focus.checked(focus)
            )
            info = queries.federation.federation(chosen.dataset).samples
            return marks(chosen, queries.records.n_records(chosen), selected, info)

        return or_message(show, lambda _: NO_MARKS)

    app.clientside_callback(
        "(marked, chosen) => flhetero.overlay.mark(marked, chosen)",
        Input(Ids.MARKED, "data"),
        State(RecordChoice.STORE, "data"),
    )
    app.clientside_callback(
        f"(figure) => flhetero.overlay.show('{Ids.SCATTER}')", Input(Ids.SCATTER, "figure")
    )


def pressed(is_pressed: bool) -> str:
    """Write a pressed state as assistive technology reads it."""
    return "true" if is_pressed else "false"


def marks(
    chosen: ClientRound, n_records: int, selected: IntArray, info: SamplesInfo
) -> dict[str, Any]:
    """Give the records to outline, and where their pictures and words on them are."""
    return {
        "records": selected.tolist(),
        "n_records": n_records,
        "pictures": pictures_address(chosen) if info.is_image else None,
        "aspect": info.aspect,
        "about": words_address(chosen),
    }
