"""Stored arrays turned into checked values: names, numbers, class ids."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from flhetero_dash.data.errors import DataError

MAX_CLASSES = 100_000


def names(array: npt.NDArray[Any], where: str, *, n: int | None = None) -> tuple[str, ...]:
    """Read distinct names from an array of text.

    Parameters
    ----------
    array : ndarray of shape (n,)
        Text, or an object array of text.
    where : str
        File and key, for messages.
    n : int, optional
        How many there must be.

    Raises
    ------
    DataError
        If it is no row of names, of another length, or a name comes twice.
    """
    values = _text(array, where)
    if values.ndim != 1 or not values.size or (n is not None and len(values) != n):
        raise DataError(
            f"{where} has shape {values.shape}; expected {f'({n},)' if n else 'a row'} of names"
        )
    found: tuple[str, ...] = tuple(values.tolist())
    repeated = [name for name, count in Counter(found).items() if count > 1]
    if repeated:
        raise DataError(f"{where} has {repeated[0]!r} more than once; expected different names")
    return found


def one_text(array: npt.NDArray[Any], where: str) -> str:
    """Read a single text, of shape () or (1,)."""
    values = _text(array, where)
    if values.size != 1:
        raise DataError(f"{where} has shape {values.shape}; expected one text")
    return str(values.ravel()[0])


def texts(value: object, where: str) -> npt.NDArray[np.str_]:
    """Read an array of text of any shape."""
    return _text(stacked(value, where), where)


def stacked(value: object, where: str) -> npt.NDArray[Any]:
    """Make one plain array of a value from an object array: an array, or nested lists.

    Raises
    ------
    DataError
        If its parts have different lengths or hold anything but numbers or text.
    """
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        return value
    try:
        array = np.asarray(_lists(value))
    except (ValueError, TypeError, OverflowError):
        raise DataError(f"{where} has parts of different shapes; expected equal ones") from None
    if array.dtype.kind not in "biufUS":
        raise DataError(f"{where} holds {array.dtype} values; expected numbers or text")
    return array


def numbers(value: object, where: str) -> SampleArray:
    """Make one array of real numbers of a stored value; nothing is checked for being finite."""
    array = stacked(value, where)
    if array.dtype.kind == "b":
        return array.astype(np.uint8)
    if array.dtype.kind not in "iuf":
        raise DataError(f"{where} holds {array.dtype} values; expected numbers")
    return array.astype(np.float64) if array.dtype.itemsize > 8 else array


def whole_numbers(value: object, where: str) -> IntArray:
    """Read whole numbers, which may be stored as floats.

    Raises
    ------
    DataError
        If some are not finite or fractional; the message says how many.
    """
    array = numbers(value, where)
    if array.dtype.kind == "f":
        finite(array, where)
        fractional = int((array != np.floor(array)).sum())
        if fractional or (array.size and np.abs(array).max() > 2**53):
            raise DataError(
                f"{where} has {fractional} fractional of {array.size} values; "
                "expected whole numbers"
            )
    elif array.dtype.kind == "u" and array.size and int(array.max()) > 2**53:
        raise DataError(f"{where} has values up to {array.max()}; expected at most 2**53")
    return array.astype(np.int64)


def finite(array: SampleArray, where: str, *, gaps: bool = False) -> FloatArray:
    """Check that numbers are finite; `gaps` lets NaN through.

    Raises
    ------
    DataError
        If some are not; the message says how many.
    """
    good = np.isfinite(array) | np.isnan(array) if gaps else np.isfinite(array)
    bad = array.size - int(np.count_nonzero(good))
    if bad:
        raise DataError(f"{where} has {bad} values of {array.size} that are not finite")
    floats: FloatArray = array if array.dtype.kind == "f" else array.astype(np.float64)  # type: ignore[assignment]
    return floats


def class_ids(value: object, where: str, label_names: Sequence[str], *, named: bool) -> IntArray:
    """Read class ids.

    Parameters
    ----------
    value : ndarray of any shape
        Whole numbers, floats with whole values, or text that is in `label_names`.
    where : str
        File, key and client, for messages.
    label_names : sequence of str
        Names of the classes 0, 1, ...
    named : bool
        Whether these are all the classes there are; otherwise higher ids are accepted.

    Raises
    ------
    DataError
        If some are no class; the message says how many of them.
    """
    array = stacked(value, where)
    if array.dtype.kind in "US":
        return _named_classes(_text(array, where), where, label_names)
    ids = whole_numbers(array, where)
    n_classes = len(label_names) if named else MAX_CLASSES
    outside = int(((ids < 0) | (ids >= n_classes)).sum())
    if outside:
        raise DataError(
            f"{where} has {outside} of {ids.size} class ids out of range "
            f"(found {ids.min()} to {ids.max()}); expected 0 to {n_classes - 1}"
        )
    return ids


def per_client(
    array: npt.NDArray[Any], n_clients: int, fits: Callable[[tuple[int, ...]], bool], where: str
) -> list[Any]:
    """Split an array along its client axis.

    Parameters
    ----------
    array : ndarray
        Client axis first; with a single client that axis may be absent.
    n_clients : int
    fits : callable
        Whether a shape is that of a single client's part.
    where : str
        File and key, for messages.

    Returns
    -------
    list of length n_clients
        Arrays, or what an object array holds.

    Raises
    ------
    DataError
        If the first axis has another length.
    """
    if n_clients == 1:
        alone = not array.shape or array.shape[0] != 1
        if alone or (not array.dtype.hasobject and fits(array.shape)):
            return [array]
    if not array.shape or array.shape[0] != n_clients:
        raise DataError(
            f"{where} has shape {array.shape}; expected one part for each of {n_clients} clients"
        )
    return list(array)


def _named_classes(array: npt.NDArray[np.str_], where: str, label_names: Sequence[str]) -> IntArray:
    found, positions = np.unique(array, return_inverse=True)
    ids = {name: index for index, name in enumerate(label_names)}
    unknown = [str(name) for name in found if str(name) not in ids]
    if unknown:
        raise DataError(
            f"{where} has labels stored as text, {unknown[0]!r} among them; expected class ids "
            f"or names from label_names ({', '.join(label_names[:10])})"
        )
    table = np.array([ids[str(name)] for name in found], dtype=np.int64)
    return table[positions].reshape(array.shape)


def _text(array: npt.NDArray[Any], where: str) -> npt.NDArray[np.str_]:
    if array.dtype.hasobject and all(isinstance(value, str) for value in array.ravel().tolist()):
        return array.astype(np.str_)
    if array.dtype.kind == "S":
        try:
            return np.char.decode(array, "utf-8")
        except UnicodeDecodeError:
            raise DataError(f"{where} holds bytes that are no UTF-8; expected text") from None
    if array.dtype.kind != "U":
        raise DataError(f"{where} holds {array.dtype} values; expected text")
    return array


def _lists(value: object) -> object:
    if isinstance(value, np.ndarray) and value.dtype.hasobject:
        return [_lists(item) for item in value]
    if isinstance(value, list):
        return [_lists(item) for item in value]
    return value
