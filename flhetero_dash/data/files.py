"""Files of a history opened one by one: waited for while they are written, read once."""

import hashlib
import os
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import TypeVar

from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import BeingWrittenError
from flhetero_dash.data.identity import Memo, Signature, opened_regular, patiently

T = TypeVar("T")
ABSENT = "-"


class Files:
    """Reads files and remembers what was in them for as long as they do not change.

    Parameters
    ----------
    max_array_bytes : int
        Most bytes of one array.
    """

    def __init__(self, max_array_bytes: int) -> None:
        self._limit = max_array_bytes
        self._small = Memo(2_048)
        self._large = Memo(8)

    def read(self, kind: Hashable, path: Path, read: Callable[[Archive], T], *others: Path) -> T:
        """Read an ``.npz`` file.

        Parameters
        ----------
        kind : hashable
            Tells apart what is made of one file.
        path : Path
        read : callable
            Makes a record of the open archive.
        *others : Path
            Files that the record depends on besides.

        Raises
        ------
        DataError
            If it is absent or cannot be used.
        """
        return self._small.get((kind, path), (path, *others), lambda: self.read_now(path, read))

    def read_now(self, path: Path, read: Callable[[Archive], T]) -> T:
        """Read an ``.npz`` file and remember nothing of it."""

        def attempt() -> T:
            with Archive(path, self._limit) as archive:
                value = read(archive)
                if archive.changed():
                    raise BeingWrittenError(f"{path}: changed while it was read")
                return value

        return patiently(path, attempt)

    def read_text(self, kind: Hashable, path: Path, read: Callable[[Path], T]) -> T:
        """Read a file that is no archive."""
        return self._small.get((kind, path), (path,), lambda: patiently(path, lambda: read(path)))

    def combine(self, key: Hashable, paths: tuple[Path, ...], make: Callable[[], T]) -> T:
        """Look up what was made of many files together, or make it."""
        return self._large.get(key, paths, make)

    def digest(self, path: Path) -> str:
        """Identity of a file's content; the same for every copy of it.

        Raises
        ------
        DataError
            If it is there and cannot be read.
        """
        if not is_there(path):
            return ABSENT
        if path.suffix == ".npz":
            return self.read("digest", path, lambda archive: archive.digest)
        return self.read_text("digest", path, _content_digest)

    def joint_digest(self, paths: tuple[Path, ...]) -> str:
        """Identity of several files together."""
        joint = hashlib.blake2b(digest_size=16)
        for path in paths:
            joint.update(f"{path.name} {self.digest(path)}\n".encode())
        return joint.hexdigest()


def is_there(path: Path) -> bool:
    """Whether there is anything of this name, be it readable or not."""
    return Signature.of(path) is not None or os.path.lexists(path)


def _content_digest(path: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    with opened_regular(path) as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
