"""Notes for spreadsheets: all is there, and nothing is run."""

import csv
import io

import pytest

from flhetero_dash.annotations import export_csv


def table(content: bytes) -> list[dict[str, str]]:
    stream = io.StringIO(content.decode("utf-8-sig"), newline="")
    return list(csv.DictReader(stream))


def test_a_row_says_what_a_note_says(sqlite_store, draft):
    first = sqlite_store.add(draft('Two\nlines, "quoted" – 👩‍👩‍👧‍👦'))
    deleted = sqlite_store.delete(sqlite_store.add(draft("second")).id, 1)
    rows = table(export_csv(sqlite_store.notes(deleted=None)))
    assert [row["id"] for row in rows] == [first.id, deleted.id]
    assert rows[0] | {"id": "", "created": "", "changed": ""} == {
        "dataset": "digits",
        "client": "Client-0",
        "round": "10",  # shown from 1
        "inputs": "local",
        "n_records": "4",
        "records": "1 to 3, 9",  # 1-3 would be a date
        "text": 'Two\nlines, "quoted" – 👩‍👩‍👧‍👦',
        "author": "Ada",
        "created": "",
        "changed": "",
        "deleted": "",
        "link": "?dataset=digits&client=Client-0&round=10&k=auto",
        "id": "",
        "version": "1",
    }
    assert rows[1]["deleted"] == f"{deleted.deleted:%Y-%m-%d %H:%M:%S}"


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x","y")', "=cmd|' /C calc'!A0"],
)
@pytest.mark.parametrize("column", ["text", "author", "dataset", "client"])
def test_what_a_spreadsheet_would_run_stays_text(sqlite_store, draft, column, text):
    if column != "text" and text.startswith(("\r", "\t")):
        text = text.strip()
    sqlite_store.add(draft(**{column: text}))
    (row,) = table(export_csv(sqlite_store.notes()))
    assert row[column] == f"'{text}"


@pytest.mark.parametrize("text", ["a=1", "1-2", "'quoted", " =1", "ordinary"])
def test_other_texts_are_as_they_are(sqlite_store, draft, text):
    sqlite_store.add(draft(text))
    (row,) = table(export_csv(sqlite_store.notes()))
    assert row["text"] == text


def test_no_notes_are_a_table_too():
    assert export_csv([]).decode("utf-8-sig").startswith("dataset,client,round,")
