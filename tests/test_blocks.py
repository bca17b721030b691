"""Files that are whole or absent."""

import threading

import numpy as np
import pytest

from flhetero_dash.blocks import (
    atomic_file,
    exclusive,
    read_block,
    read_json,
    write_block,
    write_json,
)


def test_a_block_is_mapped_back(tmp_path, rng):
    array = rng.normal(size=(4, 3))
    write_block(tmp_path / "a.npy", array)
    mapped = read_block(tmp_path / "a.npy")
    assert isinstance(mapped, np.memmap)
    np.testing.assert_allclose(mapped, array)
    with pytest.raises(ValueError, match="read-only"):
        mapped[0, 0] = 1


def test_objects_are_refused(tmp_path):
    with pytest.raises(ValueError, match="Object arrays cannot be saved"):
        write_block(tmp_path / "a.npy", np.array([{}], dtype=object))
    assert list(tmp_path.iterdir()) == []


def test_a_write_that_fails_leaves_the_old_file(tmp_path):
    path = tmp_path / "a.json"
    write_json(path, {"a": 1})

    def fail_half_way() -> None:
        with atomic_file(path) as stream:
            stream.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    assert read_json(path) == {"a": 1}
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


def test_nan_is_no_json(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        write_json(tmp_path / "a.json", float("nan"))


def test_one_holder_at_a_time(tmp_path):
    inside, most = [], []

    def enter() -> None:
        with exclusive(tmp_path / "lock"):
            inside.append(1)
            most.append(len(inside))
            threading.Event().wait(0.01)
            inside.pop()

    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6
