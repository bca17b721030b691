import numpy as np
import pytest

from flhetero_dash.analysis.label_matrix import label_grid, label_matrix, natural_order

NOTHING = np.empty(0, dtype=np.int64)


def test_cells_hold_inconsistent_records_inside_and_outside_the_selection():
    y_true = np.array([10, 10, 2, 10, 2, 9])
    y_global = np.array([2, 2, 2, 2, 10, 9])
    inconsistent = np.array([True, True, True, False, True, False])
    matrix = label_matrix(y_true, y_global, inconsistent, np.array([1, 3, 4]))
    assert matrix.outputs.tolist() == [2, 10]  # as numbers: 2 before 10; no 9
    assert matrix.truths.tolist() == [2, 10]
    found = [(c.output, c.truth, c.selected.tolist(), c.others.tolist()) for c in matrix.cells]
    assert found == [(2, 2, [], [2]), (2, 10, [1], [0]), (10, 2, [4], [])]


def test_every_inconsistent_record_is_in_one_cell(rng):
    y_true, y_global = rng.integers(0, 12, (2, 300))
    inconsistent = rng.random(300) < 0.4
    matrix = label_matrix(y_true, y_global, inconsistent, rng.permutation(300)[:50])
    ids = np.concatenate([[*cell.selected, *cell.others] for cell in matrix.cells])
    assert sorted(ids) == np.flatnonzero(inconsistent).tolist()


def test_cells_are_row_by_row_and_their_records_ascend(rng):
    y_true, y_global = rng.integers(0, 5, (2, 200))
    matrix = label_matrix(y_true, y_global, y_true != y_global, np.arange(0, 200, 3))
    places = [(cell.output, cell.truth) for cell in matrix.cells]
    assert places == sorted(places)
    for cell in matrix.cells:
        for ids in (cell.selected, cell.others):
            assert ids.tolist() == sorted(ids.tolist())
            assert set(zip(y_true[ids], y_global[ids], strict=True)) <= {(cell.truth, cell.output)}
        assert not (cell.selected % 3).any()


def test_numbered_labels_are_in_the_order_of_their_numbers():
    assert natural_order(["digit 10", "digit 2", "digit 1"]) == [2, 1, 0]
    assert natural_order(["10", "9", "100"]) == [1, 0, 2]


@pytest.mark.parametrize(
    "names", [["low", "middle", "high"], ["B 2", "A 10"], ["2", "ten"], ["1.2", "1.1"], [], ["b"]]
)
def test_other_labels_keep_the_order_of_their_classes(names):
    assert natural_order(names) == list(range(len(names)))


def test_nothing_inconsistent_is_an_empty_matrix():
    matrix = label_matrix(np.array([1, 2]), np.array([1, 2]), np.zeros(2, dtype=bool), NOTHING)
    assert (len(matrix.outputs), len(matrix.truths), matrix.cells) == (0, 0, ())


def test_shares_by_hand():
    points = np.array([[0, 0], [0, 0], [1, 0], [4, 4], [4, 4], [4, 4]], dtype=np.float32)
    y_true = np.array([7, 3, 7, 3, 3, 7])
    grid = label_grid(points, y_true, np.array([3, 7]), square=0.5)
    assert grid.counts.tolist() == [[3, 0], [0, 3]]  # coincident records all count
    np.testing.assert_allclose(grid.values[0], [[1 / 3, np.nan], [np.nan, 2 / 3]])
    np.testing.assert_allclose(grid.values[1], [[2 / 3, np.nan], [np.nan, 1 / 3]])


def test_enrichment_is_relative_to_the_labels_share():
    points = np.array([[0.0, 0.0], [0.0, 0.0], [4.0, 4.0], [4.0, 4.0]])
    y_true = np.array([3, 7, 7, 7])
    grid = label_grid(points, y_true, np.array([3, 7, 5]), square=0.5, enrichment=True)
    np.testing.assert_allclose(grid.values[0], [[2, np.nan], [np.nan, 0]])
    np.testing.assert_allclose(grid.values[1], [[2 / 3, np.nan], [np.nan, 4 / 3]])
    assert np.isnan(grid.values[2]).all()  # nobody has label 5


def test_squares_cover_the_plane_and_the_last_may_be_narrower(rng):
    points = rng.uniform(-3, 5, size=(400, 2))
    y_true = rng.integers(0, 3, 400)
    grid = label_grid(points, y_true, np.arange(3), square=0.3, domain=(-4, 6, -4, 6))
    np.testing.assert_allclose(grid.x_edges, [-4, -1, 2, 5, 6])
    assert grid.counts.sum() == 400
    shares = grid.values[:, grid.counts > 0]
    np.testing.assert_allclose(shares.sum(axis=0), 1)


@pytest.mark.parametrize("n_squares", [1, 3, 10, 20, 49])
def test_a_whole_number_of_squares_gets_no_sliver(n_squares):
    points = np.array([[0.1, 0.1], [0.7, 0.3]])
    grid = label_grid(points, np.array([0, 1]), np.array([0]), square=1 / n_squares)
    assert grid.counts.shape == (n_squares, n_squares)
    np.testing.assert_allclose(np.diff(grid.x_edges), 0.6 / n_squares)


def test_rows_are_y_and_the_sides_belong_to_the_plane():
    points = np.array([[0.0, 0.0], [10.0, 0.0], [10.0, 1.0]])
    grid = label_grid(points, np.array([0, 1, 2]), np.array([1]), square=0.5)
    assert grid.counts.tolist() == [[1, 1], [0, 1]]
    np.testing.assert_allclose(grid.values[0], [[0.0, 1.0], [np.nan, 0.0]])


def test_no_record_is_an_empty_grid():
    grid = label_grid(np.empty((0, 2)), NOTHING, np.array([1]), square=0.5)
    assert not grid.counts.any()
    assert np.isnan(grid.values).all()


def test_bad_input_is_told():
    y_true = np.array([0, 1])
    with pytest.raises(ValueError, match=r"inconsistent \(1,\)"):
        label_matrix(y_true, y_true, np.ones(1, dtype=bool), NOTHING)
    with pytest.raises(ValueError, match="beyond the 2 records"):
        label_matrix(y_true, y_true, np.ones(2, dtype=bool), np.array([2]))
    with pytest.raises(ValueError, match="square is 0"):
        label_grid(np.ones((2, 2)), y_true, y_true, square=0)
    with pytest.raises(ValueError, match=r"expected \(2, 2\)"):
        label_grid(np.ones((3, 2)), y_true, y_true)
    with pytest.raises(ValueError, match="2 of 2 points are off the grid"):
        label_grid(np.ones((2, 2)), y_true, y_true, domain=(2, 3, 2, 3))
