"""Instance Verification: one record, what both models say of it, and the records around it."""

from enum import StrEnum

from dash import Dash, Input, Output, dcc, html

from flhetero_dash.queries import Queries
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    Json,
    RecordChoice,
    WhichClient,
)
from flhetero_dash.views.contact_sheet import open_button
from flhetero_dash.views.controls import INTENT, aria
from flhetero_dash.views.instance_answers import (
    details_of,
    facts,
    nearest_of,
    picture_of,
    roll_of,
)
from flhetero_dash.views.states import covered, or_message


class Ids(StrEnum):
    """Components of this view."""

    DATA = "instance-data"
    VERIFIED = "instance-verified"
    PICTURE = "instance-picture"
    FACTS = "instance-facts"
    POSITION = "instance-position"
    PREVIOUS = "instance-previous"
    NEXT = "instance-next"
    ATTRIBUTES = "instance-attributes"
    SCORES = "instance-scores"
    ROUNDS = "instance-rounds"
    NEAREST = "instance-nearest"
    STRIP = "instance-strip"
    STRIP_TITLE = "instance-strip-title"


def layout() -> html.Div:
    """Lay out this part of the panel."""
    return html.Div(
        className="half instance",
        children=[
            dcc.Store(id=Ids.DATA),
            _verified(),
            html.Div(
                className="selected",
                children=[
                    html.Div(
                        className="row",
                        children=[
                            html.H3(id=Ids.STRIP_TITLE),
                            html.Span(className="spacer"),
                            open_button(),
                        ],
                    ),
                    html.Div(
                        id=Ids.STRIP,
                        className="strip",
                        role="group",
                        **aria(label="Selected records; arrow keys step through them"),
                    ),
                ],
            ),
        ],
    )


def _verified() -> html.Div:
    return html.Div(
        id=Ids.VERIFIED,
        className="verified",
        role="group",
        tabIndex=0,
        **aria(label="Record under verification; left and right step through the selection"),
        children=[
            html.Div(
                className="row",
                children=[
                    html.H3("Instance Verification"),
                    html.Span(className="spacer"),
                    html.Button(
                        "‹",
                        id=Ids.PREVIOUS,
                        disable_n_clicks=True,
                        title="Previous of the selection (left arrow key)",
                        **aria(label="Previous record of the selection"),
                    ),
                    html.Span(id=Ids.POSITION, className="position"),
                    html.Button(
                        "›",
                        id=Ids.NEXT,
                        disable_n_clicks=True,
                        title="Next of the selection (right arrow key)",
                        **aria(label="Next record of the selection"),
                    ),
                ],
            ),
            html.Div(
                className="record",
                **covered(Ids.DATA),
                children=[
                    html.Div(id=Ids.PICTURE, className="picture"),
                    html.Div(id=Ids.ATTRIBUTES, className="attributes-board", tabIndex=-1),
                    html.Div(
                        className="said",
                        children=[
                            html.Dl(id=Ids.FACTS, className="facts"),
                            html.Div(id=Ids.ROUNDS, className="rounds"),
                        ],
                    ),
                    html.Div(
                        className="around",
                        children=[
                            html.Div(id=Ids.SCORES, className="scores"),
                            html.Div(id=Ids.NEAREST, className="nearest"),
                        ],
                    ),
                ],
            ),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: selection, record -> what is known of it -> words and pictures.

    The browser itself knows which records are selected (`assets/link.js`), so the strip and the
    steps through it ask nothing; a click or a step proposes a record or a round.
    """

    @app.callback(
        Output(Ids.DATA, "data"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(RecordChoice.STORE, "data"),
        Input(WhichClient.STORE, "data"),  # with the rounds of a training that still runs
    )
    def draw(data: Json, clusters: Json, focus: Json, record: Json, _client: Json) -> Json:
        def show() -> Json:
            chosen = ClientRound.checked(data)
            answer = queries.records.verified(
                chosen,
                ClusterChoice.checked(clusters),
                Focus.checked(focus),
                RecordChoice.checked(record),
            )
            info = queries.federation.federation(chosen.dataset).samples
            return {
                "record": answer.record,
                "facts": facts(answer, chosen.inputs),
                **picture_of(chosen, answer),
                **details_of(answer),
                "rounds": or_message(
                    lambda: roll_of(
                        queries.record_rounds.rounds(chosen, answer.record),
                        info,
                        chosen.round_index,
                    ),
                    _said,
                ),
                "nearest": or_message(
                    lambda: nearest_of(
                        chosen, queries.nearest.nearest(chosen, answer.record), info
                    ),
                    _said,
                ),
            }

        return or_message(show, _said)

    app.clientside_callback(
        f"(data) => flhetero.instance.show('{INTENT}', data)", Input(Ids.DATA, "data")
    )


def _said(reason: str) -> Json:
    return {"message": reason}
