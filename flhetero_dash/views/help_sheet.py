"""Help sheet: what each panel shows and what to do next, all keys, and what colours mean.

The keys are not here: each script in `assets/` declares those that it listens to.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum

from dash import Dash, Input, State, dcc, html

from flhetero_dash.views.controls import aria


class Ids(StrEnum):
    """Components of this view; `assets/help.js` knows two of them."""

    OPEN = "help-open"
    DIALOG = "help-dialog"
    TITLE = "help-title"
    CLOSE = "help-close"
    BOARD = "help-board"
    DATA = "help-data"


@dataclass(frozen=True)
class PanelHelp:
    """A panel's name as in `flhetero.keys`, what it shows, and what to do next."""

    title: str
    shows: str
    next: str


# By module of `views`, in reading order.
PANELS: dict[str, PanelHelp] = {
    "frame": PanelHelp(
        "Header",
        "Which dataset, client, communication round and inputs all panels show.",
        "Choose a client and a round; Copy link keeps the whole picture for others.",
    ),
    "learning_monitor": PanelHelp(
        "Learning Process Monitor",
        "The server's way through the training, and where the client's updates pulled it.",
        "Go to a round where the client disagrees: click it, or set it in the header.",
    ),
    "overview_plot": PanelHelp(
        "Output Comparison",
        "All inputs in the plane that sets the inconsistent ones apart: diamonds are inconsistent, "
        "dots consistent.",
        "Select records that lie together, with lasso or box, or verify a single one.",
    ),
    "inconsistency_clusters": PanelHelp(
        "Inconsistency clusters",
        "The inconsistent records in groups of alike ones, largest first; the bars above are the "
        "heights at which groups join.",
        "Choose a group: the panels to the right explain it. The field k sets how many there are.",
    ),
    "contrast_maps": PanelHelp(
        "Contrastive PCs and Grad-CAM",
        "Which attributes set the selected records apart, or where the two models look.",
        "Choose an attribute with a large weight: click it, or search it in the field of the "
        "attribute distribution.",
    ),
    "attribute_distribution": PanelHelp(
        "Attribute distribution",
        "How the attribute is spread among inconsistent, consistent and all records.",
        "Look for an attribute in which the inconsistent records differ; ‹ and › try the ones "
        "beside.",
    ),
    "label_matrix": PanelHelp(
        "Label matrix",
        "The inconsistent records by ground truth (columns) and federated output (rows).",
        "Choose a cell to see which label is taken for which other one, and where.",
    ),
    "instance_verification": PanelHelp(
        "Instance Verification",
        "One record with its ground truth, both models' outputs, and their history by round.",
        "Step through the selection, and check whether the label or the model is wrong.",
    ),
    "contact_sheet": PanelHelp(
        "Selected records",
        "The records of the chosen cluster, cell or own selection.",
        "Open all of them with All…, and choose one to verify it, or save them as files.",
    ),
    "performance_timeline": PanelHelp(
        "Performance timeline",
        "How well the federated model does by round, for this client and among all; ✎ is a note.",
        "Move the marker to a round where the curve bends, and see what changed.",
    ),
    "notes_list": PanelHelp(
        "Notes",
        "All notes of the team, on a page of their own.",
        "Search and sort them, open the picture of one, or check some and save them as a file.",
    ),
    "data_page": PanelHelp(
        "Data",
        "What is on disk for the chosen client, on a page of its own: files, rounds, and what each "
        "gap costs.",
        "Look here when a panel has nothing to show: it says what is missing.",
    ),
    "annotations": PanelHelp(
        "Annotations",
        "The team's notes on this client's records. The three numbers of a note: records that are "
        "selected only, in both, and in the note only.",
        "Write down what the selected records have in common; combine a note with the selection by "
        "∩ (both) or ∪ (either).",
    ),
}
# What the browser and the controls do everywhere.
COMMON: list[tuple[list[str], str]] = [
    (["Tab"], "next control; with Shift the one before"),
    (["Enter", " "], "press a button"),
    (["Enter"], "take over a number that was written, or the chosen line of a list"),
    (["ArrowLeft", "ArrowRight"], "another word of a row of words; move a slider"),
    (["ArrowDown", "ArrowUp"], "open a list; go to another line of it"),
    (["Escape"], "close a list"),
]
# Sign, its colour in `assets/`, and the meaning of both.
COLOURS: list[tuple[str, str, str]] = [
    ("◆", "inconsistent", "inconsistent: both models differ; in curves, this client"),
    ("●", "consistent", "consistent: both models agree; in curves, the others"),
    ("┄", "total", "all records together; dashed: the stand-alone model"),
    ("○", "text", "circled: selected; a larger ring: the record under verification"),
    ("▢", "text", "framed: in the note that is open or pointed at"),
    ("■", "gained", "how frequent a label is; weights above 0"),
    ("■", "wrong", "weights below 0"),
    ("✓", "right", "the output is the ground truth"),
    ("✗", "wrong", "the output is not the ground truth"),
]


def help_button() -> html.Button:
    """Make the button that opens the sheet, for the header."""
    return html.Button(
        "?", id=Ids.OPEN, title="Help: panels, keys and colours (key ?)", **aria(haspopup="dialog")
    )


def help_dialog() -> html.Dialog:
    """Lay out the dialog, closed; the browser fills it when it opens."""
    data = {
        "panels": [asdict(panel) for panel in PANELS.values()],
        "common": COMMON,
        "colours": COLOURS,
    }
    return html.Dialog(
        id=Ids.DIALOG,
        className="sheet help",
        **aria(labelledby=Ids.TITLE),
        children=[
            dcc.Store(id=Ids.DATA, data=data),
            html.Div(
                className="row",
                children=[
                    html.H2("Help", id=Ids.TITLE),
                    html.Span(className="spacer"),
                    html.Button("Close", id=Ids.CLOSE, title="Close (Escape)"),
                ],
            ),
            html.Div(
                id=Ids.BOARD,
                className="help-board",
                role="region",
                tabIndex=0,  # it scrolls
                **aria(label="Panels, keys and colours"),
            ),
        ],
    )


def register_help(app: Dash) -> None:
    """Wire the view: a button -> the dialog opens or closes."""
    app.clientside_callback(
        f"(clicks, data) => flhetero.help.open('{Ids.BOARD}', data)",
        Input(Ids.OPEN, "n_clicks"),
        State(Ids.DATA, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        f"(clicks) => flhetero.dialog.close('{Ids.DIALOG}')",
        Input(Ids.CLOSE, "n_clicks"),
        prevent_initial_call=True,
    )
