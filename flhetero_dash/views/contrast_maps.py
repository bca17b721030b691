"""Heterogeneity Examination: what sets the selection apart, as weights or as Grad-CAM."""

from enum import StrEnum
from typing import Any

import numpy as np
import plotly.graph_objects as go
from dash import Dash, Input, Output, State, dcc, html

from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.figures.examination import gradcam_maps, weight_bars, weight_maps
from flhetero_dash.figures.theme import Theme, empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.queries.contrast import Contrast
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    Json,
)
from flhetero_dash.views.controls import bind_number, bind_values, number, segmented, toggle
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import or_message

METHODS = {"cpca": "Contrastive PCs", "gradcam": "Grad-CAM"}
CHANNELS = {"0": "1", "1": "2", "2": "3"}


class Ids(StrEnum):
    """Components of this view."""

    INTENT = "contrast-intent"
    METHOD = "contrast-method"
    ALPHA = "contrast-alpha"
    AUTO = "contrast-auto"
    ALPHA_ROW = "contrast-alpha-row"
    CHANNEL = "contrast-channel"
    CHANNEL_ROW = "contrast-channel-row"
    MAPS = "contrast-maps"
    TITLE = "contrast-title"
    NOTE = "contrast-note"


def layout() -> html.Div:
    """Lay out this part of the panel."""
    return html.Div(
        className="half maps",
        children=[
            dcc.Store(id=Ids.INTENT),
            html.Div(
                className="row",
                children=[
                    segmented(Ids.METHOD, METHODS, "What explains the selection"),
                    html.Span(className="spacer"),
                    html.Span(
                        id=Ids.CHANNEL_ROW,
                        className="inline",
                        children=[
                            html.Label("channel"),
                            segmented(Ids.CHANNEL, CHANNELS, "Colour channel"),
                        ],
                    ),
                    html.Span(
                        id=Ids.ALPHA_ROW,
                        className="inline",
                        children=[
                            html.Label("α", title="Contrast of the selection's components"),
                            number(Ids.ALPHA, "Contrast alpha of the selection", 0, 1),
                            toggle(Ids.AUTO, "auto", "Choose the contrast automatically"),
                        ],
                    ),
                ],
            ),
            html.P(id=Ids.TITLE, className="hint"),
            graph(Ids.MAPS, "What sets the selected records apart", bare=True),
            html.P(id=Ids.NOTE, className="hint"),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: selection, alpha, method -> maps; a click on a map -> attribute."""
    bind_values(app, ContrastChoice, Ids.INTENT, {"method": Ids.METHOD, "channel": Ids.CHANNEL})
    bind_number(app, Ids.ALPHA, Ids.AUTO, "contrast_alpha", Ids.INTENT)

    @app.callback(
        Output(Ids.MAPS, "figure"),
        Output(Ids.TITLE, "children"),
        Output(Ids.NOTE, "children"),
        Output(Ids.ALPHA, "value"),
        Output(Ids.AUTO, "aria-pressed"),
        Output(Ids.ALPHA_ROW, "hidden"),
        Output(Ids.CHANNEL_ROW, "hidden"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(ContrastChoice.STORE, "data"),
        Input(AttributeChoice.STORE, "data"),
        Input(Frame.THEME, "data"),
    )
    def draw(
        data: Json, clusters: Json, focus: Json, contrast: Json, attribute: Json, theme_name: Json
    ) -> tuple[Any, ...]:
        theme = theme_named(theme_name)
        choice = ContrastChoice.checked(contrast)
        automatic = "true" if choice.contrast_alpha is None else "false"
        is_gradcam = choice.method == "gradcam"

        def show() -> tuple[Any, ...]:
            chosen = ClientRound.checked(data)
            chosen_clusters, chosen_focus = ClusterChoice.checked(clusters), Focus.checked(focus)
            info = queries.federation.federation(chosen.dataset).samples
            if is_gradcam:
                maps = queries.gradcam.maps(chosen, chosen_clusters, chosen_focus)
                figure = gradcam_maps(maps.federated, maps.standalone, maps.layers, theme)
                title = (
                    f"Mean over {maps.n_records:,} records: where each model looks for the class "
                    "it gives"
                )
                return figure, title, maps.note, None, automatic, True, True
            answer = queries.contrast.contrast(
                chosen, chosen_clusters, chosen_focus, choice.contrast_alpha
            )
            marked = queries.distribution.attribute(
                chosen, chosen_clusters, chosen_focus, choice, AttributeChoice.checked(attribute)
            )
            figure = weights_figure(answer, info, choice.channel, marked, theme)
            alpha = float(f"{answer.alpha:.3g}")
            title = (
                f"{answer.n_selected:,} selected records against the consistent ones "
                "(percent: share of the variance)"
            )
            one_channel = n_channels(info) == 1
            return figure, title, answer.note, alpha, automatic, False, one_channel

        return or_message(
            show,
            lambda reason: (
                empty_figure(reason, theme), "", "", choice.contrast_alpha, automatic,
                is_gradcam, True,
            ),
        )  # fmt: skip

    @app.callback(
        Output(Ids.INTENT, "data"),
        Input(Ids.MAPS, "clickData"),
        State(ClientRound.STORE, "data"),
        State(ContrastChoice.STORE, "data"),
        prevent_initial_call=True,
    )
    def choose(click: Json, data: Json, contrast: Json) -> Json:
        def show() -> Json:
            chosen = ClientRound.checked(data)
            choice = ContrastChoice.checked(contrast)
            info = queries.federation.federation(chosen.dataset).samples
            return {} if choice.method == "gradcam" else attribute_clicked(click, info, choice)

        return or_message(show, lambda _: {})


def n_channels(info: SamplesInfo) -> int:
    """Give the number of colour channels of a picture; 1 for what is no picture."""
    return info.shape[0] if info.is_image and len(info.shape) == 3 else 1


def weights_figure(
    answer: Contrast, info: SamplesInfo, channel: int, marked: int, theme: Theme
) -> go.Figure:
    """Draw weights as pictures where the records are pictures, else as bars."""
    if not info.is_image or len(info.shape) < 2:
        names = info.feature_names or tuple(f"attribute {n}" for n in range(info.n_features))
        return weight_bars(answer.directions, names, answer.explained_target, theme)
    height, width = info.shape[-2:]
    shown = min(channel, n_channels(info) - 1)
    maps = answer.directions.reshape(2, n_channels(info), height, width)[:, shown]
    of_channel, place = divmod(marked, height * width)
    row, column = divmod(place, width)
    return weight_maps(
        np.asarray(maps),
        (row, column) if of_channel == shown else None,
        answer.explained_target,
        theme,
    )


def attribute_clicked(click: Json, info: SamplesInfo, choice: ContrastChoice) -> Json:
    """Propose the attribute under the pointer: a pixel of a map, or a bar."""
    try:
        point = click["points"][0]
        if not info.is_image or len(info.shape) < 2:
            attribute = int(point["customdata"])
        else:
            height, width = info.shape[-2:]
            shown = min(choice.channel, n_channels(info) - 1)
            row, column = int(point["y"]), int(point["x"])
            if not (0 <= row < height and 0 <= column < width):
                return {}  # it would be a pixel of another row or channel
            attribute = (shown * height + row) * width + column
    except (TypeError, KeyError, IndexError, ValueError, OverflowError):
        return {}
    return {"attribute": str(attribute)} if 0 <= attribute < info.n_features else {}
