"""Contact sheet: all records of the selection in a dialog, as pictures or as a table."""

from enum import StrEnum
from typing import Any

import dash_ag_grid as dag
from dash import Dash, Input, Output, State, dcc, html, no_update

from flhetero_dash.queries import Queries
from flhetero_dash.queries.sheets import Sheet
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, Json
from flhetero_dash.views.addresses import pictures_address
from flhetero_dash.views.controls import INTENT, aria
from flhetero_dash.views.instance_answers import value_words
from flhetero_dash.views.states import or_message

PAGE = 240  # pictures on one page of the sheet, all of them one file
# The grid's own compact theme in the page's colours, which follow light and dark.
THEME = """themeBalham.withParams({
    backgroundColor: 'var(--panel)', foregroundColor: 'var(--text)',
    headerBackgroundColor: 'var(--raised)', headerTextColor: 'var(--text)',
    borderColor: 'var(--line)', accentColor: 'var(--inconsistent)',
    oddRowBackgroundColor: 'var(--panel)', rowHoverColor: 'var(--chosen)',
    fontFamily: 'var(--font)', fontSize: 12
})"""


class Ids(StrEnum):
    """Components of this view."""

    OPEN = "sheet-open"
    IS_OPEN = "sheet-is-open"
    DIALOG = "sheet-dialog"
    TITLE = "sheet-title"
    SAVE = "sheet-save"
    CLOSE = "sheet-close"
    NOTE = "sheet-note"
    DATA = "sheet-data"
    BOARD = "sheet-board"
    TABLE = "sheet-table"


def open_button() -> html.Button:
    """Make the button that opens the sheet; another panel places it."""
    return html.Button(
        "All…",
        id=Ids.OPEN,
        title="All records of the selection, in a larger view and to be saved",
        **aria(haspopup="dialog", label="All records of the selection"),
    )


def layout() -> html.Dialog:
    """Lay out the dialog, closed."""
    return html.Dialog(
        id=Ids.DIALOG,
        className="sheet",
        **aria(labelledby=Ids.TITLE),
        children=[
            dcc.Store(id=Ids.IS_OPEN),
            dcc.Store(id=Ids.DATA),
            html.Div(
                className="row",
                children=[
                    html.H2("Selected records", id=Ids.TITLE),
                    html.Span(className="spacer"),
                    html.Span(
                        id=Ids.SAVE,
                        className="saves",
                        role="group",
                        **aria(label="Save the selected records"),
                    ),
                    html.Button("Close", id=Ids.CLOSE, title="Close (Escape)"),
                ],
            ),
            html.P(id=Ids.NOTE, className="hint"),
            html.Div(id=Ids.BOARD, className="sheet-board"),
            html.Div(id=Ids.TABLE, className="sheet-table"),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: open -> records of the selection; a click on one -> record.

    The browser asks again when the selection changes under an open sheet (by its back button).
    """
    for button, what in ((Ids.OPEN, "sheet.open"), (Ids.CLOSE, "dialog.close")):
        app.clientside_callback(
            f"(clicks) => flhetero.{what}('{Ids.DIALOG}', '{Ids.IS_OPEN}', '{Ids.SAVE}')",
            Input(button, "n_clicks"),
            prevent_initial_call=True,
        )
    app.clientside_callback(
        f"(data) => flhetero.sheet.show('{Ids.BOARD}', '{INTENT}', data)",
        Input(Ids.DATA, "data"),
    )

    @app.callback(
        Output(Ids.TITLE, "children"),
        Output(Ids.NOTE, "children"),
        Output(Ids.DATA, "data"),
        Output(Ids.TABLE, "children"),
        Input(Ids.IS_OPEN, "data"),
        State(ClientRound.STORE, "data"),
        State(ClusterChoice.STORE, "data"),
        State(Focus.STORE, "data"),
        prevent_initial_call=True,
    )
    def draw(is_open: Json, data: Json, clusters: Json, focus: Json) -> tuple[Any, ...]:
        if not is_open:
            # A closed sheet is emptied, so that it never opens on another selection's records.
            return no_update, no_update, {}, None

        def show() -> tuple[Any, ...]:
            chosen = ClientRound.checked(data)
            sheet = queries.sheets.sheet(
                chosen, ClusterChoice.checked(clusters), Focus.checked(focus)
            )
            title = f"Selected records ({sheet.n_selected:,}), round {chosen.round_index + 1}"
            info = queries.federation.federation(chosen.dataset).samples
            if info.is_image:
                pictures = pictures_of(sheet, chosen, info.aspect)
                return title, note_on(sheet), pictures, None
            return title, note_on(sheet), {}, table_of(sheet, dict(info.categories))

        return or_message(show, lambda reason: ("Selected records", reason, {}, None))


def note_on(sheet: Sheet) -> str:
    """Say how to use the sheet, and what it leaves out."""
    use = "Click a record, or press Enter on it, to verify it."
    n_shown = len(sheet.records)
    if n_shown == sheet.n_selected:
        return use
    return f"{use} These are the first {n_shown:,} of {sheet.n_selected:,} records."


def pictures_of(sheet: Sheet, chosen: ClientRound, aspect: float) -> Json:
    """Give what the browser lays out: record numbers, and class ids for the captions."""
    return {
        "source": pictures_address(chosen),
        "page": PAGE,
        "aspect": aspect,
        "records": sheet.records.tolist(),
        "truth": None if sheet.truth is None else sheet.truth.tolist(),
        "federated": sheet.federated.tolist(),
        "standalone": sheet.standalone.tolist(),
        "names": {str(one): name for one, name in sheet.names.items()},
    }


def table_of(sheet: Sheet, categories: dict[str, tuple[str, ...]]) -> dag.AgGrid:
    """List the records with their attributes, to be sorted and filtered; a row is a record."""
    given = {"federated": sheet.federated, "standalone": sheet.standalone}
    if sheet.truth is not None:
        given = {"truth": sheet.truth, **given}
    titles = {"truth": "Ground truth", "federated": "Federated", "standalone": "Stand-alone"}
    number, text = {"filter": "agNumberColumnFilter"}, {"filter": "agTextColumnFilter"}
    columns: list[dict[str, Any]] = [
        {"field": "record", "headerName": "Record", "pinned": "left", "width": 90} | number,
        *[{"field": name, "headerName": titles[name], "width": 120} | text for name in given],
        # Fields are numbered: a dot in an attribute's name would mean a part of a value.
        *[
            {"field": f"a{at}", "headerName": name, "width": 110}
            | (text if name in categories else number)
            for at, name in enumerate(sheet.attributes)
        ],
    ]
    rows: list[dict[str, Any]] = []
    for at, record in enumerate(sheet.records):
        row: dict[str, Any] = {"record": int(record)}
        row |= {name: sheet.names[int(ids[at])] for name, ids in given.items()}
        for column, (name, value) in enumerate(zip(sheet.attributes, sheet.X[at], strict=True)):
            of_name = categories.get(name)
            row[f"a{column}"] = value_words(value, of_name) if of_name else float(value)
        rows.append(row)
    return dag.AgGrid(
        columnDefs=columns,
        rowData=rows,
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "wrapHeaderText": True,  # names of attributes are longer than their values
            "autoHeaderHeight": True,
        },
        dashGridOptions={
            "theme": {"function": THEME},
            "suppressFieldDotNotation": True,
        },
        eventListeners={
            "rowClicked": [f"flheteroVerify(params, '{INTENT}')"],
            "cellKeyDown": [f"flheteroVerify(params, '{INTENT}')"],
        },
        style={"height": "100%"},
    )
