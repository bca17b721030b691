"""What the browser gets to draw the label matrix."""

import json
from typing import Any

import numpy as np

from flhetero_dash.analysis.label_matrix import label_grid, label_matrix
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
