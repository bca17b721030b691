import numpy as np
import pytest

from flhetero_dash.analysis.ranks import neighbour_ranks


def ranks_one_by_one(X, rows, columns):
    """Sort all records by (distance, record) for each row, the record itself first."""
    numbers = np.asarray(X, dtype=np.float64)
    result = []
    for row in rows:
        distances = np.square(numbers - numbers[row]).sum(axis=1)
        order = sorted(range(len(X)), key=lambda j: (j != row, distances[j], j))
        result.append([order.index(column) for column in columns])
    return np.array(result)


def data_sets(rng):
    few_values = rng.integers(0, 3, (120, 4))
    return {
        "8-bit": rng.integers(0, 256, (120, 20), dtype=np.uint8),
        "many ties": few_values,
        "many ties in floats": few_values / 7,
        "far from 0": few_values / 7 + 1e6,
        "whole floats": rng.integers(-5, 5, (120, 3)).astype(np.float32),
        "floats": rng.normal(size=(120, 5)),
        "copies": np.repeat(rng.normal(size=(30, 4)), 4, axis=0),
        "one record": np.ones((1, 3)),
        "all alike": np.zeros((10, 3)),
        "too large to be exact": rng.integers(0, 2**40, (50, 3)),
    }


def test_ranks_are_those_of_sorting_one_by_one(rng):
    for name, X in data_sets(rng).items():
        rows = rng.permutation(len(X))[:40]
        columns = rng.permutation(len(X))[:25]
        expected = ranks_one_by_one(X, rows, columns)
        for chunk_rows in (None, 1, 7):
            ours = neighbour_ranks(X, rows, columns, chunk_rows)
            np.testing.assert_array_equal(ours, expected, err_msg=f"{name}, {chunk_rows}")


def test_ties_by_hand():
    X = np.array([[0], [2], [0], [1], [1]], dtype=np.uint8)
    every = np.arange(5)
    # From record 2: itself, its copy 0, then 3 and 4 at distance 1, then 1.
    assert neighbour_ranks(X, np.array([2]), every).tolist() == [[1, 4, 0, 2, 3]]


def test_nothing_asked_nothing_ranked():
    assert neighbour_ranks(np.ones((3, 2)), np.arange(0), np.arange(3)).shape == (0, 3)


def test_values_that_are_not_finite_are_refused():
    X = np.array([[0.0], [np.nan], [1.0]])
    with pytest.raises(ValueError, match="not finite"):
        neighbour_ranks(X, np.array([0]), np.array([2]))


def test_a_table_of_another_program(reader, client_images):
    theirs = reader.affinity("mnist", "Client-0", "local")
    every = np.arange(len(client_images))
    ranks = neighbour_ranks(client_images, every, every).astype(np.int64)
    # Theirs sorts equal distances in no given order, and there are few of those.
    assert np.mean(theirs == ranks * ranks.T) > 0.98
