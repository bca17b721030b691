"""All records of a selection: captions of the pictures, rows of the table."""

from typing import Any

import numpy as np

from flhetero_dash.queries.sheets import Sheet
from flhetero_dash.selection import ClientRound
from flhetero_dash.views.contact_sheet import note_on, pictures_of, table_of

CHOSEN = ClientRound("study", "A", 0)


def sheet(**changes: Any) -> Sheet:
    known: dict[str, Any] = {
        "n_selected": 2, "records": np.array([4, 9]), "truth": np.array([0, 1]),
        "federated": np.array([1, 1]), "standalone": np.array([0, 2]),
        "names": {0: "low", 1: "mid", 2: "high"}, "attributes": ("blood.sugar", "sex"),
        "X": np.array([[5.25, 1], [6, 0]]),
    }  # fmt: skip
    return Sheet(**(known | changes))


def test_pictures_have_what_their_captions_say():
    sent = pictures_of(sheet(), CHOSEN, 1.5)
    assert sent["records"] == [4, 9]
    assert [sent["names"][str(one)] for one in sent["federated"]] == ["mid", "mid"]
    assert sent["source"] == "/records/study/A/local.png?ids="
    assert pictures_of(sheet(truth=None), CHOSEN, 1.5)["truth"] is None


def test_a_row_is_a_record_with_named_attributes_and_categories():
    grid: Any = table_of(sheet(), {"sex": ("f", "m")})
    titles = {column["field"]: column["headerName"] for column in grid.columnDefs}
    assert list(titles.values()) == [
        "Record", "Ground truth", "Federated", "Stand-alone", "blood.sugar", "sex",
    ]  # fmt: skip
    first = {titles[field]: value for field, value in grid.rowData[0].items()}
    assert first == {
        "Record": 4, "Ground truth": "low", "Federated": "mid", "Stand-alone": "low",
        "blood.sugar": 5.25, "sex": "m",
    }  # fmt: skip
    filters = {column["headerName"]: column["filter"] for column in grid.columnDefs}
    assert filters["blood.sugar"] == "agNumberColumnFilter"
    assert filters["sex"] == "agTextColumnFilter"


def test_without_ground_truth_there_is_no_such_column():
    grid: Any = table_of(sheet(truth=None), {})
    assert "Ground truth" not in [column["headerName"] for column in grid.columnDefs]


def test_what_is_left_out_is_said():
    assert "first" not in note_on(sheet())
    assert "the first 2 of 5,000 records" in note_on(sheet(n_selected=5000))
