"""Figures of a report with their captions: curves by round, the plane, bars of label counts."""

import numpy as np

from flhetero_dash.arrays import IntArray
from flhetero_dash.figures.markup import Html, element, joined
from flhetero_dash.figures.printed import printed_timeline
from flhetero_dash.figures.printed_plane import PrintedPlane, printed_plane, swatch
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.queries.label_counts import LabelCount
from flhetero_dash.queries.overview import Overview
from flhetero_dash.queries.report import RoundCurves
from flhetero_dash.report.drawings import Drawings
from flhetero_dash.report.words import n_of

MOST_ROWS = 15  # of a table of labels
BARS = "; orange bars: the two models disagree, grey: they agree"
RIGHT, WRONG = "✓ right", "✗ wrong"


def figures(
    drawings: Drawings,
    curves: RoundCurves,
    plane: Overview | str,
    marked_round: int,
    records: IntArray | None = None,
) -> Html:
    """Draw the plane beside the curves by round."""
    left = _plane(drawings, plane, records)
    return element("div", left, _curves(drawings, curves, marked_round), class_="figures")


def label_table(labels: tuple[LabelCount, ...]) -> Html:
    """Write the records by ground truth and outputs, with a bar for their number."""
    has_truth = labels[0].truth is not None
    columns = ["Ground truth"] if has_truth else []
    columns += ["Federated model says", "Stand-alone model says"]
    head = [element("th", name, scope="col") for name in columns]
    head.append(element("th", "Records", scope="col", class_="number"))
    head.append(element("th", "Number as a bar", scope="col", class_="bar"))
    total = sum(one.n_records for one in labels)
    rows = [_label_row(one, labels[0].n_records) for one in labels[:MOST_ROWS]]
    if rest := labels[MOST_ROWS:]:
        words = f"{len(rest):,} other combinations"
        n_rest = sum(one.n_records for one in rest)
        cells = [
            element("th", words, scope="row", colspan=len(columns)),
            element("td", f"{n_rest:,}", class_="number"),
            element("td"),
        ]
        rows.append(element("tr", *cells))
    return element(
        "table",
        element("caption", f"Labels of the {n_of(total, 'record')}{BARS}"),
        element("thead", element("tr", *head)),
        element("tbody", *rows),
    )


def _label_row(one: LabelCount, largest: int) -> Html:
    outputs = (one.federated, one.federated_right), (one.standalone, one.standalone_right)
    words = [] if one.truth is None else [one.truth]
    words += [f"{name} {_judged(is_right)}".strip() for name, is_right in outputs]
    cells = [element("th", words[0], scope="row"), *(element("td", word) for word in words[1:])]
    cells.append(element("td", f"{one.n_records:,}", class_="number"))
    return element("tr", *cells, element("td", _bar(one, largest), class_="bar"))


def _judged(is_right: bool | None) -> str:
    return "" if is_right is None else f"({RIGHT if is_right else WRONG})"


def _bar(one: LabelCount, largest: int) -> Html:
    is_lost = one.federated != one.standalone
    colour = LIGHT.inconsistent if is_lost else LIGHT.consistent
    width = f"{100 * one.n_records / largest:.1f}%"
    words = f"{n_of(one.n_records, 'record')}, {'inconsistent' if is_lost else 'consistent'}"
    bar = element("rect", width=width, height=14, rx=2, fill=colour)
    return element("svg", element("title", words), bar, role="img", width="100%", height=14)


def _curves(drawings: Drawings, curves: RoundCurves, marked_round: int) -> Html:
    parts = []
    if curves.held_out is None:
        parts.append(element("p", "The accuracy by round was not recorded.", class_="gap"))
    else:
        drawing = printed_timeline(
            curves.held_out,
            curves.band,
            curves.standalone,
            marked_round,
            "Accuracy of the federated model on held-out records",
            True,
            LIGHT,
        )
        caption = "Line: accuracy of the federated model on the client's held-out records."
        if np.isfinite(curves.standalone):
            trained = "" if curves.n_train is None else f", trained on {curves.n_train:,} of them"
            caption += f" Dashed: stand-alone model on all local records{trained}: "
            caption += f"{curves.standalone:.1%}."
        if curves.band is not None:
            caption += " Grey: range of all clients."
        parts.append(_figure(drawings.svg(drawing), caption))
    if np.isfinite(curves.n_inconsistent).any():
        drawing = printed_timeline(
            curves.n_inconsistent,
            None,
            float("nan"),
            marked_round,
            "Inconsistent local records",
            False,
            LIGHT,
        )
        caption = "Local records on which the two models disagree."
        parts.append(_figure(drawings.svg(drawing), caption))
    return element("div", *parts)


def _plane(drawings: Drawings, plane: Overview | str, records: IntArray | None) -> Html:
    if isinstance(plane, str):
        return element("p", plane, class_="gap")
    drawn = printed_plane(plane.coordinates, plane.inconsistent, plane.explained, records, LIGHT)
    return element(
        "figure",
        drawings.svg(drawn.drawing),
        element("figcaption", *_legend(drawn), plane.note),
    )


def _legend(drawn: PrintedPlane) -> list[Html]:
    kinds = {"inconsistent": drawn.inconsistent, "consistent": drawn.consistent}
    if drawn.outlined[1]:
        kinds["outlined"] = drawn.outlined
    parts = []
    for kind, (n_drawn, n_all) in kinds.items():
        name = "of this note" if kind == "outlined" else kind
        words = f"{n_all:,} {name}" if n_drawn == n_all else f"{n_drawn:,} of {n_all:,} {name}"
        parts.append(joined(element("span", swatch(kind, LIGHT), words, class_="item"), " "))
    if any(n_drawn < n_all for n_drawn, n_all in kinds.values()):
        parts.append(joined("Some records, chosen by chance, stand for all of their kind. "))
    parts.append(joined("All inputs in the plane in which the inconsistent ones vary least. "))
    return parts


def _figure(svg: Html, caption: str) -> Html:
    return element("figure", svg, element("figcaption", caption))
