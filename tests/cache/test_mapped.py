import numpy as np

from flhetero_dash.cache import mapped_rows

ROWS = np.arange(12, dtype=np.float32).reshape(4, 3)


def test_rows_are_computed_once_and_mapped(tmp_path):
    asked = []

    def compute():
        asked.append(1)
        yield from (ROWS[:3], ROWS[3:])

    for _ in range(2):
        found = mapped_rows(tmp_path, "key", (4, 3), compute)
        np.testing.assert_array_equal(found, ROWS)
        assert isinstance(found, np.memmap)
        assert not found.flags.writeable
    assert asked == [1]
    np.testing.assert_array_equal(
        mapped_rows(tmp_path, "other", (1, 3), lambda: [ROWS[:1]]), ROWS[:1]
    )


def test_a_damaged_file_is_computed_anew(tmp_path):
    mapped_rows(tmp_path, "key", (4, 3), lambda: [ROWS])
    (path,) = tmp_path.glob("*.npy")
    for damaged in (b"", path.read_bytes()[:-1], b"\x93NUMPY"):
        path.write_bytes(damaged)
        np.testing.assert_array_equal(mapped_rows(tmp_path, "key", (4, 3), lambda: [ROWS]), ROWS)
