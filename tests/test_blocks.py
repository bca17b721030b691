"""Files that are whole or absent."""

import fcntl
import multiprocessing
import os
import stat
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.blocks import (
    Claim,
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


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.empty((0, 4), dtype=np.float32),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(12, dtype=np.uint8).reshape(3, 4)[:, ::2],
        np.array(["a", "näher"]),
        np.array([True, False]),
    ],
    ids=["one number", "empty", "by columns", "every other", "words", "mask"],
)
def test_shape_type_and_values_are_kept(tmp_path, array):
    write_block(tmp_path / "a.npy", array)
    mapped = read_block(tmp_path / "a.npy")
    assert (mapped.shape, mapped.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(mapped, array)


@pytest.mark.parametrize("keep", [0, 5, 60, 150])
def test_half_a_block_is_refused(tmp_path, keep):
    path = tmp_path / "a.npy"
    write_block(path, np.arange(9.0))
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r".+"):
        read_block(path)


def test_a_pickled_block_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", np.array([{}], dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="Python objects"):
        read_block(tmp_path / "a.npy")


def test_a_reader_keeps_what_it_mapped_when_the_block_is_replaced(tmp_path):
    write_block(tmp_path / "a.npy", np.zeros(5))
    mapped = read_block(tmp_path / "a.npy")
    write_block(tmp_path / "a.npy", np.ones(5))
    assert mapped.sum() == 0
    assert read_block(tmp_path / "a.npy").sum() == 5


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


def test_nothing_is_seen_under_the_name_before_it_is_complete(tmp_path):
    path = tmp_path / "new" / "a"
    with atomic_file(path) as stream:
        stream.write(b"half")
        stream.flush()
        assert not path.exists()
    assert path.read_bytes() == b"half"


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

    # Each opens the file anew, so the lock holds between processes as between threads.
    threads = [threading.Thread(target=enter) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6


def _hold_until_killed(lock: Path, mark: Path) -> None:
    with exclusive(lock):
        mark.touch()
        time.sleep(60)


def test_a_killed_holder_leaves_the_lock_open(tmp_path):
    lock, mark = tmp_path / "locks" / "lock", tmp_path / "mark"
    holder = multiprocessing.get_context("spawn").Process(
        target=_hold_until_killed, args=(lock, mark)
    )
    holder.start()
    while not mark.exists():
        assert holder.is_alive()
        time.sleep(0.01)
    with lock.open("ab") as stream, pytest.raises(BlockingIOError):
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    holder.kill()
    holder.join()
    with exclusive(lock):
        pass
    assert lock.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_who_may_read_a_file_is_as_the_user_has_it(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        write_json(tmp_path / "a.json", 1)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.json").stat().st_mode) == mode


def test_a_claim_is_refused_while_another_has_it(tmp_path):
    first, second = Claim(tmp_path / "lock"), Claim(tmp_path / "lock")
    assert first.taken()
    assert not second.taken()
    assert not second.taken(shared=True)
    assert first.taken(shared=True)  # what is held can be changed
    assert second.taken(shared=True)
    assert not second.taken()
    first.release()
    assert second.taken()
    second.release()
