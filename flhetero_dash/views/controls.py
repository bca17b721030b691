"""Small controls that several panels use, and how their values become intents."""

import json
from dataclasses import fields
from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, State, html

from flhetero_dash.selection import Choice, parameter_of

# The store to which every panel writes what was chosen in it; views/frame.py decides.
INTENT = "frame-intent"


def aria(**names: str) -> dict[str, Any]:
    """Give properties for assistive technology: `aria(label="...")`."""
    return {f"aria-{name}": text for name, text in names.items()}


def segmented(control_id: StrEnum, options: dict[str, str], label: str) -> dmc.SegmentedControl:
    """A row of words of which one is chosen: value to word."""  # noqa: D401
    return dmc.SegmentedControl(
        id=control_id,
        data=[{"value": value, "label": word} for value, word in options.items()],
        value=next(iter(options)),
        size="xs",
        **aria(label=label),
    )


def number(control_id: StrEnum, label: str, smallest: float, step: float) -> dmc.NumberInput:
    """Take a number; Enter or leaving the field commits it."""
    return dmc.NumberInput(
        id=control_id,
        min=smallest,
        step=step,
        size="xs",
        hideControls=True,
        className="number",
        **aria(label=label),
    )


def toggle(control_id: StrEnum, word: str, title: str) -> html.Button:
    """Make a button that is pressed or not; the panel's draw callback says which."""
    return html.Button(word, id=control_id, className="toggle", title=title, n_clicks=0)


def bind_values(app: Dash, record: type[Choice], controls: dict[str, StrEnum]) -> None:
    """Keep controls and fields of the selection equal, in the browser.

    A field's default stands for an absent parameter. Proposing what is chosen already does
    nothing, so the two directions do not chase each other. All controls of one record are
    bound at once: Dash takes two callbacks without outputs for one if their inputs are equal.
    """
    defaults = {entry.name: entry.default for entry in fields(record)}  # type: ignore[arg-type]
    bound = []
    for field, control in controls.items():
        constants = [control, INTENT, parameter_of(field), defaults[field]]
        bound.append(constants)
        app.clientside_callback(
            f"(value, chosen) => flhetero.controls.propose({json.dumps(constants)}, value, chosen)",
            Input(control, "value"),
            State(record.STORE, "data"),
            prevent_initial_call=True,
        )
    app.clientside_callback(
        f"(chosen) => flhetero.controls.reflect({json.dumps(bound)}, chosen)",
        Input(record.STORE, "data"),
    )


def bind_number(app: Dash, control: StrEnum, auto: StrEnum, field: str) -> None:
    """Propose a committed number, or the automatic choice; the draw callback shows both."""
    parameter = parameter_of(field)
    constants = json.dumps([control, INTENT, parameter])
    app.clientside_callback(
        f"(submit, blur) => flhetero.controls.commit({constants})",
        Input(control, "n_submit"),
        Input(control, "n_blur"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        f"(clicks, value, pressed) => flhetero.controls.automatic({constants}, value, pressed)",
        Input(auto, "n_clicks"),
        State(control, "value"),
        State(auto, "aria-pressed"),
        prevent_initial_call=True,
    )
