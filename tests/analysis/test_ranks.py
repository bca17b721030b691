import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.analysis import rank_keys
from flhetero_dash.analysis.ranks import neighbour_ranks

ROOT = Path(__file__).parents[2]


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
        "wider than single precision adds up": rng.integers(0, 256, (60, 2500), dtype=np.uint8),
        "too large for single precision": rng.integers(0, 2**14, (60, 3)),
        "signed": rng.integers(-128, 128, (60, 5), dtype=np.int8),
        "nearly alike": 1 + 1e-9 * rng.normal(size=(60, 4)),
        "single precision": rng.normal(size=(60, 4)).astype(np.float32),
        "no column": np.zeros((5, 0)),
    }


def test_ranks_are_those_of_sorting_one_by_one(rng):
    for name, X in data_sets(rng).items():
        rows = rng.permutation(len(X))[:40]
        columns = rng.permutation(len(X))[:25]
        expected = ranks_one_by_one(X, rows, columns)
        for chunk_rows in (None, 1, 7):
            for device in ("cpu", "cpu-torch"):
                ours = neighbour_ranks(X, rows, columns, chunk_rows, device=device)
                told = f"{name}, {chunk_rows}, {device}"
                np.testing.assert_array_equal(ours, expected, err_msg=told)


def test_wide_pictures_are_told_apart_by_one(rng):
    """Sums of 41 million that differ by 1 need more than single precision."""
    X = np.zeros((60, 2500), dtype=np.uint8)
    X[0] = 255
    X[1:, -2:] = rng.integers(253, 256, (59, 2))
    every = np.arange(60)
    ours = neighbour_ranks(X, every, every)
    np.testing.assert_array_equal(ours, ranks_one_by_one(X, every, every))


def test_ties_of_many_records_are_found_wherever_rounding_puts_them(rng):
    X = rng.integers(0, 60, (4000, 2)) / 7
    rows = np.arange(30)
    ours = neighbour_ranks(X, rows, np.arange(4000))
    for row in rows:
        distances = np.square(X - X[row]).sum(axis=1)
        distances[row] = -1
        expected = np.lexsort((np.arange(4000), distances)).argsort()
        np.testing.assert_array_equal(ours[row], expected)


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
@pytest.mark.parametrize("tile_rows", [1, 50, 1024])
def test_neither_tiles_nor_memory_change_a_rank(rng, monkeypatch, kind, tile_rows):
    X = rng.integers(0, 3, (130, 4)).astype(kind) / kind(1 if kind == np.uint8 else 7)
    rows, columns = np.arange(0, 130, 3), np.arange(130)
    expected = ranks_one_by_one(X, rows, columns)
    monkeypatch.setattr(rank_keys, "TILE_ROWS", tile_rows)
    for memory_bytes in (1, 100_000, 1 << 30):
        ours = neighbour_ranks(X, rows, columns, memory_bytes=memory_bytes)
        np.testing.assert_array_equal(ours, expected)


def test_the_type_of_the_result_can_be_chosen(rng):
    X = rng.normal(size=(9, 2))
    ours = neighbour_ranks(X, np.arange(9), np.arange(9), dtype=np.uint16)
    assert ours.dtype == np.uint16
    np.testing.assert_array_equal(ours, ranks_one_by_one(X, np.arange(9), np.arange(9)))


@pytest.mark.parametrize("kind", [np.uint8, np.float64])
def test_ranking_keeps_to_half_of_its_memory(rng, kind):
    X = rng.integers(0, 256, (20_000, 30)).astype(kind)
    X[::2] += kind(1) if kind == np.uint8 else 0.25
    rows = np.arange(400)
    neighbour_ranks(X[:50], rows[:9], rows[:9])  # imports
    tracemalloc.start()
    ranks = neighbour_ranks(X, rows, rows, memory_bytes=16 << 20)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak - ranks.nbytes < 9 << 20


@pytest.mark.gpu
def test_a_cuda_device_gives_the_same_ranks(rng):
    for name, X in data_sets(rng).items():
        every = np.arange(len(X))
        expected = neighbour_ranks(X, every, every)
        ours = neighbour_ranks(X, every, every, device="cuda")
        np.testing.assert_array_equal(ours, expected, err_msg=name)


def test_the_cpu_path_imports_no_torch():
    program = (
        "import sys; import numpy as np\n"
        "from flhetero_dash.analysis.rank_clustering import cluster_records\n"
        "cluster_records(np.eye(9), np.arange(9), None)\n"
        "sys.exit('torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False)  # noqa: S603
    assert run.returncode == 0


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
