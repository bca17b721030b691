"""The report as one HTML file, which needs nothing else and runs nothing."""

import math
from datetime import datetime

from flhetero_dash.figures.markup import Html, element, joined
from flhetero_dash.figures.words import percent
from flhetero_dash.queries.report import ClientReport, Counts, NoteReport, Report, RoundCurves
from flhetero_dash.report.drawings import Drawings
from flhetero_dash.report.figures import figures
from flhetero_dash.report.notes import note_section
from flhetero_dash.report.style import STYLE
from flhetero_dash.report.words import answer, client_answer, n_of, time_of

# Were anything in the file to ask for something, the browser would refuse.
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
WITHOUT_RECORDS = "This file holds labels, counts and figures, but no record itself."
WITH_RECORDS = "This file holds examples of the records themselves."


def report_page(report: Report, made: datetime, with_records: bool) -> str:
    """Write the file.

    Parameters
    ----------
    report : Report
    made : datetime
        In UTC.
    with_records : bool
        What the file says about itself; the examples are in the report.
    """
    drawings = Drawings()
    title = _title(report)
    body = [
        element(
            "header",
            element("h1", title),
            element("p", _about(report, made), class_="small facts"),
            element("p", answer(report), class_="answer"),
            class_="top",
        ),
        _clients(report, drawings),
        element(
            "footer",
            element("p", _words(report)),
            element("p", WITH_RECORDS if with_records else WITHOUT_RECORDS),
            class_="small",
        ),
    ]
    head = [
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=POLICY),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Html(STYLE)),
    ]
    page = element("html", element("head", *head), element("body", *body), lang="en")
    return f"<!doctype html>\n{page}\n"


def _title(report: Report) -> str:
    dataset = report.federation.dataset
    whose = "all clients" if report.of_all else report.clients[0].chosen.client
    return f"Report: {dataset}, {whose}"


def _about(report: Report, made: datetime) -> str:
    federation = report.federation
    n_notes = len(report.strangers) + sum(len(one.notes) for one in report.clients)
    words = [
        f"Dataset {federation.dataset}",
        n_of(federation.samples.n_clients, "client"),
        n_of(federation.n_rounds, "communication round"),
        n_of(n_notes, "note"),
        f"written {time_of(made)}",
    ]
    return " · ".join(words)


def _words(report: Report) -> str:
    whose = "a client's" if report.of_all else "the client's"
    return (
        f"Federated: the server's model after a communication round. Stand-alone: {whose} own "
        "model, trained alone. Inconsistent: records to which the two give different labels."
    )


def _clients(report: Report, drawings: Drawings) -> Html:
    if not report.of_all:
        return _client(report.clients[0], drawings)
    parts = [_table(report.clients)]
    for one in report.clients:
        if one.notes:
            parts.append(element("h2", one.chosen.client))
            parts.append(element("p", client_answer(one), class_="lead"))
            parts.append(_client(one, drawings))
    if not any(one.notes for one in report.clients):
        parts.append(element("p", "There are no notes of these clients."))
    if report.strangers:
        parts.append(element("h2", "Notes of clients that the dataset does not have"))
        parts.append(_notes(report.strangers, None, drawings))
    return joined(*parts)


def _client(one: ClientReport, drawings: Drawings) -> Html:
    parts = []
    if one.counts is not None:
        parts.append(_tiles(one, one.counts))
    parts.append(figures(drawings, one.curves, one.plane, one.chosen.round_index))
    if one.notes:
        parts.append(element("h2", f"Notes of {one.chosen.client} ({len(one.notes):,})"))
        parts.append(_notes(one.notes, one.curves, drawings))
    else:
        parts.append(element("p", f"There are no notes of {one.chosen.client}."))
    return joined(*parts)


def _notes(notes: tuple[NoteReport, ...], curves: RoundCurves | None, drawings: Drawings) -> Html:
    return joined(*(note_section(one, at, curves, drawings) for at, one in enumerate(notes, 1)))


def _tiles(one: ClientReport, counts: Counts) -> Html:
    n_all, n_different = n_of(counts.n_records, "local record"), counts.n_inconsistent
    sizes = ""
    if one.n_train is not None and one.n_held_out is not None:
        sizes = f"{one.n_train:,} trained on, {one.n_held_out:,} held out"
    share = percent(n_different / counts.n_records) if counts.n_records else "none"
    of_these = "none, as there are none"
    if n_different and not math.isnan(counts.federated_inconsistent):
        of_these = (
            f"right on these: federated {percent(counts.federated_inconsistent)}, "
            f"stand-alone {percent(counts.standalone_inconsistent)}"
        )
    tiles = [
        ("Federated accuracy", _share(counts.federated), f"all {n_all}", sizes),
        ("Stand-alone accuracy", _share(counts.standalone), f"all {n_all}", sizes),
        ("Inconsistent records", f"{n_different:,}", f"{share} of {n_all}", of_these),
        (
            "Round",
            f"{one.chosen.round_index + 1:,}",
            f"of {n_of(len(one.curves.n_inconsistent), 'round')}",
            _held_out(one),
        ),
    ]
    return element("div", *(_tile(*tile) for tile in tiles), class_="tiles")


def _tile(name: str, number: str, *words: str) -> Html:
    lines = [element("dd", line) for line in (number, *words) if line]
    return element("dl", element("dt", name), *lines, class_="tile", style="margin:0")


def _share(share: float) -> str:
    return "not known" if math.isnan(share) else f"{share:.1%}"


def _held_out(one: ClientReport) -> str:
    curve, at = one.curves.held_out, one.chosen.round_index
    if curve is None or at >= len(curve) or math.isnan(curve[at]):
        return ""
    n_records = "" if one.n_held_out is None else f"{one.n_held_out:,} "
    return f"federated accuracy on {n_records}held-out records: {curve[at]:.1%}"


def _table(clients: tuple[ClientReport, ...]) -> Html:
    columns = ("Round", "Records", "Inconsistent", "Share", "Federated", "Stand-alone", "Notes")
    head = [element("th", "Client", scope="col")]
    head += [element("th", name, scope="col", class_="number") for name in columns]
    return element(
        "table",
        element("caption", "All clients: local records, and accuracy of both models on them"),
        element("thead", element("tr", *head)),
        element("tbody", *(_row(one) for one in clients)),
    )


def _row(one: ClientReport) -> Html:
    counts = one.counts
    words = ["not comparable", "", "", "", ""]
    if counts is not None:
        share = percent(counts.n_inconsistent / counts.n_records) if counts.n_records else "none"
        words = [f"{counts.n_records:,}", f"{counts.n_inconsistent:,}", share]
        words += [_share(counts.federated), _share(counts.standalone)]
    numbers = [f"{one.chosen.round_index + 1:,}", *words, f"{len(one.notes):,}"]
    cells = [element("td", word, class_="number") for word in numbers]
    return element("tr", element("th", one.chosen.client, scope="row"), *cells)
