"""Label matrix: inconsistent records by ground truth (columns) and federated output (rows)."""

from enum import StrEnum
from typing import Any

import numpy as np
from dash import Dash, Input, Output, dcc, html

from flhetero_dash.analysis.outline import convex_hull
from flhetero_dash.queries import Queries
from flhetero_dash.queries.matrix import MatrixAnswer
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    Json,
    MatrixChoice,
    RecordChoice,
)
from flhetero_dash.views.controls import bind_values, segmented
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.states import or_message

SQUARES = {"20": "20²", "10": "10²", "40": "40²"}
POINTS = {"on": "Records", "off": "Outline"}


class Ids(StrEnum):
    """Components of this view."""

    INTENT = "matrix-intent"
    SQUARES = "matrix-squares"
    POINTS = "matrix-points"
    DATA = "matrix-data"
    BOARD = "matrix-board"


def layout() -> html.Div:
    """Lay out this part of the panel."""
    return html.Div(
        className="half matrix",
        children=[
            dcc.Store(id=Ids.INTENT),
            dcc.Store(id=Ids.DATA),
            html.Div(
                className="row",
                children=[
                    html.H3("Label matrix"),
                    html.Span(className="spacer"),
                    segmented(Ids.POINTS, POINTS, "What is drawn of the records in a cell"),
                    segmented(Ids.SQUARES, SQUARES, "Squares of a cell's background"),
                ],
            ),
            html.P(
                "Background: share of the column's label among the local records there, in the "
                "plane of the contrastive PCs. Numbers: in the selection / inconsistent.",
                className="hint",
            ),
            html.Div(id=Ids.BOARD, className="matrix-board"),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: selection, contrast -> matrix; a click -> cell or record."""
    bind_values(app, MatrixChoice, Ids.INTENT, {"n_squares": Ids.SQUARES, "points": Ids.POINTS})

    @app.callback(
        Output(Ids.DATA, "data"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(ContrastChoice.STORE, "data"),
        Input(MatrixChoice.STORE, "data"),
    )
    def draw(data: Json, clusters: Json, focus: Json, contrast: Json, matrix: Json) -> Json:
        def show() -> Json:
            chosen = ClientRound.checked(data)
            choice = MatrixChoice.checked(matrix)
            chosen_focus = Focus.checked(focus)
            answer = queries.matrix.matrix(
                chosen,
                ClusterChoice.checked(clusters),
                chosen_focus,
                ContrastChoice.checked(contrast),
                choice,
            )
            return matrix_data(answer, chosen_focus, choice, can_select=chosen.inputs == "local")

        return or_message(show, lambda reason: {"message": reason})

    app.clientside_callback(
        "(data, record, theme) => "
        f"flhetero.matrix.show('{Ids.BOARD}', '{Ids.INTENT}', data, record)",
        Input(Ids.DATA, "data"),
        Input(RecordChoice.STORE, "data"),
        Input(Frame.THEME, "data"),
    )


def matrix_data(
    answer: MatrixAnswer, focus: Focus, choice: MatrixChoice, *, can_select: bool
) -> dict[str, Any]:
    """Give what the browser draws; places are shares of a cell's side, from the lower left."""
    grid = answer.grid
    low = np.array([grid.x_edges[0], grid.y_edges[0]])
    side = np.array([grid.x_edges[-1], grid.y_edges[-1]]) - low
    places = ((answer.coordinates - low) / side).round(4)
    row_of = {label: at for at, label in enumerate(answer.matrix.outputs.tolist())}
    column_of = {label: at for at, label in enumerate(answer.matrix.truths.tolist())}
    cells = []
    for cell in answer.matrix.cells:
        records = np.concatenate([cell.selected, cell.others])
        cells.append(
            {
                "row": row_of[cell.output],
                "column": column_of[cell.truth],
                "records": records.tolist(),
                "places": places[records].tolist(),
                "n_selected": len(cell.selected),
                "hull": convex_hull(places[records]).tolist(),
            }
        )
    # Empty squares are NaN, which is no JSON: -1.
    shares = np.where(np.isnan(grid.values), -1, (grid.values * 100).round()).astype(int)
    return {
        "truths": answer.matrix.truths.tolist(),
        "outputs": answer.matrix.outputs.tolist(),
        "columns": list(answer.truth_names),
        "rows": list(answer.output_names),
        "background": shares.reshape(len(shares), -1).tolist(),
        "x_edges": ((grid.x_edges - low[0]) / side[0]).round(4).tolist(),
        "y_edges": ((grid.y_edges - low[1]) / side[1]).round(4).tolist(),
        "cells": cells,
        "chosen": list(focus.cell) if focus.cell is not None and can_select else None,
        "points": choice.points == "on",
        "can_select": can_select,
    }
