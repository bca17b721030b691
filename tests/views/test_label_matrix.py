"""What the browser gets to draw the label matrix."""

import json
from typing import Any

import numpy as np

from flhetero_dash.analysis.label_matrix import (
    LabelGrid,
    LabelMatrix,
    MatrixCell,
    label_grid,
    label_matrix,
)
from flhetero_dash.queries.matrix import MatrixAnswer, Neighbours
from flhetero_dash.selection import Focus, MatrixChoice
from flhetero_dash.views.label_matrix import (
    legend,
    levels_of,
    matrix_data,
    neighbour_data,
    places_in,
)

Y_TRUE = np.array([0, 0, 2, 2, 2, 0])
Y_GLOBAL = np.array([2, 0, 0, 0, 2, 2])
INCONSISTENT = np.array([True, False, True, True, False, True])
PLACES = np.array([[0, 0], [4, 0], [4, 8], [2, 4], [0, 8], [1, 2]], dtype=np.float32)


def data(cell: tuple[int, int] | None = None, selected: tuple[int, ...] = (3,)) -> dict[str, Any]:
    matrix = label_matrix(Y_TRUE, Y_GLOBAL, INCONSISTENT, np.array(selected, dtype=int))
    grid = label_grid(PLACES, Y_TRUE, matrix.truths, square=0.5)
    names = {0: "zero", 2: "two"}
    answer = MatrixAnswer(matrix, grid, PLACES, (0, 2), (0, 2), Y_TRUE, names)
    return matrix_data(answer, Focus(cell=cell), MatrixChoice(2, "off"), can_select=True)


def test_each_inconsistent_record_is_in_the_cell_of_its_classes():
    found = {}
    drawn = data()
    for cell in drawn["cells"]:
        for record in cell["records"]:
            found[record] = (drawn["truths"][cell["column"]], drawn["outputs"][cell["row"]])
    assert found == {0: (0, 2), 5: (0, 2), 2: (2, 0), 3: (2, 0)}


def test_the_selected_stand_first_beside_their_own_places():
    (cell,) = [cell for cell in data()["cells"] if 3 in cell["records"]]
    assert cell["records"] == [3, 2]
    assert cell["n_selected"] == 1
    assert cell["places"] == [[0.5, 0.5], [1, 1]]


def test_the_background_is_the_columns_label_in_percent():
    drawn = data()
    # Squares from the lower left, row by row: {0, 5}, {1}, {4}, {2, 3}.
    assert drawn["levels"] == [[100, 100, 0, 0], [0, 0, 100, 100]]
    assert drawn["n_squares"] == 2


def test_background_and_records_are_in_one_plane():
    # In this data only records of the column's label are in the squares of its records.
    drawn = data()
    for cell in drawn["cells"]:
        levels = drawn["levels"][cell["column"]]
        for x, y in cell["places"]:
            square = min(int(y * 2), 1) * 2 + min(int(x * 2), 1)
            assert levels[square] == 100


def test_enrichment_is_on_a_scale_of_quarters_to_four_times():
    values = np.array([[[0.0, 0.25, 1.0, 2.0, 4.0, 40.0, np.nan]]])
    counts = np.array([[5, 5, 5, 5, 5, 5, 0]])
    assert levels_of(values, counts, "enrichment") == [[0, 0, 50, 75, 100, 100, -1]]


def test_a_label_that_nobody_has_leaves_the_occupied_squares_visible():
    values = np.full((1, 1, 2), np.nan)
    assert levels_of(values, np.array([[3, 0]]), "enrichment") == [[0, -1]]


def test_the_legend_has_the_numbers_of_the_scale():
    def words(choice: MatrixChoice) -> str:
        return "".join(part for part in legend(choice)[0].children if isinstance(part, str))

    assert words(MatrixChoice()) == "label's share 0%100%"
    assert words(MatrixChoice(background="enrichment")) == "label's share ÷ overall ≤ 1/4≥ 4"


def test_a_records_neighbours_are_in_the_plane_of_the_matrix():
    ids = np.array([3, 1, 4])
    near = Neighbours(ids, INCONSISTENT[ids], Y_TRUE[ids], Y_GLOBAL[ids], PLACES)
    drawn = json.loads(json.dumps(neighbour_data(near)))
    assert drawn["plane"] == data()["plane"]
    assert (drawn["record"], drawn["truth"], drawn["output"]) == (3, 2, 0)
    assert [one["record"] for one in drawn["near"]] == [1, 4]
    assert [one["place"] for one in drawn["near"]] == places_in(PLACES)[[1, 4]].tolist()
    assert [one["inconsistent"] for one in drawn["near"]] == [False, False]


def test_another_plane_has_another_name():
    moved = Neighbours(np.array([3]), INCONSISTENT[[3]], Y_TRUE[[3]], Y_GLOBAL[[3]], PLACES + 1)
    assert neighbour_data(moved)["plane"] != data()["plane"]


def test_the_chosen_cell_is_named_by_its_classes():
    assert data(cell=(2, 0))["chosen"] == [2, 0]
    assert data()["chosen"] is None


def test_all_of_it_is_strict_json():
    drawn = json.loads(json.dumps(data(), allow_nan=False))
    assert drawn["points"] is False
    assert drawn["names"] == {"0": "zero", "2": "two"}


class TestMatrix:
    def answer(self) -> MatrixAnswer:
        cells = (
            MatrixCell(truth=2, output=10, selected=np.array([1]), others=np.array([0])),
            MatrixCell(truth=7, output=10, selected=np.array([], int), others=np.array([2])),
        )
        grid = LabelGrid(
            np.array([0.0, 5.0, 10.0]), np.array([0.0, 4.0]), np.array([[2, 0]]),
            np.array([[[0.5, np.nan]], [[0.25, np.nan]]]),
        )  # fmt: skip
        matrix = LabelMatrix(np.array([10]), np.array([2, 7]), cells)
        places = np.array([[0.0, 0.0], [10.0, 4.0], [5.0, 2.0]])
        names = {2: "two", 7: "seven", 10: "ten"}
        return MatrixAnswer(matrix, grid, places, (2, 7), (10,), np.array([2, 7, 2]), names)

    def test_cells_hold_places_within_the_square_and_who_is_selected(self):
        data = matrix_data(self.answer(), Focus(cell=(2, 10)), MatrixChoice(), can_select=True)
        first = data["cells"][0]
        assert (first["row"], first["column"], first["n_selected"]) == (0, 0, 1)
        assert first["records"] == [1, 0]  # the selected first
        assert first["places"] == [[1, 1], [0, 0]]
        assert first["alone"] == [7, 2]
        assert data["levels"] == [[50, -1], [25, -1]]  # empty squares stay blank
        assert (data["truths"], data["outputs"]) == ([2, 7], [10])
        assert data["chosen"] == [2, 10]

    def test_sampled_inputs_cannot_choose_a_cell(self):
        data = matrix_data(self.answer(), Focus(cell=(2, 10)), MatrixChoice(), can_select=False)
        assert data["chosen"] is None
