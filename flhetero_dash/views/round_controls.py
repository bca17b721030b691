"""Rounds in the header: the slider, the keys, and what replaces a link in the history."""

from enum import StrEnum

import dash_mantine_components as dmc
from dash import Dash, Input, State, dcc

from flhetero_dash.selection import ClientRound, Json


class Ids(StrEnum):
    """Components of the frame that have to do with rounds, beside its stepper."""

    REPLACED = "frame-replaced"
    SLIDER = "frame-round-slider"


def round_stores() -> list[dcc.Store]:
    """Lay out a link that replaces the one before it."""
    return [dcc.Store(id=Ids.REPLACED)]


def round_slider() -> dmc.Slider:
    """Lay out the slider; the browser gives it its range."""
    return dmc.Slider(
        id=Ids.SLIDER,
        min=1,
        max=2,
        value=1,
        size="xs",
        thumbSize=12,
        thumbLabel="Round, by slider",
        updatemode="mouseup",
        className="rounds",
    )


def replaces_link(intent: Json) -> bool:
    """Whether an intent takes the place of the link before it in the browser's history."""
    return isinstance(intent, dict) and intent.get("history") == "replace"


def register_rounds(app: Dash, field: StrEnum) -> None:
    """Wire the slider: client, round -> slider -> intent; replaced link -> address."""
    app.clientside_callback(
        f"(chosen, most) => flhetero.stepper.know(chosen, most, '{Ids.SLIDER}')",
        Input(ClientRound.STORE, "data"),
        Input(field, "max"),
    )
    app.clientside_callback(
        "(round, chosen) => flhetero.stepper.dragged(round, chosen)",
        Input(Ids.SLIDER, "value"),
        State(ClientRound.STORE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        "(search) => flhetero.stepper.replaceLink(search)", Input(Ids.REPLACED, "data")
    )
