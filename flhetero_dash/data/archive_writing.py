"""Writing of .npz archives: whole or absent, and the same bytes for the same arrays."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.blocks import atomic_file


def write_archive(path: Path, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
    """Write a compressed .npz file.

    Not by `numpy.savez_compressed`: that takes the names as keywords, so a client called
    ``file`` could not be stored.

    Parameters
    ----------
    path : Path
        The file; its folder is made.
    arrays : mapping of str to ndarray
        Object arrays (one array a client or layer, of different lengths) become pickles, as the
        published system reads and writes them.

    Raises
    ------
    ValueError
        If a name cannot be a member of an archive.
    """
    for name in arrays:
        require_file_name(name)
    with (
        atomic_file(path) as stream,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive,
    ):
        for name, array in arrays.items():
            # A member opened by name is dated 1980: equal arrays give equal files.
            with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=array.dtype.hasobject)


def stacked(parts: Sequence[npt.NDArray[Any]]) -> npt.NDArray[Any]:
    """Put one array a client (or layer) behind a common first axis.

    Returns
    -------
    ndarray of shape (n_parts, ...)
        A plain array where all parts have one shape, else an object array of the parts.
    """
    if len({part.shape for part in parts}) == 1:
        return np.stack(parts)
    ragged = np.empty(len(parts), dtype=object)
    for row, part in enumerate(parts):
        ragged[row] = np.ascontiguousarray(part)
    return ragged


def require_file_name(name: str) -> None:
    """Raise ValueError unless a name stays in its folder whatever it is joined to."""
    if not name or name in {".", ".."} or any(character in name for character in "/\\\0"):
        raise ValueError(f"name {name!r}: expected one that fits in a file name")


def require_shape(
    path: Path, key: str, array: npt.NDArray[Any], expected: tuple[int | str, ...]
) -> None:
    """Raise ValueError unless an array has a shape; a word in `expected` stands for any length."""
    fits = array.ndim == len(expected) and all(
        isinstance(wanted, str) or found == wanted
        for found, wanted in zip(array.shape, expected, strict=True)
    )
    if not fits:
        wanted = ", ".join(map(str, expected)) + ("," if len(expected) == 1 else "")
        raise ValueError(f"{path}: '{key}' is {array.shape}, expected ({wanted})")
