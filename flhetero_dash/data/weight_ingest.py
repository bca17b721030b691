"""One model's parameters over all rounds, unpacked once into one memory-mapped array a layer."""

import hashlib
import logging
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from flhetero_dash.arrays import FloatArray
from flhetero_dash.blocks import exclusive, read_block, read_json, write_block, write_json
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import BeingWrittenError, DataError
from flhetero_dash.data.files import ABSENT, Files
from flhetero_dash.data.identity import Signature
from flhetero_dash.data.weights import read_vectors, require_stackable

LOGGER = logging.getLogger(__name__)
# Change it when the blocks change, so that old ones are not read.
VERSION = 1


@dataclass(frozen=True)
class Rounds:
    """Parameters of a client or the server after each round.

    Attributes
    ----------
    first : Path or None
        The first file that is there; None: no round is.
    layers : tuple of ndarray of shape (n_rounds, p)
        One a layer and, last, of All; read-only; NaN in rounds that are missing.
    """

    first: Path | None
    layers: tuple[FloatArray, ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        """Parameters sampled of each layer."""
        return tuple(layer.shape[1] for layer in self.layers)


class WeightIngest:
    """Unpacks files of weights into ``arrays`` below a cache folder.

    Parameters
    ----------
    files : Files
    root : Path
        Folder of the unpacked arrays.
    """

    def __init__(self, files: Files, root: Path) -> None:
        self._files, self._root = files, root

    def rounds(self, paths: tuple[Path, ...], n_layers: int | None) -> Rounds:
        """Give what the files of all rounds hold.

        Parameters
        ----------
        paths : tuple of Path
            One a round, there or not.
        n_layers : int or None
            How many layers there must be, if that is known.

        Raises
        ------
        DataError
            If a file cannot be used, or does not fit the others.
        """
        signatures = [Signature.of(path) for path in paths]
        there = [path for path, signature in zip(paths, signatures, strict=True) if signature]
        if not there:
            # What is no regular file is told by whoever reads it.
            there = [path for path in paths if self._files.digest(path) != ABSENT]
            if not there:
                return Rounds(None, ())
        note = self._root / "weights-seen" / f"{_hashed(paths, signatures, n_layers)}.json"
        layers = self._noted(note, len(paths))
        if layers is None:
            digests = [self._files.digest(path) for path in paths]
            name = f"weights-{VERSION}-{_hashed(digests, n_layers)}"
            layers = self._unpacked(name, paths, digests, n_layers)
            if all(signature is None or signature.is_settled() for signature in signatures):
                self._note(note, name)
        return Rounds(there[0], layers)

    def _noted(self, note: Path, n_rounds: int) -> tuple[FloatArray, ...] | None:
        try:
            name = read_json(note)
        except (OSError, ValueError):
            return None
        return _mapped(self._root / str(name), n_rounds)

    def _note(self, note: Path, name: str) -> None:
        try:
            note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_json(note, name)
        except OSError as error:
            LOGGER.warning("%s cannot be written (%s)", note, error.strerror)

    def _unpacked(
        self, name: str, paths: tuple[Path, ...], digests: list[str], n_layers: int | None
    ) -> tuple[FloatArray, ...]:
        folder = self._root / name
        if (found := _mapped(folder, len(paths))) is not None:
            return found
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with exclusive(folder / "lock"):
                if (found := _mapped(folder, len(paths))) is not None:
                    return found
                stacked, lengths = self._stacked(paths, digests, n_layers)
                write_block(folder / "rounds.npy", stacked)
                write_json(folder / "lengths.json", lengths)
        except OSError as error:
            LOGGER.warning("%s cannot be written (%s): unpacked anew", folder, error.strerror)
            stacked, lengths = self._stacked(paths, digests, n_layers)
        return _split(stacked, lengths, len(paths))

    def _stacked(
        self, paths: tuple[Path, ...], digests: list[str], n_layers: int | None
    ) -> tuple[FloatArray, list[int]]:
        """Put the layers one behind the other, each with its rounds in rows."""
        stacked: FloatArray = np.empty(0)
        lengths: list[int] = []
        first = ""
        layers: tuple[FloatArray, ...] = ()
        for index, (path, digest) in enumerate(zip(paths, digests, strict=True)):
            if digest == ABSENT:
                continue
            vectors = self._read(path, digest, n_layers)
            found = [len(vector) for vector in vectors]
            if not lengths:
                lengths, first = found, path.name
                require_stackable(len(paths), sum(lengths))
                stacked = np.full(len(paths) * sum(lengths), np.nan)
                layers = _split(stacked, lengths, len(paths))
            require_lengths(path, tuple(found), tuple(lengths), first)
            for layer, vector in zip(layers, vectors, strict=True):
                layer[index] = vector
        return stacked, lengths

    def _read(self, path: Path, digest: str, n_layers: int | None) -> tuple[FloatArray, ...]:
        def read(archive: Archive) -> tuple[FloatArray, ...]:
            if archive.digest != digest:
                raise BeingWrittenError(f"{path}: changed while it was read")
            return read_vectors(archive, n_layers)

        return self._files.read_now(path, read)


def require_lengths(
    path: Path, found: tuple[int, ...], expected: tuple[int, ...], first: str
) -> None:
    """Raise DataError unless a file has as many parameters of each layer as another has."""
    if found != expected:
        raise DataError(
            f"{path}: 'layers' and 'all' have {found} parameters; "
            f"expected {expected}, as {first} has"
        )


def _hashed(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _mapped(folder: Path, n_rounds: int) -> tuple[FloatArray, ...] | None:
    """Open what was unpacked; None if it is not there, or not whole."""
    try:
        lengths = [int(length) for length in read_json(folder / "lengths.json")]
        return _split(read_block(folder / "rounds.npy"), lengths, n_rounds)
    except (OSError, ValueError, TypeError):
        return None


def _split(stacked: FloatArray, lengths: list[int], n_rounds: int) -> tuple[FloatArray, ...]:
    if stacked.shape != (n_rounds * sum(lengths),):
        raise ValueError(f"shape {stacked.shape}, expected {n_rounds} rounds of {lengths}")
    ends = [n_rounds * end for end in np.cumsum([0, *lengths]).tolist()]
    # A plain view: each slice of a mapped array would cost as much as opening it.
    plain = stacked.view(np.ndarray)
    return tuple(plain[start:end].reshape(n_rounds, -1) for start, end in pairwise(ends))
