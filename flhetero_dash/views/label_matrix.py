"""Label matrix: inconsistent records by ground truth (columns) and federated output (rows)."""

import dataclasses
import json
from enum import StrEnum
from typing import Any

import numpy as np
from dash import Dash, Input, Output, dcc, html

from flhetero_dash.analysis.outline import convex_hull, domain_of
from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.figures.planes import plane_name
from flhetero_dash.queries import Queries
from flhetero_dash.queries.matrix import MatrixAnswer, Neighbours
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    Json,
    MatrixChoice,
    RecordChoice,
)
from flhetero_dash.views.addresses import pictures_address
from flhetero_dash.views.controls import INTENT, aria, bind_values, segmented
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.states import covered, or_message

SQUARES = {"20": "20²", "10": "10²", "40": "40²"}  # the default first
POINTS = {"on": "Records", "off": "Outline"}
BACKGROUNDS = {"share": "Share", "enrichment": "Enrichment"}
LABELS = {"inconsistent": "Inconsistent", "all": "All labels"}
STRONGEST = 4  # times the overall share: enrichment from there on has the strongest colour


class Ids(StrEnum):
    """Components of this view."""

    SQUARES = "matrix-squares"
    POINTS = "matrix-points"
    BACKGROUND = "matrix-background"
    LABELS = "matrix-labels"
    LEGEND = "matrix-legend"
    OUT = "matrix-zoom-out"
    IN = "matrix-zoom-in"
    RESET = "matrix-zoom-reset"
    DATA = "matrix-data"
    NEAR = "matrix-neighbours"
    BOARD = "matrix-board"


ZOOMS = {
    Ids.OUT: ("−", "Zoom out of all cells (key −)"),
    Ids.IN: ("+", "Zoom into all cells (key +); or drag a box, or turn the wheel"),
    Ids.RESET: ("1×", "Show the whole plane again (key 0, or a double click)"),
}


def layout() -> html.Div:
    """Lay out this part of the panel."""
    return html.Div(
        className="half matrix",
        children=[
            dcc.Store(id=Ids.DATA),
            dcc.Store(id=Ids.NEAR),
            html.Div(
                className="row",
                children=[
                    html.H3("Label matrix"),
                    html.Span(className="spacer"),
                    segmented(Ids.LABELS, LABELS, "Labels that have a row and a column"),
                    segmented(Ids.POINTS, POINTS, "What is drawn of the records in a cell"),
                ],
            ),
            html.Div(
                className="row",
                children=[
                    segmented(Ids.BACKGROUND, BACKGROUNDS, "What the background shows"),
                    segmented(Ids.SQUARES, SQUARES, "Squares of a cell's background"),
                    html.Span(className="spacer"),
                    html.Span(
                        className="zooms",
                        role="group",
                        **aria(label="Zoom of all cells"),
                        children=[
                            html.Button(word, id=button, title=title, n_clicks=0)
                            for button, (word, title) in ZOOMS.items()
                        ],
                    ),
                ],
            ),
            html.P(id=Ids.LEGEND, className="hint"),
            html.Div(id=Ids.BOARD, className="matrix-board", **covered(Ids.DATA)),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: selection, contrast -> matrix; a click -> cell or record."""
    bind_values(
        app,
        MatrixChoice,
        {
            "n_squares": Ids.SQUARES,
            "points": Ids.POINTS,
            "background": Ids.BACKGROUND,
            "labels": Ids.LABELS,
        },
    )
    _wire_cells(app, queries)
    _wire_neighbours(app, queries)
    _wire_browser(app)


def _wire_cells(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(Ids.DATA, "data"),
        Output(Ids.LEGEND, "children"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(ContrastChoice.STORE, "data"),
        Input(MatrixChoice.STORE, "data"),
    )
    def draw(
        data: Json, clusters: Json, focus: Json, contrast: Json, matrix: Json
    ) -> tuple[Json, list[Any]]:
        choice = MatrixChoice.checked(matrix)

        def show() -> tuple[Json, list[Any]]:
            chosen = ClientRound.checked(data)
            chosen_focus = Focus.checked(focus)
            answer = queries.matrix.matrix(
                chosen,
                ClusterChoice.checked(clusters),
                chosen_focus,
                ContrastChoice.checked(contrast),
                choice,
            )
            drawn = matrix_data(answer, chosen_focus, choice, can_select=chosen.inputs == "local")
            info = queries.federation.federation(chosen.dataset).samples
            pictures = pictures_address(dataclasses.replace(chosen, inputs="local"))
            return drawn | {"source": pictures if info.is_image else None}, legend(choice)

        return or_message(show, lambda reason: ({"message": reason}, []))


def _wire_neighbours(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(Ids.NEAR, "data"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(ContrastChoice.STORE, "data"),
        Input(RecordChoice.STORE, "data"),
    )
    def draw_neighbours(
        data: Json, clusters: Json, focus: Json, contrast: Json, record: Json
    ) -> Json:
        def show() -> Json:
            found = queries.matrix.neighbours(
                ClientRound.checked(data),
                ClusterChoice.checked(clusters),
                Focus.checked(focus),
                ContrastChoice.checked(contrast),
                RecordChoice.checked(record),
            )
            return None if found is None else neighbour_data(found)

        return or_message(show, lambda _: None)


def _wire_browser(app: Dash) -> None:
    app.clientside_callback(
        "(data, near, theme) => "
        f"flhetero.matrix.show('{Ids.BOARD}', '{INTENT}', data, near, '{Ids.RESET}')",
        Input(Ids.DATA, "data", allow_optional=True),
        Input(Ids.NEAR, "data", allow_optional=True),
        Input(Frame.THEME, "data"),
    )
    for button, key in ((Ids.OUT, "-"), (Ids.IN, "+"), (Ids.RESET, "0")):
        app.clientside_callback(
            f"(clicks) => flhetero.matrix.zoomBy({json.dumps(key)})",
            Input(button, "n_clicks"),
            prevent_initial_call=True,
        )


def legend(choice: MatrixChoice) -> list[Any]:
    """Say what the colours and the numbers of a cell mean."""
    low, high, words, more = (
        ("0%", "100%", "label's share", "Share of the column's label among the local records there")
        if choice.background == "share"
        else (
            f"≤ 1/{STRONGEST}",
            f"≥ {STRONGEST}",
            "label's share ÷ overall",
            "Share of the column's label among the local records there, divided by its share "
            "among all local records; the middle of the scale is 1",
        )
    )
    return [
        html.Span([f"{words} {low}", html.I(className="square-ramp"), high], title=more),
        " ",  # where the line may break
        html.Span([html.B("a / b"), " selected / inconsistent"]),
    ]


def places_in(coordinates: FloatArray) -> FloatArray:
    """Turn coordinates of local records into shares of a cell's side, from the lower left."""
    left, right, bottom, top = domain_of(coordinates)
    low, side = np.array([left, bottom]), np.array([right - left, top - bottom])
    places: FloatArray = ((coordinates - low) / side).round(4)
    return places


def levels_of(values: FloatArray, counts: IntArray, background: str) -> list[list[int]]:
    """Give the strength of the colour of each square, from 0 to 100; -1 where nobody is."""
    if background == "enrichment":
        with np.errstate(divide="ignore"):
            values = np.log2(values) / np.log2(STRONGEST) / 2 + 0.5
    # A label that nobody has is no reason to show its squares as empty.
    levels = (np.clip(np.nan_to_num(values), 0, 1) * 100).round().astype(int)
    levels[:, counts == 0] = -1
    squares: list[list[int]] = levels.reshape(len(levels), -1).tolist()
    return squares


def matrix_data(
    answer: MatrixAnswer, focus: Focus, choice: MatrixChoice, *, can_select: bool
) -> dict[str, Any]:
    """Give what the browser draws; places are shares of a cell's side, from the lower left."""
    places = places_in(answer.coordinates)
    row_of = {label: at for at, label in enumerate(answer.outputs)}
    column_of = {label: at for at, label in enumerate(answer.truths)}
    cells = []
    for cell in answer.matrix.cells:
        records = np.concatenate([cell.selected, cell.others])
        cells.append(
            {
                "row": row_of[cell.output],
                "column": column_of[cell.truth],
                "records": records.tolist(),
                "alone": answer.standalone[records].tolist(),
                "places": places[records].tolist(),
                "n_selected": len(cell.selected),
                "hull": convex_hull(places[records]).tolist() if choice.points == "off" else [],
            }
        )
    return {
        "plane": plane_name(answer.coordinates),
        "truths": list(answer.truths),
        "outputs": list(answer.outputs),
        "names": {str(label): name for label, name in answer.names.items()},
        "n_squares": answer.grid.counts.shape[1],
        "levels": levels_of(answer.grid.values, answer.grid.counts, choice.background),
        "background": choice.background,
        "cells": cells,
        "chosen": list(focus.cell) if focus.cell is not None and can_select else None,
        "points": choice.points == "on",
        "can_select": can_select,
    }


def neighbour_data(found: Neighbours) -> dict[str, Any]:
    """Give the chosen record and its neighbours, as the browser draws them."""
    near = [
        {
            "record": record,
            "place": place,
            "inconsistent": differs,
            "truth": truth,
            "output": output,
        }
        for record, place, differs, truth, output in zip(
            found.records.tolist(),
            places_in(found.coordinates)[found.records].tolist(),
            found.inconsistent.tolist(),
            found.truths.tolist(),
            found.outputs.tolist(),
            strict=True,
        )
    ]
    return {"plane": plane_name(found.coordinates), **near[0], "near": near[1:]}
