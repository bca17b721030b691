"""A note in a report: what was written, of which records, and what these are."""

from flhetero_dash.figures.markup import Html, element, joined
from flhetero_dash.figures.pictures import picture_address, shrunk
from flhetero_dash.queries.record_examples import Examples
from flhetero_dash.queries.report import NoteReport, RoundCurves
from flhetero_dash.report.drawings import Drawings
from flhetero_dash.report.figures import figures, label_table
from flhetero_dash.report.words import n_of, note_answer, time_of

LARGEST_SIDE = 96  # pixels of an example


def note_section(one: NoteReport, at: int, curves: RoundCurves | None, drawings: Drawings) -> Html:
    """Write a note; without curves, none of its figures."""
    note = one.listed.note
    parts = [
        element(
            "h3", f"Note {at} · {n_of(note.n_records, 'record')} in round ", note.round_index + 1
        ),
        element("p", _about(one), class_="small facts"),
        element("div", note.text, class_="said", dir="auto"),
    ]
    if one.gap or one.counts is None or curves is None:
        parts.append(element("p", one.gap, class_="gap"))
    else:
        parts.append(element("p", note_answer(one.counts)))
        parts.append(figures(drawings, curves, one.plane, note.round_index, one.records))
        parts.append(label_table(one.labels))
        if one.examples is not None:
            parts.append(_examples(one.examples))
    return element("section", *parts, class_="note")


def _about(one: NoteReport) -> Html:
    note = one.listed.note
    words = [
        f"By {note.author}" if note.author else "Author not given",
        time_of(note.created),
        note.client,
        f"{note.inputs} inputs",
    ]
    if note.changed != note.created:
        words.insert(2, f"text changed {time_of(note.changed)}")
    return joined(" · ".join(words))


def _examples(examples: Examples) -> Html:
    n_shown = len(examples.records)
    words = f"The first {n_shown:,} of {examples.n_records:,} records"
    if n_shown == examples.n_records:
        words = f"Its {n_of(n_shown, 'record')}"
    shown = _pictures(examples) if examples.pictures is not None else _table(examples)
    return joined(element("h4", words), shown)


def _pictures(examples: Examples) -> Html:
    items = []
    pictures = () if examples.pictures is None else examples.pictures
    for record, labels, picture in zip(examples.records, examples.labels, pictures, strict=True):
        said = [f"{who}: {name}" for who, name in labels]
        image = element(
            "img",
            src=picture_address(shrunk(picture, LARGEST_SIDE)),
            alt=f"Record {record:,}; {', '.join(said)}",
        )
        lines = [joined(element("br"), line) for line in said]
        items.append(element("li", image, element("b", f"{record:,}"), *lines))
    return element("ul", *items, class_="pictures")


def _table(examples: Examples) -> Html:
    head = [element("th", f"Record {record:,}", scope="col") for record in examples.records]
    kinds = [who for who, _ in examples.labels[0]]
    rows = [
        _row(who, [labels[at][1] for labels in examples.labels]) for at, who in enumerate(kinds)
    ]
    rows += [_row(name, list(values)) for name, values in examples.rows]
    table = element(
        "table",
        element("thead", element("tr", element("th", "Attribute", scope="col"), *head)),
        element("tbody", *rows),
        class_="values",
    )
    if len(examples.rows) == examples.n_attributes:
        return table
    words = f"{len(examples.rows):,} of {examples.n_attributes:,} attributes."
    return joined(table, element("p", words, class_="small"))


def _row(name: str, values: list[str]) -> Html:
    cells = [element("td", value) for value in values]
    return element("tr", element("th", name, scope="row"), *cells)
