"""Annotations: the team's notes of this client, written down for the selected records."""

from enum import StrEnum

from dash import Dash, Input, html

from flhetero_dash.selection import ClientRound
from flhetero_dash.views.controls import INTENT, aria


class Ids(StrEnum):
    """Components of this view."""

    BOARD = "annotations-board"


def layout() -> html.Section:
    """Lay out the panel; `assets/notes-board.js` fills it."""
    return html.Section(
        className="panel annotations",
        children=[
            html.Div(id=Ids.BOARD, className="notes-board", **aria(live="off")),
        ],
    )


def register(app: Dash, _queries: object) -> None:
    """Wire the view: the client -> its notes; all else is between the browser and `web/notes.py`.

    A note that is clicked becomes an intent: its round, or its records as a selection.
    """
    app.clientside_callback(
        f"(chosen, board) => board && flhetero.notes.choose('{INTENT}', chosen)",
        Input(ClientRound.STORE, "data"),
        # Dash takes two callbacks without outputs for one if their inputs are equal.
        Input(Ids.BOARD, "id", allow_optional=True),
    )
