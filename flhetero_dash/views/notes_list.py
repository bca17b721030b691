"""The Notes page: all notes of the team, to be sorted, searched, taken along and brought in."""

from enum import StrEnum
from typing import Any

import dash_ag_grid as dag
from dash import Dash, Input, Output, dcc, html

from flhetero_dash.annotations import NotesError
from flhetero_dash.data.errors import DataError
from flhetero_dash.queries import Queries
from flhetero_dash.queries.notes import ListedNote
from flhetero_dash.selection import ClientRound, Json
from flhetero_dash.views.addresses import pictures_address
from flhetero_dash.views.contact_sheet import THEME
from flhetero_dash.views.controls import aria

NO_NOTES = "No notes yet. Write one on the page Examine, beside the records that it is about."
NONE_DELETED = "No note has been deleted."
N_PICTURES = 8  # of a note's records, beside it
TEXT, NUMBER = {"filter": "agTextColumnFilter"}, {"filter": "agNumberColumnFilter"}
COLUMNS: list[dict[str, Any]] = [
    {
        "field": "text",
        "headerName": "Note",
        "flex": 3,
        "minWidth": 220,
        "wrapText": True,
        "autoHeight": True,
        "cellClass": "note-text",
    }
    | TEXT,
    {
        "field": "pictures",
        "headerName": "Records",
        "width": 250,
        "sortable": False,
        "cellRenderer": "flheteroRecords",
        "autoHeight": True,
    },
    {"field": "count", "headerName": "How many", "width": 100} | NUMBER,
    {"field": "dataset", "headerName": "Dataset", "flex": 1, "minWidth": 110} | TEXT,
    {"field": "client", "headerName": "Client", "flex": 1, "minWidth": 100} | TEXT,
    {"field": "round", "headerName": "Round", "width": 90} | NUMBER,
    {"field": "inputs", "headerName": "Inputs", "width": 100} | TEXT,
    {"field": "author", "headerName": "Author", "flex": 1, "minWidth": 100} | TEXT,
    {"field": "changed", "headerName": "Written (UTC)", "width": 150, "sort": "desc"} | TEXT,
    {
        "field": "search",
        "headerName": "Picture",
        "width": 100,
        "sortable": False,
        "cellRenderer": "flheteroPicture",
    },
]


class Ids(StrEnum):
    """Components of this view."""

    NEWS = "notes-news"
    GRID = "notes-grid"
    PROBLEM = "notes-problem"
    SAYS = "notes-says"
    TOOLS = "notes-tools"


def layout() -> html.Section:
    """Lay out the page; `assets/notes-page.js` fills its row of tools."""
    return html.Section(
        className="panel notes-page",
        **aria(label="Notes of the team"),
        children=[
            dcc.Store(id=Ids.NEWS),
            html.Div(id=Ids.TOOLS, className="row notes-tools"),
            html.P(id=Ids.SAYS, className="hint", role="status"),  # the script's
            html.P(id=Ids.PROBLEM, className="hint"),
            dag.AgGrid(
                id=Ids.GRID,
                columnDefs=COLUMNS,
                rowData=[],
                defaultColDef={"sortable": True, "resizable": True, "floatingFilter": True},
                getRowId="params.data.id",
                dashGridOptions={
                    "theme": {"function": THEME},
                    "rowSelection": {
                        "mode": "multiRow",
                        "selectAll": "filtered",
                        "enableClickSelection": False,
                    },
                },
                style={"flex": "1", "minHeight": "200px"},
            ),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: news (the browser looks for them), or the other kind of notes -> rows."""

    @app.callback(
        Output(Ids.GRID, "rowData"), Output(Ids.PROBLEM, "children"), Input(Ids.NEWS, "data")
    )
    def draw(news: Json) -> tuple[list[dict[str, Any]], str]:
        deleted = isinstance(news, dict) and news.get("deleted") is True
        try:
            rows = [row_of(one, queries) for one in queries.notes.listed(deleted=deleted)]
            return rows, "" if rows else NONE_DELETED if deleted else NO_NOTES
        except NotesError as error:
            return [], f"Notes cannot be read: {error}"


def row_of(listed: ListedNote, queries: Queries) -> dict[str, Any]:
    """Write a note as a row; pictures only of records that are still the noted ones."""
    note = listed.note
    return {
        "id": note.id,
        "version": note.version,
        "text": note.text,
        "count": note.n_records,
        "dataset": note.dataset,
        "client": note.client,
        "round": note.round_index + 1,
        "inputs": note.inputs,
        "author": note.author,
        "changed": f"{note.changed:%Y-%m-%d %H:%M}",
        "search": listed.search,
        "pictures": pictures_of(listed, queries),
        "stands": listed.stands,
    }


def pictures_of(listed: ListedNote, queries: Queries) -> str:
    """Give the address of the first records' pictures; empty where there are none."""
    note = listed.note
    if not listed.stands:
        return ""
    try:
        if not queries.federation.federation(note.dataset).samples.is_image:
            return ""
    except DataError:
        return ""
    chosen = ClientRound(note.dataset, note.client, note.round_index, note.inputs)
    first = ",".join(str(record) for record in note.records[:N_PICTURES])
    return f"{pictures_address(chosen)}{first}"
