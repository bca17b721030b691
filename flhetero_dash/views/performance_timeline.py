"""Performance timeline: a curve by round, and the round's marker, which can be moved."""

from enum import StrEnum

import numpy as np
import plotly.graph_objects as go
from dash import Dash, Input, Output, State, html

from flhetero_dash.arrays import FloatArray
from flhetero_dash.data.history import TrainingHistory
from flhetero_dash.figures.theme import Theme, empty_figure, theme_named
from flhetero_dash.figures.timeline import timeline
from flhetero_dash.queries import Queries
from flhetero_dash.queries.learning import DisagreementByRound
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import ClientRound, CurveChoice, Json, WhichClient
from flhetero_dash.views.controls import INTENT, bind_values, segmented
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import or_message

WORDS = {
    "accuracy": "Accuracy",
    "total": "Total accuracy",
    "loss": "Loss",
    "inconsistent": "Inconsistent records",
}
# What the curve is measured on, beside its name.
MEASURED = {
    "accuracy": "federated model on the client's held-out records",
    "total": "federated model on the pooled test records",
    "loss": "training loss of the round",
    "inconsistent": "local records on which both models disagree",
}
TITLES = {
    "accuracy": "accuracy",
    "total": "total accuracy",
    "loss": "loss (nats)",
    "inconsistent": "records",
}


class Ids(StrEnum):
    """Components of this view."""

    CURVE = "timeline-curve"
    CHART = "timeline-chart"
    LEGEND = "timeline-legend"


def layout() -> html.Section:
    """Lay out the panel."""
    return html.Section(
        className="panel timeline",
        children=[
            html.Div(
                className="row",
                children=[
                    html.H2("Performance timeline"),
                    html.Span(id=Ids.LEGEND, className="legend"),
                    segmented(Ids.CURVE, WORDS, "Curve of the timeline"),
                ],
            ),
            graph(Ids.CHART, "Performance by communication round", bare=True),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: curve, client, round -> chart and marker; the marker, moved -> round."""
    bind_values(app, CurveChoice, {"curve": Ids.CURVE})
    app.clientside_callback(
        "(chosen) => flhetero.timeline.choose(chosen)", Input(ClientRound.STORE, "data")
    )
    app.clientside_callback(
        f"(figure) => flhetero.timeline.show('{Ids.CHART}', '{INTENT}', figure)",
        Input(Ids.CHART, "figure"),
    )

    @app.callback(
        Output(Ids.CHART, "figure"),
        Output(Ids.LEGEND, "children"),
        Input(WhichClient.STORE, "data"),
        Input(CurveChoice.STORE, "data"),
        Input(Frame.THEME, "data"),
        # The browser moves the marker; here it gets its first place.
        State(ClientRound.STORE, "data"),
    )
    def draw(
        _client: Json, curve: Json, theme_name: Json, data: Json
    ) -> tuple[go.Figure, list[html.Span]]:
        theme = theme_named(theme_name)

        def show() -> tuple[go.Figure, list[html.Span]]:
            chosen = ClientRound.checked(data)
            name = CurveChoice.checked(curve).curve
            disagreement = queries.learning.disagreement(chosen)
            if name == "inconsistent":
                return disagreement_curve(disagreement, chosen, theme)
            return recorded_curve(
                queries.learning.history(chosen.dataset), name, chosen, disagreement, theme
            )

        return or_message(show, lambda reason: (empty_figure(reason, theme), []))


def disagreement_curve(
    disagreement: DisagreementByRound, chosen: ClientRound, theme: Theme
) -> tuple[go.Figure, list[html.Span]]:
    """Draw the number of inconsistent records by round."""
    if not np.isfinite(disagreement.n_inconsistent).any():
        raise NothingToShowError(
            f"No outputs of {chosen.client} were recorded, so nothing can be counted."
        )
    figure = timeline(
        disagreement.n_inconsistent,
        None,
        None,
        chosen.round_index,
        TITLES["inconsistent"],
        False,
        theme,
    )
    return figure, [html.Span(MEASURED["inconsistent"], className="key line")]


def recorded_curve(
    history: TrainingHistory,
    name: str,
    chosen: ClientRound,
    disagreement: DisagreementByRound,
    theme: Theme,
) -> tuple[go.Figure, list[html.Span]]:
    """Draw a recorded curve among those of all clients."""
    values = {"accuracy": history.val_acc, "total": history.tot_acc, "loss": history.loss}[name]
    if values is None:
        raise NothingToShowError(f"{WORDS[name]} was not recorded in validation.npz.")
    keys = [html.Span(MEASURED[name], className="key line")]
    band = band_of(values)
    if band is not None:
        keys.append(html.Span("range of all clients", className="key band"))
    # On local records, most of which it was trained on: a different thing than the curve of
    # held-out data, so the words beside the line say so.
    alone = disagreement.standalone_accuracy if name == "accuracy" else float("nan")
    if np.isfinite(alone):
        keys.append(html.Span("stand-alone model on all local records", className="key dash"))
    figure = timeline(
        values[history.row(chosen.client)],
        band,
        alone if np.isfinite(alone) else None,
        chosen.round_index,
        TITLES[name],
        name != "loss",
        theme,
    )
    return figure, keys


def band_of(values: FloatArray) -> tuple[FloatArray, FloatArray] | None:
    """Give the smallest and largest value of each round, if there are several clients."""
    if len(values) < 2 or not np.isfinite(values).any(axis=0).all():
        return None
    return np.nanmin(values, axis=0), np.nanmax(values, axis=0)
