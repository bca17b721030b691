"""Notes as a table for spreadsheets."""

import csv
import io
import re
from collections.abc import Iterable
from urllib.parse import urlencode

from flhetero_dash.annotations.notes import Note

COLUMNS = (
    "dataset", "client", "round", "inputs", "n_records", "records", "text", "author",
    "created", "changed", "deleted", "link", "id", "version",
)  # fmt: skip
# The rule of assets/chart-tools.js: what a spreadsheet would run as a formula stays text.
_FORMULA = re.compile(r"[=+\-@\t\r]")


def export_csv(notes: Iterable[Note]) -> bytes:
    """Write notes for people to read; `export_json` is the form that can be read again."""
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for note in notes:
        writer.writerow([_safe(cell) for cell in _row(note)])
    # Excel takes a file without the mark for one of another encoding.
    return stream.getvalue().encode("utf-8-sig")


def _row(note: Note) -> list[str | int]:
    times = [note.created, note.changed, note.deleted]
    return [
        note.dataset,
        note.client,
        note.round_index + 1,
        note.inputs,
        note.n_records,
        # `3-7` would become a date.
        note.records_text.replace("-", " to ").replace(",", ", "),
        note.text,
        note.author,
        *(f"{time:%Y-%m-%d %H:%M:%S}" if time else "" for time in times),
        f"?{urlencode(note.parameters)}",
        note.id,
        note.version,
    ]


def _safe(cell: str | int) -> str | int:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell
