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
from flhetero_dash.queries.matrix import MatrixAnswer
from flhetero_dash.selection import Focus, MatrixChoice
from flhetero_dash.views.label_matrix import matrix_data

Y_TRUE = np.array([0, 0, 2, 2, 2, 0])
Y_GLOBAL = np.array([2, 0, 0, 0, 2, 2])
INCONSISTENT = np.array([True, False, True, True, False, True])
PLACES = np.array([[0, 0], [4, 0], [4, 8], [2, 4], [0, 8], [1, 2]], dtype=np.float32)


def data(cell: tuple[int, int] | None = None, selected: tuple[int, ...] = (3,)) -> dict[str, Any]:
    matrix = label_matrix(Y_TRUE, Y_GLOBAL, INCONSISTENT, np.array(selected, dtype=int))
    grid = label_grid(PLACES, Y_TRUE, matrix.truths, square=0.5)
    answer = MatrixAnswer(matrix, grid, PLACES, ("zero", "two"), ("zero", "two"))
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
    assert drawn["background"] == [[100, 100, 0, 0], [0, 0, 100, 100]]
    np.testing.assert_allclose(drawn["x_edges"], [0, 0.5, 1])
    np.testing.assert_allclose(drawn["y_edges"], [0, 0.5, 1])


def test_the_chosen_cell_is_named_by_its_classes():
    assert data(cell=(2, 0))["chosen"] == [2, 0]
    assert data()["chosen"] is None


def test_all_of_it_is_strict_json():
    drawn = json.loads(json.dumps(data(), allow_nan=False))
    assert drawn["points"] is False
    assert drawn["columns"] == ["zero", "two"]


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
        return MatrixAnswer(matrix, grid, places, ("two", "seven"), ("ten",))

    def test_cells_hold_places_within_the_square_and_who_is_selected(self):
        data = matrix_data(self.answer(), Focus(cell=(2, 10)), MatrixChoice(), can_select=True)
        first = data["cells"][0]
        assert (first["row"], first["column"], first["n_selected"]) == (0, 0, 1)
        assert first["records"] == [1, 0]  # the selected first
        assert first["places"] == [[1, 1], [0, 0]]
        assert data["background"] == [[50, -1], [25, -1]]  # empty squares stay blank
        assert data["x_edges"] == [0, 0.5, 1]
        assert (data["columns"], data["rows"]) == (["two", "seven"], ["ten"])
        assert data["chosen"] == [2, 10]

    def test_sampled_inputs_cannot_choose_a_cell(self):
        data = matrix_data(self.answer(), Focus(cell=(2, 10)), MatrixChoice(), can_select=False)
        assert data["chosen"] is None
