"""Instance Verification: one record, what both models say of it, and the records around it."""

from enum import StrEnum
from typing import Any

from dash import Dash, Input, Output, State, dcc, html

from flhetero_dash.queries import Queries
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, Json, RecordChoice
from flhetero_dash.views.addresses import pictures_address
from flhetero_dash.views.contact_sheet import open_button
from flhetero_dash.views.controls import aria
from flhetero_dash.views.instance_answers import (
    aspect_of,
    details_of,
    facts,
    nearest_of,
    picture_of,
    position,
    roll_of,
)
from flhetero_dash.views.states import covered, or_message

MOST_PICTURES = 60  # records of the selection in the strip; the contact sheet has the rest


class Ids(StrEnum):
    """Components of this view."""

    INTENT = "instance-intent"
    SHOWN = "instance-shown"
    VERIFIED = "instance-verified"
    PICTURE = "instance-picture"
    FACTS = "instance-facts"
    POSITION = "instance-position"
    PREVIOUS = "instance-previous"
    NEXT = "instance-next"
    DETAILS_DATA = "instance-details-data"
    ATTRIBUTES = "instance-attributes"
    SCORES = "instance-scores"
    ROUNDS_DATA = "instance-rounds-data"
    ROUNDS = "instance-rounds"
    NEAREST_DATA = "instance-nearest-data"
    NEAREST = "instance-nearest"
    STRIP_DATA = "instance-strip-data"
    STRIP = "instance-strip"
    STRIP_TITLE = "instance-strip-title"


STORES = (
    Ids.INTENT, Ids.SHOWN, Ids.DETAILS_DATA, Ids.ROUNDS_DATA, Ids.NEAREST_DATA, Ids.STRIP_DATA,
)  # fmt: skip


def layout() -> html.Div:
    """Lay out this part of the panel."""
    return html.Div(
        className="half instance",
        children=[
            *[dcc.Store(id=store) for store in STORES],
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
                        title="Previous of the selection (left arrow key)",
                        **aria(label="Previous record of the selection"),
                    ),
                    html.Span(id=Ids.POSITION, className="position"),
                    html.Button(
                        "›",
                        id=Ids.NEXT,
                        title="Next of the selection (right arrow key)",
                        **aria(label="Next record of the selection"),
                    ),
                ],
            ),
            html.Div(
                className="record",
                **covered(Ids.PICTURE),
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
    """Wire the view.

    Selection, record -> shown record, words, strip; shown record -> rounds, nearest records;
    a click, step or arrow key -> record or round.
    """
    _wire_record(app, queries)
    _wire_around(app, queries)
    for data, show, board in (
        (Ids.STRIP_DATA, "strip.show", Ids.STRIP),
        (Ids.DETAILS_DATA, "instance.details", Ids.SCORES),
        (Ids.ROUNDS_DATA, "rounds.show", Ids.ROUNDS),
        (Ids.NEAREST_DATA, "instance.nearest", Ids.NEAREST),
    ):
        app.clientside_callback(
            f"(data) => flhetero.{show}('{board}', '{Ids.INTENT}', data)", Input(data, "data")
        )
    for button, step in ((Ids.PREVIOUS, -1), (Ids.NEXT, 1)):
        app.clientside_callback(
            f"(clicks, data) => flhetero.strip.step('{Ids.INTENT}', data, {step})",
            Input(button, "n_clicks"),
            State(Ids.STRIP_DATA, "data"),
            prevent_initial_call=True,
        )


def _wire_record(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(Ids.PICTURE, "children"),
        Output(Ids.FACTS, "children"),
        Output(Ids.POSITION, "children"),
        Output(Ids.STRIP_DATA, "data"),
        Output(Ids.STRIP_TITLE, "children"),
        Output(Ids.DETAILS_DATA, "data"),
        Output(Ids.SHOWN, "data"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(RecordChoice.STORE, "data"),
    )
    def draw(data: Json, clusters: Json, focus: Json, record: Json) -> tuple[Any, ...]:
        def show() -> tuple[Any, ...]:
            chosen = ClientRound.checked(data)
            answer = queries.records.verified(
                chosen,
                ClusterChoice.checked(clusters),
                Focus.checked(focus),
                RecordChoice.checked(record),
            )
            is_image = not answer.names
            strip = {
                "record": answer.record,
                "records": answer.selected.tolist(),
                "most": MOST_PICTURES,
                "source": pictures_address(chosen) if is_image else None,
                "aspect": aspect_of(queries.federation.federation(chosen.dataset).samples),
            }
            return (
                picture_of(chosen, answer) if is_image else "",
                facts(answer, chosen.inputs),
                position(answer),
                strip,
                f"Selected records ({len(answer.selected):,})",
                details_of(answer),
                RecordChoice(answer.record).as_json(),
            )

        return or_message(
            show,
            lambda reason: (
                "", [html.Dd(reason)] if reason else [], "", {"records": []}, "Selected records",
                {}, {},
            ),
        )  # fmt: skip


def _wire_around(app: Dash, queries: Queries) -> None:
    shown = Input(ClientRound.STORE, "data"), Input(Ids.SHOWN, "data")

    @app.callback(Output(Ids.ROUNDS_DATA, "data"), *shown)
    def draw_rounds(data: Json, record: Json) -> Json:
        def show() -> Json:
            chosen, wanted = ClientRound.checked(data), RecordChoice.checked(record).record
            if wanted is None:
                return {}
            info = queries.federation.federation(chosen.dataset).samples
            answer = queries.record_rounds.rounds(chosen, wanted)
            return roll_of(answer, info, chosen.round_index)

        return or_message(show, lambda reason: {"message": reason})

    @app.callback(Output(Ids.NEAREST_DATA, "data"), *shown)
    def draw_nearest(data: Json, record: Json) -> Json:
        def show() -> Json:
            chosen, wanted = ClientRound.checked(data), RecordChoice.checked(record).record
            if wanted is None:
                return {}
            info = queries.federation.federation(chosen.dataset).samples
            return nearest_of(chosen, queries.nearest.nearest(chosen, wanted), info)

        return or_message(show, lambda reason: {"message": reason})
