"""Heterogeneity Examination: what sets the selection apart, as weights or as Grad-CAM."""

from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
import plotly.graph_objects as go
from dash import Dash, Input, Output, State, html

from flhetero_dash.analysis.names import COLOURS
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.figures.theme import empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    GradCamChoice,
    Json,
)
from flhetero_dash.views.contrast_answers import Asked, Shown, heat_maps, n_channels, weights
from flhetero_dash.views.controls import (
    INTENT,
    aria,
    bind_number,
    bind_values,
    number,
    segmented,
    toggle,
)
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import or_message

METHODS = {"cpca": "Contrastive PCs", "gradcam": "Grad-CAM"}
METHOD_OPTIONS: Json = [{"value": value, "label": word} for value, word in METHODS.items()]
CHANNELS = {str(at): colour.capitalize() for at, colour in enumerate(COLOURS)}
EXPLAINED = {"mean": "Selection", "record": "This record"}
CLASSES = {"predicted": "Predicted", "truth": "Ground truth"}
VARIANTS = {"gradcam": "standard", "published": "published"}


class Ids(StrEnum):
    """Components of this view."""

    METHOD = "contrast-method"
    METHOD_ROW = "contrast-method-row"
    ALPHA = "contrast-alpha"
    AUTO = "contrast-auto"
    ALPHA_ROW = "contrast-alpha-row"
    CHANNEL = "contrast-channel"
    CHANNEL_ROW = "contrast-channel-row"
    CAM_ROW = "contrast-cam-row"
    EXPLAINED = "contrast-explained"
    CLASS = "contrast-class"
    VARIANT = "contrast-variant"
    VARIANT_ROW = "contrast-variant-row"
    MAPS = "contrast-maps"
    TITLE = "contrast-title"
    NOTE = "contrast-note"


def layout() -> html.Div:
    """Lay out this part of the panel."""
    return html.Div(
        className="half maps",
        children=[
            html.Div(
                className="row",
                children=[
                    html.Span(
                        id=Ids.METHOD_ROW,
                        className="inline",
                        children=segmented(Ids.METHOD, METHODS, "What explains the selection"),
                    ),
                    html.Span(className="spacer"),
                    *_options(),
                ],
            ),
            html.Div(
                id=Ids.CAM_ROW,
                className="row",
                hidden=True,
                children=[
                    segmented(Ids.EXPLAINED, EXPLAINED, "Whose heat maps are shown"),
                    segmented(Ids.CLASS, CLASSES, "Class that the heat maps speak for"),
                ],
            ),
            html.P(id=Ids.TITLE, className="hint"),
            graph(
                Ids.MAPS,
                "What sets the selected records apart; the attribute is chosen here by a click, "
                "or in the field Attribute",
                bare=True,
            ),
            html.P(id=Ids.NOTE, className="hint"),
        ],
    )


def _options() -> list[html.Span]:
    """Lay out what only one of the methods has: the draw callback hides the others."""
    variants = [{"value": value, "label": word} for value, word in VARIANTS.items()]
    return [
        html.Span(
            id=Ids.VARIANT_ROW,
            className="inline",
            hidden=True,
            children=dmc.Select(
                id=Ids.VARIANT,
                data=variants,
                value="gradcam",
                size="xs",
                allowDeselect=False,
                className="variant",
                **aria(label="Variant of Grad-CAM"),
            ),
        ),
        html.Span(
            id=Ids.CHANNEL_ROW,
            className="inline",
            hidden=True,
            children=segmented(Ids.CHANNEL, CHANNELS, "Colour channel"),
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
    ]


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: selection, alpha, method -> maps; a click on a map -> attribute."""
    bind_values(app, ContrastChoice, {"method": Ids.METHOD, "channel": Ids.CHANNEL})
    bind_values(
        app,
        GradCamChoice,
        {"explained": Ids.EXPLAINED, "explained_class": Ids.CLASS, "variant": Ids.VARIANT},
    )
    bind_number(app, Ids.ALPHA, Ids.AUTO, "contrast_alpha")
    _wire_methods(app, queries)
    _wire_maps(app, queries)
    _wire_clicks(app, queries)


def _wire_methods(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(Ids.METHOD, "data"),
        Output(Ids.METHOD_ROW, "title"),
        Input(ClientRound.STORE, "data"),
    )
    def offer(data: Json) -> tuple[Json, str]:
        def show() -> tuple[Json, str]:
            info = queries.federation.federation(ClientRound.checked(data).dataset).samples
            return methods_for(info)

        return or_message(show, lambda _: (METHOD_OPTIONS, ""))


def _wire_maps(app: Dash, queries: Queries) -> None:
    @app.callback(
        output={
            "figure": Output(Ids.MAPS, "figure"),
            "style": Output(Ids.MAPS, "style"),
            "title": Output(Ids.TITLE, "children"),
            "note": Output(Ids.NOTE, "children"),
            "alpha": Output(Ids.ALPHA, "value"),
            "auto": Output(Ids.AUTO, "aria-pressed"),
            "no_alpha": Output(Ids.ALPHA_ROW, "hidden"),
            "no_channel": Output(Ids.CHANNEL_ROW, "hidden"),
            "no_cam": Output(Ids.CAM_ROW, "hidden"),
            "no_variant": Output(Ids.VARIANT_ROW, "hidden"),
            "no_class": Output(Ids.CLASS, "disabled"),
        },
        inputs={
            "client_round": Input(ClientRound.STORE, "data"),
            "stores": {
                "clusters": Input(ClusterChoice.STORE, "data"),
                "focus": Input(Focus.STORE, "data"),
                "contrast": Input(ContrastChoice.STORE, "data"),
                "gradcam": Input(GradCamChoice.STORE, "data"),
            },
            "theme_name": Input(Frame.THEME, "data"),
        },
    )
    def draw(client_round: Json, stores: dict[str, Json], theme_name: Json) -> Any:  # noqa: ANN401
        theme = theme_named(theme_name)
        contrast = ContrastChoice.checked(stores["contrast"])
        gradcam = GradCamChoice.checked(stores["gradcam"])
        is_gradcam = contrast.method == "gradcam"

        def show() -> Shown:
            asked = Asked(
                ClientRound.checked(client_round),
                ClusterChoice.checked(stores["clusters"]),
                Focus.checked(stores["focus"]),
                contrast,
                gradcam,
            )
            explain = heat_maps if is_gradcam else weights
            return explain(asked, queries, theme)

        shown = or_message(show, lambda reason: Shown(empty_figure(reason, theme)))
        return {
            "figure": shown.figure,
            "style": style_of(shown.figure),
            "title": shown.title,
            "note": shown.note,
            "alpha": contrast.contrast_alpha if shown.alpha is None else shown.alpha,
            "auto": "true" if contrast.contrast_alpha is None else "false",
            "no_alpha": is_gradcam,
            "no_channel": is_gradcam or not shown.several_channels,
            "no_cam": not is_gradcam,
            "no_variant": not is_gradcam,
            "no_class": gradcam.variant == "published",  # it has but one
        }


def _wire_clicks(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(INTENT, "data"),
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


def methods_for(info: SamplesInfo) -> tuple[Json, str]:
    """Offer what can explain such records, and say why something cannot."""
    if info.is_image:
        return METHOD_OPTIONS, ""
    options = [one | {"disabled": one["value"] == "gradcam"} for one in METHOD_OPTIONS]
    return options, "Grad-CAM needs pictures: it shows where in one a convolution looks"


def style_of(figure: go.Figure) -> Json:
    """Give a figure the height that it asks for (its frame scrolls), else its frame's."""
    height = figure.layout.height
    if height:
        return {"height": f"{height}px"}
    least = (figure.layout.meta or {}).get("least_height", 0)
    return {"height": "100%"} | ({"minHeight": f"{least}px"} if least else {})


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
