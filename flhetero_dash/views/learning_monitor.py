"""Learning Process Monitor: the federation in numbers, the client's way, its agreement."""

from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
import numpy as np
import plotly.graph_objects as go
from dash import Dash, Input, Output, State, dcc, html

from flhetero_dash.analysis.trajectory import ParameterProjection
from flhetero_dash.figures.cosines import cosine_curves
from flhetero_dash.figures.learning import lowest_cosine, parameter_projection
from flhetero_dash.figures.theme import Theme, empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.queries.learning import Agreement
from flhetero_dash.selection import ClientRound, Json, ProjectionChoice, WhichClient
from flhetero_dash.views.controls import INTENT, aria, bind_values, segmented
from flhetero_dash.views.federation_facts import facts
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import covered, or_message

ALL_LAYERS = "All"
PROCESSES = {"projection": "Projection", "cosine": "Cosine"}
TITLES = {"projection": "Parameter projection", "cosine": "Cosine over rounds"}


class Ids(StrEnum):
    """Components of this view."""

    FACTS = "monitor-facts"
    LAYER = "monitor-layer"
    ROUNDS = "monitor-rounds"
    ROUNDS_SHOWN = "monitor-rounds-shown"
    PROCESS = "monitor-process"
    TITLE = "monitor-title"
    PROJECTION = "monitor-projection"
    COSINES = "monitor-cosines"


def layout() -> html.Section:
    """Lay out the panel."""
    return html.Section(
        className="panel monitor",
        children=[
            html.H2("Learning Process Monitor"),
            html.Div(id=Ids.FACTS, className="about", **covered(Ids.FACTS)),
            html.H3(TITLES["projection"], id=Ids.TITLE),
            html.Div(
                className="row tight",
                children=[
                    segmented(Ids.PROCESS, PROCESSES, "What is drawn of the learning process"),
                    dmc.Select(
                        id=Ids.LAYER,
                        data=[],
                        size="xs",
                        allowDeselect=False,
                        className="layer",
                        **aria(label="Layer of the learning process"),
                    ),
                ],
            ),
            graph(
                Ids.PROJECTION,
                "Learning process: paths of the server and the client in parameter space, or the "
                "cosine between their updates by round; a click goes to a round, and so does the "
                "header",
            ),
            html.Div(id=Ids.COSINES, className="hint"),
            html.Div(
                className="slider",
                children=[
                    html.Span(["Rounds ", html.B("", id=Ids.ROUNDS_SHOWN)]),
                    dcc.RangeSlider(
                        id=Ids.ROUNDS,
                        min=1,
                        max=2,
                        step=1,
                        marks=None,
                        allowCross=False,
                        updatemode="mouseup",
                        allow_direct_input=False,
                    ),
                ],
            ),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: client -> facts, layers; chart, layer, rounds, round -> chart -> round."""
    controls: dict[str, StrEnum] = {"layer": Ids.LAYER, "process": Ids.PROCESS}
    bind_values(app, ProjectionChoice, controls)
    _wire_facts(app, queries)
    _wire_chart(app, queries)
    _wire_rounds(app)


def _wire_facts(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(Ids.FACTS, "children"),
        Output(Ids.LAYER, "data"),
        Output(Ids.ROUNDS, "max"),
        Output(Ids.ROUNDS, "disabled"),
        Input(WhichClient.STORE, "data"),
        State(ClientRound.STORE, "data"),
    )
    def describe(_client: Json, data: Json) -> tuple[list[Any], list[dict[str, str]], int, bool]:
        def show() -> tuple[list[Any], list[dict[str, str]], int, bool]:
            chosen = ClientRound.checked(data)
            federation = queries.learning.federation(chosen.dataset)
            samples = queries.learning.samples(chosen.dataset, chosen.client)
            layers = queries.learning.layers(chosen)
            options = [{"value": layer, "label": layer} for layer in layers]
            n_rounds = federation.n_rounds
            return facts(federation, samples), [every, *options], n_rounds, n_rounds < 2

        # A list without it would take the choice away, and it would not come back with the data.
        every = {"value": "", "label": ALL_LAYERS}
        return or_message(
            show, lambda reason: ([html.P(reason)] if reason else [], [every], 1, True)
        )


def _wire_chart(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(Ids.PROJECTION, "figure"),
        Output(Ids.COSINES, "children"),
        Output(Ids.TITLE, "children"),
        Input(WhichClient.STORE, "data"),
        Input(ProjectionChoice.STORE, "data"),
        Input(Frame.THEME, "data"),
        # The browser moves the mark of the round; here it gets its first place.
        State(ClientRound.STORE, "data"),
    )
    def draw(
        _client: Json, projection: Json, theme_name: Json, data: Json
    ) -> tuple[go.Figure, list[Any], str]:
        theme = theme_named(theme_name)
        choice = ProjectionChoice.checked(projection)

        def show() -> tuple[go.Figure, list[Any]]:
            chosen = ClientRound.checked(data)
            n_rounds = queries.learning.federation(chosen.dataset).n_rounds
            rounds = rounds_within(choice.rounds, n_rounds)
            agreement = queries.learning.agreement(chosen, choice)
            if choice.process == "cosine":
                figure = cosine_figure(agreement, rounds, chosen.round_index, theme)
                return figure, cosine_legend(agreement)
            paths = queries.learning.projection(chosen, choice)
            figure = projection_figure(paths, agreement, rounds, theme)
            return figure, projection_legend(agreement)

        drawn = or_message(show, lambda reason: (empty_figure(reason, theme), []))
        return *drawn, TITLES[choice.process]

    app.clientside_callback(
        f"(chosen, figure) => flhetero.roundMark.show('{Ids.PROJECTION}', chosen)",
        Input(ClientRound.STORE, "data"),
        Input(Ids.PROJECTION, "figure", allow_optional=True),
    )
    app.clientside_callback(
        f"(click) => flhetero.controls.roundClicked('{INTENT}', click)",
        Input(Ids.PROJECTION, "clickData"),
        prevent_initial_call=True,
    )


def _wire_rounds(app: Dash) -> None:
    app.clientside_callback(
        f"(rounds, chosen, most) => flhetero.controls.proposeRounds('{INTENT}', rounds, "
        "chosen, most)",
        Input(Ids.ROUNDS, "value"),
        State(ProjectionChoice.STORE, "data"),
        State(Ids.ROUNDS, "max"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        f"(chosen, most) => flhetero.controls.reflectRounds('{Ids.ROUNDS}', chosen, most)",
        Output(Ids.ROUNDS_SHOWN, "children"),
        Input(ProjectionChoice.STORE, "data"),
        Input(Ids.ROUNDS, "max", allow_optional=True),
    )


def rounds_within(rounds: tuple[int, int] | None, n_rounds: int) -> tuple[int, int]:
    """Give the rounds to draw, all by default; a range from a longer training is cut."""
    first, last = rounds or (0, n_rounds - 1)
    last = min(last, n_rounds - 1)
    return min(first, last), last


def projection_figure(
    paths: ParameterProjection,
    agreement: Agreement,
    rounds: tuple[int, int],
    theme: Theme,
) -> go.Figure:
    """Draw the paths of the chosen layer."""
    cosines, without_me = agreement.of_layer
    return parameter_projection(paths, cosines, rounds, theme, without_me)


def cosine_figure(
    agreement: Agreement, rounds: tuple[int, int], round_index: int, theme: Theme
) -> go.Figure:
    """Draw the cosines of all layers."""
    return cosine_curves(
        agreement.cosines,
        agreement.without_me,
        (*agreement.layer_names, ALL_LAYERS),
        agreement.layer,
        rounds,
        round_index,
        theme,
    )


def projection_legend(agreement: Agreement) -> list[Any]:
    """Explain the colours of the arrows: by which cosine, and what it hides."""
    cosines, without_me = agreement.of_layer
    if not np.isfinite(cosines).any():
        return [html.Div("No cosine is known, so the arrows have one colour.")]
    said = "Plain cosine: the client's own update is part of the server's."
    if without_me is not None:
        said += " Hovering says it without."
    return [
        html.Span(f"cosine {lowest_cosine(cosines):.2f}"),
        html.Span(className="ramp", **aria(hidden="true")),
        html.Span("1 (agree)"),
        html.Div(said),
        *_sources(agreement),
    ]


def cosine_legend(agreement: Agreement) -> list[Any]:
    """Explain the lines of the cosines."""
    names = (*agreement.layer_names, ALL_LAYERS)
    chosen = names[agreement.layer]
    keys: list[Any] = [
        html.Span("All layers" if chosen == ALL_LAYERS else chosen, className="key line")
    ]
    if agreement.without_me is not None:
        keys.append(html.Span("without this client", className="key line broken"))
    keys.append(html.Span("other layers", className="key consistent"))
    if agreement.without_me is None:
        keys.append(
            html.Div("The client's own update is part of the server's; its share is not recorded.")
        )
    return [*keys, *_sources(agreement)]


def _sources(agreement: Agreement) -> list[Any]:
    """Say what was not recorded but computed from the sampled parameters."""
    absent = [] if agreement.recorded else ["cosines.npz"]
    if agreement.without_me is not None and agreement.without_me_sampled:
        absent.append("norms.npz")
    if not absent:
        return []
    return [html.Div(f"From the sampled parameters (no {', no '.join(absent)}).")]
