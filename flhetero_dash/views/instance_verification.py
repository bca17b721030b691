"""Instance Verification: one record, and what both models say of it."""

from enum import StrEnum
from typing import Any

import numpy as np
from dash import Dash, Input, Output, State, dcc, html

from flhetero_dash.queries import Queries
from flhetero_dash.queries.records import Verified
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, Json, RecordChoice
from flhetero_dash.views.addresses import pictures_address
from flhetero_dash.views.controls import aria
from flhetero_dash.views.states import or_message

MOST_PICTURES = 60  # records of the selection in the strip
MOST_ATTRIBUTES = 200


class Ids(StrEnum):
    """Components of this view."""

    INTENT = "instance-intent"
    PICTURE = "instance-picture"
    FACTS = "instance-facts"
    POSITION = "instance-position"
    PREVIOUS = "instance-previous"
    NEXT = "instance-next"
    STRIP_DATA = "instance-strip-data"
    STRIP = "instance-strip"
    STRIP_TITLE = "instance-strip-title"


def layout() -> html.Div:
    """Lay out this part of the panel."""
    return html.Div(
        className="half instance",
        children=[
            dcc.Store(id=Ids.INTENT),
            dcc.Store(id=Ids.STRIP_DATA),
            html.Div(
                className="verified",
                children=[
                    html.Div(
                        className="row",
                        children=[
                            html.H3("Instance Verification"),
                            html.Span(className="spacer"),
                            html.Button("‹", id=Ids.PREVIOUS, title="Previous of the selection"),
                            html.Span(id=Ids.POSITION, className="position"),
                            html.Button("›", id=Ids.NEXT, title="Next of the selection"),
                        ],
                    ),
                    html.Div(
                        className="record",
                        children=[
                            html.Div(id=Ids.PICTURE, className="picture"),
                            html.Dl(id=Ids.FACTS, className="facts"),
                        ],
                    ),
                ],
            ),
            html.Div(
                className="selected",
                children=[
                    html.Div(className="row", children=[html.H3(id=Ids.STRIP_TITLE)]),
                    html.Div(
                        id=Ids.STRIP,
                        className="strip",
                        role="group",
                        **aria(label="Selected records"),
                    ),
                ],
            ),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: selection, record -> picture, words, strip; a click or step -> record."""

    @app.callback(
        Output(Ids.PICTURE, "children"),
        Output(Ids.FACTS, "children"),
        Output(Ids.POSITION, "children"),
        Output(Ids.STRIP_DATA, "data"),
        Output(Ids.STRIP_TITLE, "children"),
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
            picture = picture_of(chosen, answer) if is_image else attribute_table(answer)
            strip = {
                "record": answer.record,
                "records": answer.selected.tolist(),
                "most": MOST_PICTURES,
                "source": pictures_address(chosen) if is_image else None,
            }
            title = f"Selected records ({len(answer.selected):,})"
            return picture, facts(answer), position(answer), strip, title

        return or_message(
            show,
            lambda reason: (
                "", [html.Dd(reason)] if reason else [], "", {"records": []}, "Selected records",
            ),
        )  # fmt: skip

    app.clientside_callback(
        f"(data) => flhetero.strip.show('{Ids.STRIP}', '{Ids.INTENT}', data)",
        Input(Ids.STRIP_DATA, "data"),
    )
    for button, step in ((Ids.PREVIOUS, -1), (Ids.NEXT, 1)):
        app.clientside_callback(
            f"(clicks, data) => flhetero.strip.step('{Ids.INTENT}', data, {step})",
            Input(button, "n_clicks"),
            State(Ids.STRIP_DATA, "data"),
            prevent_initial_call=True,
        )


def picture_of(chosen: ClientRound, answer: Verified) -> html.Img:
    """Show the record's picture."""
    return html.Img(
        src=f"{pictures_address(chosen)}{answer.record}",
        alt=f"record {answer.record} of {chosen.client}",
    )


def value_words(value: float, categories: tuple[str, ...] | None) -> str:
    """Write a value: a category by its name, if it is one."""
    if categories is not None and value == int(value) and 0 <= value < len(categories):
        return categories[int(value)]
    return f"{value:.5g}"


def attribute_table(answer: Verified) -> html.Table:
    """List the record's attributes beside the selection's median."""
    median = answer.median
    rows = [
        html.Tr(
            [
                html.Th(name),
                html.Td(value_words(answer.values[at], answer.categories.get(name))),
                # Codes have no middle.
                html.Td("" if median is None or name in answer.categories else f"{median[at]:.5g}"),
            ]
        )
        for at, name in enumerate(answer.names[:MOST_ATTRIBUTES])
    ]
    header = html.Tr(
        [
            html.Th("attribute"),
            html.Th("record"),
            html.Th("median", title="Median of the selected records"),
        ]
    )
    return html.Table([header, *rows], className="attributes")


def facts(answer: Verified) -> list[Any]:
    """Say the ground truth and both outputs, right or wrong in words and signs."""
    rows: list[tuple[str, list[Any]]] = [("Record", [str(answer.record)])]
    if answer.truth is not None:
        rows.append(("Ground truth", [html.B(answer.truth)]))
    rows.append(
        ("Federated model", verdict(answer.federated, answer.truth, answer.federated_score))
    )
    rows.append(
        ("Stand-alone model", verdict(answer.standalone, answer.truth, answer.standalone_score))
    )
    if answer.truth is None:
        rows.append(("", ["Sampled inputs have no ground truth."]))
    return [part for term, words in rows for part in (html.Dt(term), html.Dd(words))]


def verdict(output: str, truth: str | None, score: float | None) -> list[Any]:
    """Write an output with a tick or a cross, and its probability when recorded."""
    words: list[Any] = [html.B(output)]
    if truth is not None:
        right = output == truth
        sign, word = ("✓", "right") if right else ("✗", "wrong")
        words = [
            html.Span(sign, className=word, role="img", **aria(label=word)), " ", *words
        ]  # fmt: skip
    if score is not None:
        words.append(html.Span(f" {score:.0%}", className="muted"))
    return words


def position(answer: Verified) -> str:
    """Say which one of the selection the record is."""
    found = np.flatnonzero(answer.selected == answer.record)
    if len(found):
        return f"{int(found[0]) + 1} of {len(answer.selected):,}"
    return "not in the selection"
