"""Large arrays that were computed once: files in `CACHE_DIR/arrays`, mapped into memory."""

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from flhetero_dash.arrays import FloatArray
from flhetero_dash.blocks import atomic_file, exclusive, read_block


def mapped_rows(
    folder: Path, key: str, shape: tuple[int, int], compute: Callable[[], Iterable[FloatArray]]
) -> FloatArray:
    """Map the array of a key into memory; compute and write it where it is not there.

    Parameters
    ----------
    folder : Path
    key : str
        From `key_of`.
    shape : tuple of int
    compute : callable
        Gives the rows in parts of float32, so that they are never in memory together.

    Returns
    -------
    float32 ndarray
        Read-only. It stays readable when the file is swept away.
    """
    path = folder / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.npy"
    with exclusive(path.with_suffix(".lock")):
        try:
            found = read_block(path)
            if found.shape == shape and found.dtype == np.float32:
                return found
        except (OSError, ValueError):  # not there, or not whole
            pass
        header = {"descr": "<f4", "fortran_order": False, "shape": shape}
        with atomic_file(path) as stream:
            np.lib.format.write_array_header_1_0(stream, header)
            for rows in compute():
                stream.write(np.ascontiguousarray(rows, dtype="<f4").tobytes())
        return read_block(path)
