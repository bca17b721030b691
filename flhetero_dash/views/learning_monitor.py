"""Learning Process Monitor: the federation in numbers, and the client's way through it."""

from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
import plotly.graph_objects as go
from dash import Dash, Input, Output, State, dcc, html

from flhetero_dash.data.reader import Federation
from flhetero_dash.data.samples import ClientSamples
from flhetero_dash.figures.learning import lowest_cosine, parameter_projection
from flhetero_dash.figures.theme import empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.selection import ClientRound, Json, ProjectionChoice
from flhetero_dash.views.controls import aria, bind_values
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import or_message

ALL_LAYERS = "all"


class Ids(StrEnum):
    """Components of this view."""

    INTENT = "monitor-intent"
    FACTS = "monitor-facts"
    LAYER = "monitor-layer"
    ROUNDS = "monitor-rounds"
    PROJECTION = "monitor-projection"
    COSINES = "monitor-cosines"


def layout() -> html.Section:
    """Lay out the panel."""
    return html.Section(
        className="panel monitor",
        children=[
            dcc.Store(id=Ids.INTENT),
            html.H2("Learning Process Monitor"),
            html.Dl(id=Ids.FACTS, className="facts"),
            html.Div(
                className="row",
                children=[
                    html.H3("Parameter projection"),
                    dmc.Select(
                        id=Ids.LAYER,
                        data=[],
                        size="xs",
                        allowDeselect=False,
                        className="layer",
                        **aria(label="Layer whose parameters are projected"),
                    ),
                ],
            ),
            graph(Ids.PROJECTION, "Paths of the server and the client in parameter space"),
            html.P(id=Ids.COSINES, className="hint"),
            html.Div(
                className="slider",
                children=[
                    html.Span("Rounds"),
                    dcc.RangeSlider(
                        id=Ids.ROUNDS,
                        min=1,
                        max=2,
                        step=1,
                        marks=None,
                        allowCross=False,
                        updatemode="mouseup",
                    ),
                ],
            ),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: client -> facts, layers; layer, rounds, round -> projection -> round."""
    bind_values(app, ProjectionChoice, Ids.INTENT, {"layer": Ids.LAYER})

    @app.callback(
        Output(Ids.FACTS, "children"),
        Output(Ids.LAYER, "data"),
        Output(Ids.ROUNDS, "max"),
        Input(ClientRound.STORE, "data"),
    )
    def describe(data: Json) -> tuple[list[Any], list[dict[str, str]], int]:
        def show() -> tuple[list[Any], list[dict[str, str]], int]:
            chosen = ClientRound.checked(data)
            federation = queries.learning.federation(chosen.dataset)
            samples = queries.learning.samples(chosen.dataset, chosen.client)
            layers = queries.learning.layers(chosen)
            options = [{"value": "", "label": "All layers"}]
            options += [{"value": layer, "label": layer} for layer in layers]
            return facts(federation, samples), options, federation.n_rounds

        return or_message(show, lambda reason: ([html.Dd(reason)] if reason else [], [], 1))

    @app.callback(
        Output(Ids.PROJECTION, "figure"),
        Output(Ids.COSINES, "children"),
        Input(ClientRound.STORE, "data"),
        Input(ProjectionChoice.STORE, "data"),
        Input(Frame.THEME, "data"),
    )
    def draw(data: Json, projection: Json, theme_name: Json) -> tuple[go.Figure, list[Any]]:
        theme = theme_named(theme_name)

        def show() -> tuple[go.Figure, list[Any]]:
            chosen = ClientRound.checked(data)
            choice = ProjectionChoice.checked(projection)
            n_rounds = queries.learning.federation(chosen.dataset).n_rounds
            answer = queries.learning.trajectory(chosen, choice)
            figure = parameter_projection(
                answer.projection,
                answer.cosines,
                rounds_within(choice.rounds, n_rounds),
                chosen.round_index,
                theme,
            )
            lowest = lowest_cosine(answer.cosines)
            return figure, cosine_legend(lowest, answer.cosines_recorded)

        return or_message(show, lambda reason: (empty_figure(reason, theme), []))

    app.clientside_callback(
        f"(rounds, chosen, most) => flhetero.controls.proposeRounds('{Ids.INTENT}', rounds, "
        "chosen, most)",
        Input(Ids.ROUNDS, "value"),
        State(ProjectionChoice.STORE, "data"),
        State(Ids.ROUNDS, "max"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        f"(chosen, most) => flhetero.controls.reflectRounds('{Ids.ROUNDS}', chosen, most)",
        Input(ProjectionChoice.STORE, "data"),
        Input(Ids.ROUNDS, "max"),
    )
    app.clientside_callback(
        f"(click) => flhetero.controls.roundClicked('{Ids.INTENT}', click)",
        Input(Ids.PROJECTION, "clickData"),
        prevent_initial_call=True,
    )


def facts(federation: Federation, samples: ClientSamples) -> list[Any]:
    """Describe the federation and the client in a list of terms; unknown things say so."""
    info = federation.samples
    shape = "×".join(str(size) for size in info.shape)
    manifest = federation.manifest or {}
    split = "not recorded"
    if samples.train_size is not None and samples.test_size is not None:
        split = f"{samples.train_size:,} / {samples.test_size:,}"
        split += " (assumed)" if samples.split_assumed else ""
    labels = info.label_names
    rows = {
        "Dataset": federation.dataset,
        "Records": f"{info.kind} {shape}",
        "Labels": ", ".join(labels)
        if len(labels) <= 3
        else f"{labels[0]} … {labels[-1]} ({len(labels)})",
        "Clients · rounds": f"{info.n_clients:,} · {federation.n_rounds:,}",
        "Aggregation": str(manifest.get("aggregation") or "not recorded"),
        "Local records": f"{len(samples.inputs['local']):,}",
        "Training / test": split,
    }
    return [part for term, text in rows.items() for part in (html.Dt(term), html.Dd(text))]


def rounds_within(rounds: tuple[int, int] | None, n_rounds: int) -> tuple[int, int]:
    """Give the rounds to draw, all by default; a range from a longer training is cut."""
    first, last = rounds or (0, n_rounds - 1)
    last = min(last, n_rounds - 1)
    return min(first, last), last


def cosine_legend(lowest: float, recorded: bool) -> list[Any]:
    """Explain the colours of the arrows, and where the cosines come from."""
    legend: list[Any] = [
        html.Span(f"cosine {lowest:.2f}"),
        html.Span(className="ramp", **aria(hidden="true")),
        html.Span("1 (agree)"),
    ]
    if not recorded:
        legend.append(html.Div("Computed from the sampled parameters: cosines.npz is not there."))
    return legend
