"""Records selected by hand: held by the browser until their link is copied, then shared."""

from enum import StrEnum

from dash import Dash, Input, Output, State, dcc, no_update

from flhetero_dash.queries.own_selections import OwnSelectionQueries, held_with
from flhetero_dash.selection import ClientRound, Focus, Json, NotChosenError, parameter_of

OWN, OWN_RECORDS = parameter_of("own"), parameter_of("own_records")


class Ids(StrEnum):
    """Components of the frame that have to do with selections by hand."""

    HELD = "frame-own-selections"
    SHARED = "frame-shared"


def own_stores() -> list[dcc.Store]:
    """Lay out what was selected by hand, which lives in this browser, and what was shared."""
    return [dcc.Store(id=Ids.HELD, storage_type="session"), dcc.Store(id=Ids.SHARED)]


def own_intent(intent: Json, held: Json, chosen: Json) -> tuple[Json, Json]:
    """Turn records that were selected by hand into their digest, which fits into a link.

    Gives the intent, and what the browser holds from now on.
    """
    text = intent.get(OWN_RECORDS) if isinstance(intent, dict) else None
    if not isinstance(text, str):
        return intent, held
    try:
        held, digest = held_with(held, ClientRound.checked(chosen), text)
    except (ValueError, NotChosenError):
        return {}, held
    return {OWN: digest}, held


def register_own_selections(app: Dash, queries: OwnSelectionQueries, copy: StrEnum) -> None:
    """Wire *Copy link*: a selection by hand is stored for whoever gets the link."""

    @app.callback(
        Output(Ids.SHARED, "data"),
        Input(copy, "n_clicks"),
        State(ClientRound.STORE, "data"),
        State(Focus.STORE, "data"),
        prevent_initial_call=True,
    )
    def share(_clicks: Json, data: Json, focus: Json) -> Json:
        given = focus if isinstance(focus, dict) else {}
        digest, text = given.get(OWN), given.get(OWN_RECORDS)
        if isinstance(digest, str) and isinstance(text, str):
            queries.share(ClientRound.checked(data), digest, text)
        return no_update
