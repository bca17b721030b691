"""The Data page: what is on disk for a client, what is missing, and what that costs."""

from enum import StrEnum
from typing import Any

import dash_ag_grid as dag
import plotly.graph_objects as go
from dash import Dash, Input, Output, html

from flhetero_dash.data.errors import DataError
from flhetero_dash.data.file_groups import FileGroup
from flhetero_dash.data.findings import rounds_in_words
from flhetero_dash.data.inventory import Inventory
from flhetero_dash.figures.recorded_rounds import recorded_rounds
from flhetero_dash.figures.theme import empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.selection import Json
from flhetero_dash.views.contact_sheet import THEME
from flhetero_dash.views.controls import aria
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph

COLUMNS: list[dict[str, Any]] = [
    {"field": "what", "headerName": "What", "flex": 2, "minWidth": 190},
    {"field": "name", "headerName": "File", "flex": 2, "minWidth": 170},
    {"field": "folder", "headerName": "Folder", "flex": 2, "minWidth": 170},
    {"field": "files", "headerName": "Files", "width": 80},
    {"field": "size", "headerName": "kB", "width": 90, "type": "rightAligned"},
    {"field": "rounds", "headerName": "Rounds", "flex": 1, "minWidth": 110, "wrapText": True},
    {"field": "arrays", "headerName": "Arrays", "flex": 4, "minWidth": 260, "wrapText": True},
]
Shown = tuple[str, list[html.Li], list[html.Li], bool, go.Figure, list[dict[str, Any]]]


class Ids(StrEnum):
    """Components of this view."""

    VERDICT = "data-verdict"
    WRONG = "data-wrong"
    THERE = "data-there"
    DETAILS = "data-details"
    ROUNDS = "data-rounds"
    FILES = "data-files"


def layout() -> html.Section:
    """Lay out the page."""
    return html.Section(
        className="panel data-page",
        **aria(label="Data on disk"),
        children=[
            html.Div(
                className="row",
                children=[
                    html.H2("Data"),
                    html.Span(id=Ids.VERDICT, className="muted", role="status"),
                ],
            ),
            html.Div(
                className="data-words",
                children=[
                    html.Div([html.H3("What is wrong or missing"), html.Ul(id=Ids.WRONG)]),
                    html.Div([html.H3("What is there"), html.Ul(id=Ids.THERE)]),
                ],
            ),
            html.Div(
                id=Ids.DETAILS,
                hidden=True,
                children=[
                    html.H3("Rounds on disk"),
                    graph(Ids.ROUNDS, "Rounds whose files are there, by kind of file", bare=True),
                    html.H3("Files"),
                    dag.AgGrid(
                        id=Ids.FILES,
                        columnDefs=COLUMNS,
                        rowData=[],
                        defaultColDef={"resizable": True, "autoHeight": True},
                        getRowId="params.data.what",
                        dashGridOptions={"theme": {"function": THEME}, "domLayout": "autoHeight"},
                        style={"height": None},
                    ),
                ],
            ),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: dataset and client of the header, news of their files -> what is on disk."""

    @app.callback(
        Output(Ids.VERDICT, "children"),
        Output(Ids.WRONG, "children"),
        Output(Ids.THERE, "children"),
        Output(Ids.DETAILS, "hidden"),
        Output(Ids.ROUNDS, "figure"),
        Output(Ids.FILES, "rowData"),
        Input(Frame.DATASET, "value"),
        Input(Frame.CLIENT, "value"),
        Input(Frame.THEME, "data"),
        Input(Frame.NEWS, "data"),
    )
    def draw(dataset: Json, client: Json, theme_name: Json, _news: Json) -> Shown:
        theme = theme_named(theme_name)
        if not isinstance(dataset, str):
            return "", [], [], True, empty_figure("", theme), []
        name = client if isinstance(client, str) else None
        try:
            found = queries.inventory.inventory(dataset, name)
        except DataError as error:
            # What all clients have in common cannot be read, so there is nothing to list.
            wrong = [_item("problem", str(error))]
            return "cannot be used", wrong, [], True, empty_figure("", theme), []
        by_round = {group.what: group.rounds for group in found.files if group.rounds}
        drawn = recorded_rounds(by_round, theme) if by_round else empty_figure("No round.", theme)
        return found.verdict, wrong_of(found), there_of(found), False, drawn, rows_of(found.files)


def wrong_of(found: Inventory) -> list[html.Li]:
    """List problems and warnings, in the words of the command `check`."""
    items = [_item("problem", note) for note in found.findings.problems]
    items += [_item("warning", note) for note in found.findings.warnings]
    return items or [html.Li("Nothing.", className="is-there")]


def there_of(found: Inventory) -> list[html.Li]:
    """List what is there, in the words of the command `check`."""
    return [_item("there", note) for note in found.findings.facts]


def rows_of(groups: tuple[FileGroup, ...]) -> list[dict[str, Any]]:
    """Write a row for each kind of file."""
    return [
        {
            "what": group.what,
            "name": group.name,
            "folder": group.folder,
            "files": str(group.n_files) if group.n_files else "none",
            "size": f"{group.n_bytes / 1000:,.0f}" if group.n_files else "",
            "rounds": "" if group.rounds is None else _rounds(group.rounds),
            "arrays": "; ".join(group.arrays),
        }
        for group in groups
    ]


def _rounds(there: tuple[bool, ...]) -> str:
    return rounds_in_words(index for index, is_there in enumerate(there) if is_there)


def _item(kind: str, note: str) -> html.Li:
    sign = {"problem": "✗", "warning": "!", "there": "✓"}[kind]
    heard = {"problem": "problem: ", "warning": "warning: ", "there": ""}[kind]
    return html.Li(
        className=f"is-{kind}",
        children=[
            html.Span(sign, className="sign", **aria(hidden="true")),
            html.Span([html.Span(heard, className="heard"), note]),
        ],
    )
