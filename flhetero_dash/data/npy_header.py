"""Headers of ``.npy`` data, checked before any of the data is read."""

import math
import re
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt

from flhetero_dash.data.errors import DataError

MAGIC = b"\x93NUMPY"
MAX_HEADER_BYTES = 10_000
MAX_DIMENSIONS = 32
# Plain numbers, fixed-width text and objects; no records, no dates, no raw bytes.
_DTYPE = re.compile(r"[<>|=]?(?:[biufcSU](?P<size>[0-9]{1,9})|\?|(?P<object>O[0-9]?))")
_DESCR = re.compile(r"'descr'\s*:\s*'([^']*)'")
_ORDER = re.compile(r"'fortran_order'\s*:\s*(True|False)")
_SHAPE = re.compile(r"'shape'\s*:\s*\(([0-9,\sL]*)\)")


@dataclass(frozen=True)
class NpyHeader:
    """What an array says about itself.

    Attributes
    ----------
    dtype : numpy.dtype
        ``object`` when the data is a pickle.
    shape : tuple of int
    fortran_order : bool
    offset : int
        Where the data starts, in bytes.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran_order: bool
    offset: int

    @property
    def is_object(self) -> bool:
        """Whether the data is a pickle."""
        return self.dtype.hasobject

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def n_bytes(self) -> int:
        """Size of the array in memory, in bytes."""
        return self.size * self.dtype.itemsize


def plain_dtype(text: str, where: str) -> np.dtype[Any]:
    """Make a dtype of a name that can only be a plain one.

    Raises
    ------
    DataError
        If it is structured, a date, raw bytes, of no size, or no name of a type.
    """
    match = _DTYPE.fullmatch(text)
    if match is None or (match["size"] is not None and int(match["size"]) == 0):
        raise DataError(f"{where} has type {text[:40]!r}; expected numbers or text")
    try:
        return np.dtype(object) if match["object"] else np.dtype(text)
    except (TypeError, ValueError):
        raise DataError(f"{where} has type {text!r}; expected numbers or text") from None


def read_header(stream: BinaryIO, where: str) -> NpyHeader:
    """Read a header and leave the stream at the first byte of the data.

    Parameters
    ----------
    stream : file object
        At its start.
    where : str
        File and key, for messages.

    Raises
    ------
    DataError
        If this is not an array that can be read.
    """
    start = stream.read(8)
    width = {1: 2, 2: 4, 3: 4}.get(start[6] if len(start) == 8 else 0)
    if start[:6] != MAGIC or width is None:
        raise DataError(f"{where} is no array; expected .npy data of version 1, 2 or 3")
    length = int.from_bytes(stream.read(width), "little")
    text = stream.read(length) if length <= MAX_HEADER_BYTES else b""
    if len(text) != length or not length:
        raise DataError(
            f"{where} has a header of {length} bytes; expected at most {MAX_HEADER_BYTES}"
        )
    return _parsed(text.decode("latin1"), 8 + width + length, where)


def _parsed(text: str, offset: int, where: str) -> NpyHeader:
    descr, order, shape = (pattern.search(text) for pattern in (_DESCR, _ORDER, _SHAPE))
    if descr is None or order is None or shape is None:
        raise DataError(f"{where} has header {text[:80]!r}; expected a plain type and a shape")
    lengths = [part.strip().rstrip("L") for part in shape[1].split(",") if part.strip()]
    if len(lengths) > MAX_DIMENSIONS or not all(
        part.isdigit() and len(part) <= 15 for part in lengths
    ):
        raise DataError(f"{where} has shape ({shape[1][:80]}); expected a few whole numbers")
    return NpyHeader(
        plain_dtype(descr[1], where), tuple(map(int, lengths)), order[1] == "True", offset
    )


def checked_text(array: npt.NDArray[Any], where: str) -> npt.NDArray[Any]:
    """Give an array back if what it holds as text is text: numpy takes any number for a letter."""
    if array.dtype.kind == "U" and array.size:
        letters = np.ascontiguousarray(array).reshape(-1).view(np.uint32)
        if ((letters > 0x10FFFF) | ((letters >= 0xD800) & (letters <= 0xDFFF))).any():
            raise DataError(f"{where} holds characters that do not exist; expected text")
    return array
