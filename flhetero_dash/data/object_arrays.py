"""Object arrays built by our own code from what a pickle says."""

import io
import math
from typing import IO, Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from flhetero_dash.data.errors import DataError
from flhetero_dash.data.npy_header import MAX_DIMENSIONS, checked_text, plain_dtype
from flhetero_dash.data.pickles import Call, Name, read_tokens

MAX_ELEMENTS = 4_000_000
MAX_DEPTH = 6
MAX_REPEATS = 8
MAX_TEXT_BYTES = 256 << 20
_MULTIARRAY = ("numpy.core.multiarray", "numpy._core.multiarray")
_RECONSTRUCT = {Name(module, "_reconstruct") for module in _MULTIARRAY}
_SCALAR = {Name(module, "scalar") for module in _MULTIARRAY}
_FROM_BUFFER = {Name(f"numpy.{core}.numeric", "_frombuffer") for core in ("core", "_core")}
_DTYPE = Name("numpy", "dtype")
_NDARRAY = Name("numpy", "ndarray")
_ENCODE = Name("_codecs", "encode")
_NO_BYTES = Name("__builtin__", "bytes")


def read_objects(
    stream: IO[bytes], n_bytes: int, shape: tuple[int, ...], where: str, *, dictionary: bool
) -> npt.NDArray[Any]:
    """Read the pickle of an object array.

    Parameters
    ----------
    stream : file object
        At the first byte of the pickle.
    n_bytes : int
        Length of the pickle.
    shape : tuple of int
        Shape that the array's header promises.
    where : str
        File and key, for messages.
    dictionary : bool
        Whether dicts of name to array are accepted.

    Returns
    -------
    ndarray of object
        Its elements are arrays, lists, numbers, text, None, or dicts of these.

    Raises
    ------
    DataError
        If the pickle holds anything else, or too much.
    """
    buffered = io.BufferedReader(cast(Any, stream), 1 << 16)
    try:
        token = read_tokens(cast(BinaryIO, buffered), n_bytes, where, dictionary=dictionary)
        if buffered.read(1):
            raise DataError(f"{where} goes on after its data")
    finally:
        buffered.detach()
    array = _Builder(where, n_bytes).value(token, 0)
    if not isinstance(array, np.ndarray) or not array.dtype.hasobject or array.shape != shape:
        raise DataError(f"{where} holds {_kind(array)}; expected an object array of shape {shape}")
    return array


class _Builder:
    """Turns tokens into values, within a budget of elements and of depth."""

    def __init__(self, where: str, n_bytes: int) -> None:
        self._where = where
        self._left = MAX_ELEMENTS
        self._bytes_left = max(MAX_REPEATS * n_bytes, 1 << 20)
        self._n_texts = self._longest = 0

    def value(self, token: object, depth: int) -> Any:  # noqa: ANN401 - what the file holds
        self._left -= 1
        if depth > MAX_DEPTH or self._left < 0:
            raise DataError(
                f"{self._where} is nested too deeply or has too many objects; expected at most "
                f"{MAX_ELEMENTS}, {MAX_DEPTH} deep"
            )
        if isinstance(token, str):
            return self._text(token)
        if token is None or isinstance(token, bool | int | float):
            return token
        if isinstance(token, list | tuple):
            return [self.value(item, depth + 1) for item in token]
        if isinstance(token, dict):
            return {self._key(key): self.value(item, depth + 1) for key, item in token.items()}
        if isinstance(token, Call):
            return self._called(token, depth)
        raise self._unknown(token)

    def _called(self, call: Call, depth: int) -> Any:  # noqa: ANN401 - what the file holds
        if call.function in _RECONSTRUCT and call.arguments[:1] == (_NDARRAY,):
            return self._array(call, depth)
        if call.function in _SCALAR and len(call.arguments) == 2 and not call.has_state:
            dtype = self._dtype(call.arguments[0])
            return self.value(self._numbers(call.arguments[1], dtype, ()).item(), depth)
        if call.function in _FROM_BUFFER and len(call.arguments) == 4 and not call.has_state:
            data, dtype, shape, order = call.arguments
            return self._numbers(data, self._dtype(dtype), self._shape(shape), order == "F")
        raise self._unknown(call.function)

    def _array(self, call: Call, depth: int) -> npt.NDArray[Any]:
        state = call.state
        if not isinstance(state, tuple) or len(state) != 5:
            raise self._unknown("an array without a state")
        _, shape, dtype, fortran_order, data = state
        kind, lengths = self._dtype(dtype), self._shape(shape)
        if not kind.hasobject:
            return self._numbers(data, kind, lengths, fortran_order is True)
        if not isinstance(data, list) or len(data) != math.prod(lengths):
            raise self._unknown("an object array whose items do not fill it")
        array = np.empty(len(data), dtype=object)
        for index, item in enumerate(data):
            array[index] = self.value(item, depth + 1)
        return array.reshape(lengths, order="F" if fortran_order is True else "C")

    def _numbers(
        self, data: object, dtype: np.dtype[Any], shape: tuple[int, ...], fortran: bool = False
    ) -> npt.NDArray[Any]:
        raw = self._bytes(data)
        if dtype.hasobject or raw is None or len(raw) != math.prod(shape) * dtype.itemsize:
            found = "no bytes" if raw is None else f"{len(raw)} bytes"
            raise DataError(
                f"{self._where} holds an array of {dtype} and shape {shape} in {found}; "
                f"expected {math.prod(shape) * dtype.itemsize}"
            )
        array = np.frombuffer(raw, dtype).reshape(shape, order="F" if fortran else "C")
        if not dtype.isnative:
            array = array.astype(dtype.newbyteorder("="))
        # One run of bytes may be mentioned many times: what that unfolds to is bounded.
        self._bytes_left -= array.nbytes
        if self._bytes_left < 0:
            raise DataError(f"{self._where} repeats its arrays too often; expected each once")
        return checked_text(array, self._where)

    def _text(self, text: str) -> str:
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            raise self._unknown("characters that do not exist")
        self._n_texts += 1
        self._longest = max(self._longest, len(text))
        # As one array every text takes as much room as the longest.
        if self._longest * self._n_texts * 4 > MAX_TEXT_BYTES:
            raise DataError(
                f"{self._where} has {self._n_texts} texts of up to {self._longest} letters; "
                "expected short names"
            )
        return text

    def _bytes(self, data: object) -> bytes | None:
        if isinstance(data, bytes):
            return data
        # Protocol 2 has no bytes: it writes them as text and asks for its encoding.
        if isinstance(data, Call) and (data.function, data.arguments) == (_NO_BYTES, ()):
            return b""
        if isinstance(data, Call) and data.function == _ENCODE and len(data.arguments) == 2:
            text, encoding = data.arguments
            if isinstance(text, str) and encoding == "latin1":
                try:
                    return text.encode("latin1")
                except UnicodeEncodeError:
                    return None
        return None

    def _dtype(self, token: object) -> np.dtype[Any]:
        if (
            not isinstance(token, Call)
            or token.function != _DTYPE
            or not token.arguments
            or not isinstance(token.arguments[0], str)
        ):
            raise self._unknown("a type")
        order = "|"
        if token.has_state:
            state = token.state
            if not isinstance(state, tuple) or len(state) < 8 or state[2:5] != (None,) * 3:
                raise self._unknown("a structured type")
            order = state[1] if state[1] in ("<", ">", "|", "=") else "|"
        name = token.arguments[0].lstrip("<>|=")
        return plain_dtype(name if order == "|" else order + name, self._where)

    def _shape(self, token: object) -> tuple[int, ...]:
        if (
            not isinstance(token, tuple)
            or len(token) > MAX_DIMENSIONS
            or not all(type(length) is int and 0 <= length < 1 << 48 for length in token)
        ):
            raise self._unknown("a shape")
        return token

    def _key(self, token: object) -> str:
        key = self.value(token, MAX_DEPTH)
        if not isinstance(key, str):
            raise self._unknown("a key that is no text")
        return key

    def _unknown(self, found: object) -> DataError:
        shown = f"{found.module}.{found.name}" if isinstance(found, Name) else _kind(found)
        return DataError(f"{self._where} holds {shown[:80]}; expected arrays, numbers or text")


def _kind(value: object) -> str:
    if isinstance(value, np.ndarray):
        return f"an array of {value.dtype} and shape {value.shape}"
    return value if isinstance(value, str) else f"a {type(value).__name__}"
