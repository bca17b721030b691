"""Files that are whole or absent: atomic writes, memory-mapped blocks, locks."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt


@contextmanager
def atomic_file(path: Path) -> Iterator[BinaryIO]:
    """Open a new file that appears under its name only when it is complete.

    Who may read it is as of any file of this user: what must be private lies in a private folder.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(8)}.part")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def write_block(path: Path, array: npt.NDArray[Any]) -> None:
    """Write one array; never as a pickle."""
    with atomic_file(path) as stream:
        np.lib.format.write_array(stream, np.asarray(array), allow_pickle=False)


def read_block(path: Path) -> npt.NDArray[Any]:
    """Map one array into memory, read-only; ValueError if the file is not a whole block."""
    block: npt.NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    return block


def write_json(path: Path, value: object) -> None:
    """Write a value as strict JSON: NaN is refused."""
    with atomic_file(path) as stream:
        stream.write(json.dumps(value, allow_nan=False).encode())


def read_json(path: Path) -> Any:  # noqa: ANN401 - JSON is whatever was written
    """Read a JSON file."""
    return json.loads(path.read_bytes())


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock between threads and processes of one machine; released even when killed."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


class Claim:
    """A lock between processes that is asked for, not waited for; released even when killed."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._stream = path.open("ab")

    def taken(self, *, shared: bool = False) -> bool:
        """Take it, or change one that is held, unless another has it; shared: together."""
        try:
            fcntl.flock(self._stream, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self) -> None:
        """Let it go; it cannot be taken again."""
        self._stream.close()
