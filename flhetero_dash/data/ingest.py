"""Large sample arrays unpacked once into memory-mapped files."""

import math
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import SampleArray
from flhetero_dash.blocks import (
    atomic_file,
    exclusive,
    read_block,
    read_json,
    write_block,
    write_json,
)
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.values import numbers, per_client

# Change it when the blocks change, so that old ones are not read.
VERSION = 1
SCAN_ROWS = 4_096


@dataclass(frozen=True)
class Block:
    """One client's inputs of one sampling type, as they were unpacked.

    Attributes
    ----------
    file : str
        Name of the block in its folder; empty when there is a problem.
    row : int or None
        Position in the block's client axis, if it has one.
    problem : str
        What is wrong with it, without the name of the file: told when this client is opened.
    n_bad : int
        Values that are not finite.
    low, high : float
        Range of the finite values.
    """

    file: str = ""
    row: int | None = None
    problem: str = ""
    n_bad: int = 0
    low: float = 0.0
    high: float = 0.0


@dataclass(frozen=True)
class Ingest:
    """Unpacks samples files into ``arrays`` below a cache folder.

    Attributes
    ----------
    root : Path
        Folder of the unpacked arrays of all files.
    n_clients, n_features : int
        Lengths of the axes: clients come first, features last.
    """

    root: Path
    n_clients: int
    n_features: int

    def folder(self, archive: Archive) -> Path:
        """Where the content of a file is unpacked: named by what it holds, not by its path."""
        shape = f"{self.n_clients}x{self.n_features}"
        return self.root / f"samples-{VERSION}-{shape}-{archive.digest}"

    def blocks(self, archive: Archive, key: str) -> list[Block]:
        """Unpack one key, unless the same content is there already.

        Parameters
        ----------
        archive : Archive
        key : str
            Sampling type.

        Returns
        -------
        list of Block
            One for each client.

        Raises
        ------
        DataError
            If the array is damaged, lacks clients, or the folder cannot be written.
        """
        folder = self.folder(archive)
        # A key is any text: the name of its files is its position in the file.
        stem = str(archive.keys.index(key))
        try:
            if (found := _index(folder, stem)) is not None:
                return found
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with exclusive(folder / "lock"):
                if (found := _index(folder, stem)) is not None:
                    return found
                made = self._unpack(archive, key, folder, stem)
                write_json(folder / f"{stem}.json", [asdict(block) for block in made])
                return made
        except OSError as error:
            raise DataError(
                f"{folder}: cannot unpack {archive.path} ({error.strerror}); expected a folder "
                "with room that can be written to (setting CACHE_DIR)"
            ) from None

    def array(self, archive: Archive, key: str, row: int, client: str) -> SampleArray:
        """Map one client's inputs into memory.

        Returns
        -------
        ndarray of shape (n, n_features)
            Read-only, of the type that is stored.

        Raises
        ------
        DataError
            If they are of another shape, not finite, or not there.
        """
        where = f"{archive.where(key)} of {client}"
        block, mapped = self._mapped(archive, key, row, where)
        array = mapped if block.row is None else mapped[block.row]
        n_values = math.prod(array.shape[1:])
        if not array.ndim or n_values != self.n_features or not len(array):
            raise DataError(
                f"{where} has shape {array.shape}; expected (n, {self.n_features}), n at least 1"
            )
        if block.n_bad:
            raise DataError(f"{where} has {block.n_bad} values of {array.size} that are not finite")
        return array.reshape(len(array), self.n_features)

    def _mapped(
        self, archive: Archive, key: str, row: int, where: str
    ) -> tuple[Block, SampleArray]:
        for _attempt in range(2):
            block = self.blocks(archive, key)[row]
            if block.problem:
                raise DataError(where + block.problem)
            try:
                return block, read_block(self.folder(archive) / block.file)
            except (OSError, ValueError):  # swept away just now, or not whole: unpack again
                (self.folder(archive) / f"{archive.keys.index(key)}.json").unlink(missing_ok=True)
        raise DataError(f"{where} was unpacked to {self.folder(archive)} but cannot be read there")

    def _fits(self, shape: tuple[int, ...]) -> bool:
        return len(shape) > 0 and math.prod(shape[1:]) == self.n_features

    def _unpack(self, archive: Archive, key: str, folder: Path, stem: str) -> list[Block]:
        header = archive.header(key)
        if header.is_object:
            parts = per_client(archive.read(key), self.n_clients, self._fits, archive.where(key))
            return [_unpacked_part(part, folder, f"{stem}-{row}") for row, part in enumerate(parts)]
        name = f"{stem}.npy"
        as_stored = header.dtype.kind in "iuf" and header.dtype.isnative
        if as_stored and not header.fortran_order and header.dtype.itemsize <= 8:
            with atomic_file(folder / name) as stream:
                archive.copy(key, stream)
        else:
            array = numbers(archive.read(key), archive.where(key))
            write_block(folder / name, np.ascontiguousarray(array))
        parts = per_client(
            read_block(folder / name), self.n_clients, self._fits, archive.where(key)
        )
        whole = len(parts) == 1 and parts[0].ndim == len(header.shape)
        return [_scanned(part, name, None if whole else row) for row, part in enumerate(parts)]


def _unpacked_part(part: object, folder: Path, stem: str) -> Block:
    try:
        array = numbers(part, "")
    except DataError as error:  # another client's data does not hurt this one's
        return Block(problem=str(error))
    write_block(folder / f"{stem}.npy", np.ascontiguousarray(array))
    return _scanned(array, f"{stem}.npy", None)


def _scanned(array: npt.NDArray[Any], name: str, row: int | None) -> Block:
    n_bad, low, high = 0, np.inf, -np.inf
    for start in range(0, len(array) if array.ndim else 0, SCAN_ROWS):
        chunk = array[start : start + SCAN_ROWS]
        known = chunk[np.isfinite(chunk)] if chunk.dtype.kind == "f" else chunk
        n_bad += chunk.size - known.size
        if known.size:
            low, high = min(low, float(known.min())), max(high, float(known.max()))
    if low > high:  # no finite value at all
        low = high = 0.0
    return Block(name, row, "", n_bad, low, high)


def _index(folder: Path, stem: str) -> list[Block] | None:
    try:
        blocks = [Block(**entry) for entry in read_json(folder / f"{stem}.json")]
    except (OSError, ValueError, TypeError):
        return None
    # Old blocks are swept away one by one: an index without its blocks is none.
    there = all((folder / block.file).is_file() for block in blocks if not block.problem)
    return blocks if there else None
