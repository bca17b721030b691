"""Whether a file is still the one that was read; files that are being written are waited for."""

import os
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeVar

from flhetero_dash.data.errors import BeingWrittenError, DamagedFileError, DataError

T = TypeVar("T")
PATIENCE_S = 0.2
PAUSE_S = 0.02
# A file that is not whole and this young is taken for one that is being written.
YOUNG_S = 10.0
# Two changes within one tick of a file system's clock (up to 2 s) look like one.
SETTLED_S = 2.0


class Signature(NamedTuple):
    """What tells a changed file from an unchanged one, without reading it."""

    mtime_ns: int
    ctime_ns: int
    size: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> "Signature | None":
        """Take the state of a path; None where there is no regular file."""
        try:
            status = os.stat(path)  # noqa: PTH116 - a page asks for hundreds; this is quicker
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise DataError(f"{path}: cannot be read ({error})") from None
        return cls._of_status(status) if stat.S_ISREG(status.st_mode) else None

    @classmethod
    def of_handle(cls, handle: int) -> "Signature":
        """Take the state of an open file."""
        return cls._of_status(os.fstat(handle))

    @classmethod
    def _of_status(cls, status: os.stat_result) -> "Signature":
        return cls(status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino)

    def age_s(self) -> float:
        """Seconds since the last change, by this machine's clock."""
        return time.time() - max(self.mtime_ns, self.ctime_ns) / 1e9

    def is_settled(self) -> bool:
        """Whether another change would show: it could not lie within one tick of the clock."""
        return abs(self.age_s()) > SETTLED_S


def opened_regular(path: Path) -> BinaryIO:
    """Open a regular file; never wait for a pipe or a device.

    Raises
    ------
    DataError
        If there is no such file or it cannot be opened.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise DataError(f"{path}: no such file") from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be opened ({error})") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise DataError(f"{path}: is no regular file")
    return os.fdopen(handle, "rb")


def patiently(path: Path, read: Callable[[], T]) -> T:
    """Read a file; try again for 200 ms while it is being written.

    Raises
    ------
    BeingWrittenError
        If it is still not whole after that.
    DataError
        What `read` raises about a file that is not changing.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        before = Signature.of(path)
        try:
            return read()
        except BeingWrittenError as error:
            problem: DataError = error
        except DataError as error:
            problem = error
            changed = Signature.of(path) != before
            young = before is not None and 0 <= before.age_s() < YOUNG_S
            if not changed and not (young and isinstance(error, DamagedFileError)):
                raise
        if time.monotonic() > deadline:
            raise BeingWrittenError(
                f"{problem}. It changed a moment ago and may be being written: try again"
            ) from None
        time.sleep(PAUSE_S)


class Memo:
    """Remembers what was made of files for as long as they do not change; failures never.

    Safe between threads. At most `capacity` entries are kept, the least used go first.
    """

    def __init__(self, capacity: int) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[Hashable, tuple[tuple[Signature | None, ...], Any]] = (
            OrderedDict()
        )
        self._lock = threading.Lock()

    def get(self, key: Hashable, paths: tuple[Path, ...], make: Callable[[], T]) -> T:
        """Look up what `make` made of these files, or let it be made."""
        signatures = tuple(Signature.of(path) for path in paths)
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None and entry[0] == signatures:
                self._entries.move_to_end(key)
                value: T = entry[1]
                return value
        value = make()
        settled = all(each is None or each.is_settled() for each in signatures)
        if settled and signatures == tuple(Signature.of(path) for path in paths):
            with self._lock:
                self._entries[key] = (signatures, value)
                while len(self._entries) > self._capacity:
                    self._entries.popitem(last=False)
        return value
