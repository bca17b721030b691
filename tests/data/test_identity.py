"""What is remembered of files, and how files that are being written are waited for."""

import os
import threading
import time
from functools import partial

import numpy as np
import pytest

from flhetero_dash.data import identity
from flhetero_dash.data.errors import BeingWrittenError, DamagedFileError, DataError
from flhetero_dash.data.files import Files
from flhetero_dash.data.identity import Memo, Signature, opened_regular, patiently


def test_a_file_without_its_end_is_waited_for_and_then_being_written(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, a=1)
    path.write_bytes(path.read_bytes()[:40])
    start = time.monotonic()
    with pytest.raises(BeingWrittenError, match="may be being written: try again"):
        Files(1 << 20).read_now(path, lambda archive: archive.read("a"))
    assert 0.2 <= time.monotonic() - start < 1.0


def test_a_file_that_becomes_whole_within_that_time_is_read(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, a=7)
    whole = path.read_bytes()
    path.write_bytes(whole[:40])
    timer = threading.Timer(0.08, path.write_bytes, [whole])
    timer.start()
    assert Files(1 << 20).read_now(path, lambda archive: int(archive.read("a"))) == 7
    timer.join()


def test_a_file_that_is_long_since_broken_is_told_at_once(tmp_path, monkeypatch):
    path = tmp_path / "x.npz"
    path.write_bytes(b"broken")
    monkeypatch.setattr(identity, "YOUNG_S", -1.0)
    start = time.monotonic()
    with pytest.raises(DamagedFileError, match="without a zip directory"):
        Files(1 << 20).read_now(path, lambda archive: archive.read("a"))
    assert time.monotonic() - start < 0.1


def test_a_wrong_file_that_is_whole_is_told_at_once(tmp_path):
    np.savez(tmp_path / "x.npz", a=1)
    start = time.monotonic()
    with pytest.raises(DataError, match="lacks b"):
        Files(1 << 20).read_now(tmp_path / "x.npz", lambda archive: archive.read("b"))
    assert time.monotonic() - start < 0.1


def test_a_file_that_changed_under_the_reader_is_read_again(tmp_path):
    path = tmp_path / "x.npz"
    np.savez(path, a=1)
    tries = []

    def read(archive):
        tries.append(1)
        if len(tries) == 1:
            with path.open("ab") as stream:
                stream.write(b" ")
        return len(tries)

    assert Files(1 << 20).read_now(path, read) == 2


class Settled:
    """Pretends that files have not changed for a while."""

    def __init__(self, monkeypatch) -> None:
        monkeypatch.setattr(identity, "SETTLED_S", -1.0)


def test_a_memo_answers_until_the_file_changes(tmp_path, monkeypatch):
    Settled(monkeypatch)
    path = tmp_path / "x"
    path.write_text("one")
    memo = Memo(4)
    made = []

    def make():
        made.append(path.read_text())
        return made[-1]

    assert [memo.get("k", (path,), make) for _ in range(3)] == ["one"] * 3
    assert len(made) == 1
    path.write_text("two")
    assert memo.get("k", (path,), make) == "two"


def test_a_mended_file_of_the_same_length_and_time_is_noticed(tmp_path, monkeypatch):
    Settled(monkeypatch)
    path = tmp_path / "x"
    path.write_text("one")
    memo = Memo(4)
    status = path.stat()
    assert memo.get("k", (path,), path.read_text) == "one"
    time.sleep(0.02)  # the clock of the file system
    path.write_text("two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert memo.get("k", (path,), path.read_text) == "two"


def test_a_file_that_changed_just_now_is_not_remembered(tmp_path):
    path = tmp_path / "x"
    path.write_text("one")
    memo, made = Memo(4), []
    for _ in range(2):
        memo.get("k", (path,), lambda: made.append(1))
    assert len(made) == 2


def test_a_failure_is_not_remembered(tmp_path, monkeypatch):
    Settled(monkeypatch)
    path = tmp_path / "x"
    path.write_text("one")
    memo = Memo(4)

    def fail():
        raise DataError("broken")

    with pytest.raises(DataError, match="broken"):
        memo.get("k", (path,), fail)
    assert memo.get("k", (path,), path.read_text) == "one"


def test_the_least_used_entry_goes_first(tmp_path, monkeypatch):
    Settled(monkeypatch)
    memo = Memo(2)
    made: list[str] = []
    for key in ("a", "b", "a", "c", "a", "b"):
        memo.get(key, (tmp_path / "absent",), partial(made.append, key))
    assert made == ["a", "b", "c", "b"]


def test_a_pipe_is_never_waited_for(tmp_path):
    os.mkfifo(tmp_path / "x.npz")
    with pytest.raises(DataError, match="is no regular file"):
        opened_regular(tmp_path / "x.npz")


def test_a_name_that_no_file_can_have_is_told(tmp_path):
    with pytest.raises(DataError, match="cannot be"):
        opened_regular(tmp_path / ("x" * 300))
    with pytest.raises(DataError, match="cannot be read"):
        Signature.of(tmp_path / ("x" * 300))


def test_patience_ends(tmp_path, impatient):
    path = tmp_path / "x"
    path.write_text("")

    def read():
        raise DamagedFileError("half")

    with pytest.raises(BeingWrittenError, match="half. It changed a moment ago"):
        patiently(path, read)
