"""Memoised results: safe, found again, computed once, bounded."""

import multiprocessing
import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.arrays import FloatArray
from flhetero_dash.blocks import atomic_file
from flhetero_dash.cache import (
    PARTIAL,
    BlockFileSystemCache,
    BlockSerializer,
    Results,
    key_of,
    sweep,
    tidy,
)

MIB = 1 << 20


@dataclass(frozen=True)
class Answer:
    values: FloatArray
    parts: tuple[FloatArray, ...]
    note: str
    missing: float


def answer(value: float = 1.0) -> Answer:
    return Answer(np.full((2, 3), value), (np.arange(3.0), np.empty(0)), "näher", float("nan"))


@pytest.fixture
def results(tmp_path: Path) -> Results:
    return Results(tmp_path / "results", 100 * MIB)


def files(results: Results) -> list[Path]:
    return [path for path in results.folder.rglob("*") if path.is_file()]


def test_an_answer_is_found_again_by_another_process(results):
    results.get(Answer, "key", answer)
    found = Results(results.folder, MIB).get(Answer, "key", lambda: pytest.fail("computed"))
    np.testing.assert_allclose(found.values, 1)
    assert [part.tolist() for part in found.parts] == [[0, 1, 2], []]
    assert found.note == "näher"
    assert np.isnan(found.missing)


def test_nothing_is_stored_as_a_pickle(results):
    with pytest.raises(TypeError, match="object is neither plain nor an array"):
        BlockSerializer().dumps({"a": object()})
    with pytest.raises(ValueError, match="Object arrays"):
        BlockSerializer().dumps(np.array([{}], dtype=object))
    results.get(Answer, "key", answer)
    (path,) = files(results)
    assert b"numpy.core" not in path.read_bytes()


@pytest.mark.parametrize("damage", [b"", b"\x00" * 5, b"\x00" * 4 + b"\xff" * 40])
def test_a_damaged_entry_is_computed_anew(results, damage):
    results.get(Answer, "key", answer)
    (path,) = files(results)
    path.write_bytes(damage)
    assert results.get(Answer, "key", lambda: answer(5)).values[0, 0] == 5
    assert results.get(Answer, "key", answer).values[0, 0] == 5


def test_a_record_of_another_version_is_computed_anew(results):
    @dataclass(frozen=True)
    class Older:
        note: str

    results.get(Older, "key", lambda: Older("old"))
    assert results.get(Answer, "key", answer).note == "näher"


def test_what_fails_is_not_stored(results):
    def fail() -> Answer:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError):
        results.get(Answer, "key", fail)
    assert files(results) == []
    assert results.get(Answer, "key", answer).note == "näher"


def test_an_answer_that_must_not_be_kept_is_not(results):
    assert results.get(Answer, "key", answer, keep=False).note == "näher"
    assert files(results) == []
    results.get(Answer, "key", answer)
    assert results.get(Answer, "key", lambda: answer(7), keep=False).values[0, 0] == 7


def test_an_answer_that_cannot_be_written_is_given_all_the_same(results, monkeypatch, caplog):
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cachelib.file.FileSystemCache._run_safely", full)
    assert results.get(Answer, "key", answer).note == "näher"


def test_of_many_threads_one_computes(results):
    calls = []

    def slow() -> Answer:
        calls.append(1)
        time.sleep(0.05)
        return answer()

    threads = [threading.Thread(target=lambda: results.get(Answer, "key", slow)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(calls) == 1


def test_another_key_does_not_wait(results):
    started, release = threading.Event(), threading.Event()

    def slow() -> Answer:
        started.set()
        assert release.wait(10)
        return answer()

    thread = threading.Thread(target=results.get, args=(Answer, "slow", slow))
    thread.start()
    assert started.wait(10)
    assert results.get(Answer, "quick", answer).note == "näher"
    release.set()
    thread.join()


def _compute_in_a_process(folder: Path, marks: Path) -> None:
    def slow() -> Answer:
        (marks / str(os.getpid())).touch()
        time.sleep(0.3)
        return answer()

    Results(folder, MIB).get(Answer, "key", slow)


def test_of_two_processes_one_computes(tmp_path):
    marks = tmp_path / "marks"
    marks.mkdir()
    spawn = multiprocessing.get_context("spawn")
    processes = [
        spawn.Process(target=_compute_in_a_process, args=(tmp_path / "results", marks))
        for _ in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert len(list(marks.iterdir())) == 1


def test_a_deleted_folder_is_made_again(results):
    results.get(Answer, "key", answer)
    for path in files(results):
        path.unlink()
    results.folder.rmdir()
    assert results.get(Answer, "key", lambda: answer(3)).values[0, 0] == 3
    assert len(files(results)) == 1


def test_keys_tell_scalars_apart_and_refuse_arrays():
    assert key_of("a", 1, x=1) != key_of("a", 2, x=1)
    assert key_of("a", 1, x="1") != key_of("a", 1, x=1)
    assert key_of("a", 1, x=None) != key_of("a", 1, x="None")
    assert key_of("a", 1, x=1, y=2) == key_of("a", 1, y=2, x=1)
    with pytest.raises(TypeError, match="keys hold scalars only"):
        key_of("a", 1, x=np.zeros(3))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="x is tuple"):
        key_of("a", 1, x=(1, 2))  # type: ignore[arg-type]
    assert key_of("a", 1, x="1,y=2") != key_of("a", 1, x="1", y=2)


def test_the_least_recently_used_go_first(tmp_path):
    now = time.time()
    for age, name in enumerate("abcd"):
        path = tmp_path / name
        path.write_bytes(b"x" * 100)
        os.utime(path, (now - age, now - age))
    sweep([tmp_path], 250)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_what_killed_writers_left_is_removed(tmp_path):
    old, young = tmp_path / "a.__wz_cache", tmp_path / "b.part"
    for path in (old, young):
        path.touch()
    os.utime(old, (0, 0))
    young.write_bytes(b"x" * 100)
    (tmp_path / "whole").write_bytes(b"x" * 100)
    sweep([tmp_path], 50)
    assert not old.exists()
    assert young.exists()  # somebody may still be writing it, whatever the bound
    assert not (tmp_path / "whole").exists()  # but it counts


def test_the_names_of_unfinished_files_are_those_of_their_writers(tmp_path):
    assert BlockFileSystemCache._fs_transaction_suffix == PARTIAL
    with atomic_file(tmp_path / "a.npy"):
        (unfinished,) = tmp_path.iterdir()
        os.utime(unfinished, (0, 0))
        sweep([tmp_path], MIB)
        assert not unfinished.exists()
        unfinished.touch()


def test_all_of_our_folders_are_under_one_bound(tmp_path):
    results = Results(tmp_path / "results", 250)
    now = time.time()
    for age, name in enumerate(["results", "arrays", "jobs"]):
        path = tmp_path / name / "deep" / "file"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x" * 100)
        os.utime(path, (now - age, now - age))
    (tmp_path / "affinity_mnist.npz").write_bytes(b"x" * 1000)
    os.utime(tmp_path / "affinity_mnist.npz", (0, 0))
    results.sweep()
    there = [path.relative_to(tmp_path).parts[0] for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(there) == ["affinity_mnist.npz", "arrays", "results"]


def test_writing_keeps_the_folder_in_its_bound(tmp_path):
    results = Results(tmp_path / "results", 4_000)
    for number in range(40):
        results.get(Answer, f"key {number}", answer)
    assert 0 < sum(path.stat().st_size for path in files(results)) <= 4_000


def test_the_cache_is_ours_alone(tmp_path):
    (tmp_path / "arrays").mkdir(mode=0o755)
    tidy(tmp_path)
    for name in ("arrays", "results", "jobs"):
        assert (tmp_path / name).stat().st_mode & 0o777 == 0o700


def test_answers_that_were_read_are_held_in_memory_within_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr("flhetero_dash.cache.results.MEMORY_BYTES", 160)  # two answers of 72 bytes
    results = Results(tmp_path / "results", 100 * MIB)
    for name in "abc":
        results.get(Answer, name, answer)
    first = results.stored(Answer, "a")
    assert first is not None
    assert results.stored(Answer, "a") is first
    with pytest.raises(ValueError, match="read-only"):
        first.values[0] = 7
    results.stored(Answer, "b")
    results.stored(Answer, "c")  # the third: the first is forgotten, and read again
    again = results.stored(Answer, "a")
    assert again is not None
    assert again is not first
    np.testing.assert_array_equal(again.values, first.values)
