"""Sortable keys: the squared distance to each record, and the record, in one integer.

Sorting such keys orders records by (distance, record) without a second array, and much faster
than sorting indices. The functions take numpy arrays or torch tensors alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from flhetero_dash.analysis.devices import CPU, array_namespace, torch_device
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

# Records turned into floating point at a time.
TILE_ROWS = 1024
# Below all others: a record comes before its copies.
SELF = -(1 << 62)
# Bits of the whole numbers that single and double precision hold exactly, and of a key.
_SINGLE_BITS, _DOUBLE_BITS, _KEY_BITS = 24, 53, 62
# Single precision pays when at least so many columns can be added up exactly.
_LEAST_COLUMNS = 64
_SAMPLE_ROWS = 256
_FAR = 16.0
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class Measure:
    """How the distances between the records of one table become keys.

    Attributes
    ----------
    origin : ndarray of shape (n_features,)
        Point to measure from: small offsets lose less to rounding.
    exact : bool
        Whether squared distances are whole numbers that every step holds exactly.
    width : int
        Columns whose products are added up at a time.
    single : bool
        Whether single precision holds these sums exactly.
    index_bits : int
        Low bits of a key, which hold the record.
    """

    origin: FloatArray
    exact: bool
    width: int
    single: bool
    index_bits: int

    @classmethod
    def of(cls, X: SampleArray) -> "Measure":
        """Look at a table; ValueError if a value is not finite."""
        index_bits = int(len(X)).bit_length()
        n_columns = X.shape[1]
        if _is_whole(X):
            low, high = X.min(axis=0).astype(np.float64), X.max(axis=0).astype(np.float64)
            if not (np.isfinite(low).all() and np.isfinite(high).all()):
                raise ValueError("X holds values that are not finite")
            origin = np.floor((low + high) / 2)
            reach = np.maximum(high - origin, origin - low)
            # Of |b|^2 - 2ab, where both offsets are at most the reach.
            largest = 3.0 * float(np.square(reach).sum()) + 1.0
            bits = np.log2(largest) + 1
            if bits < _DOUBLE_BITS and bits + index_bits < _KEY_BITS:
                farthest = max(float(reach.max(initial=0.0)), 1.0)
                width = int(2**_SINGLE_BITS // farthest**2)
                single = width >= min(n_columns, _LEAST_COLUMNS)
                return cls(origin, True, width if single else n_columns, single, index_bits)
        return cls(_near_enough(X), False, n_columns, False, index_bits)

    @property
    def mask(self) -> int:
        """The bits of the record in a key."""
        return (1 << self.index_bits) - 1

    def slack(self, own: FloatArray, farthest: FloatArray) -> FloatArray:
        """Bound what rounding and packing may change of a record's squared distances.

        Parameters
        ----------
        own : float, or ndarray of one for each record
            Squared offset of the record from the origin.
        farthest : float, or ndarray of one for each record
            Largest of its squared distances.
        """
        # Rounding of |a|^2 + |b|^2 - 2ab, where |b| <= |a| + the distance between them.
        rounding = 8 * _EPS * (len(self.origin) + 4) * (own + farthest)
        return rounding + 2 * _EPS * (1 << self.index_bits) * farthest


def _is_whole(X: SampleArray) -> bool:
    if np.issubdtype(X.dtype, np.integer):
        return True
    tiles = (X[start : start + 256] for start in range(0, len(X), 256))
    return all(bool(np.equal(tile, np.rint(tile)).all()) for tile in tiles)


def _near_enough(X: SampleArray) -> FloatArray:
    """Give 0, unless the records lie so far from it that rounding would cost much."""
    some = X[:: max(1, len(X) // _SAMPLE_ROWS)]
    mean = some.mean(axis=0, dtype=np.float64)
    spread = np.square(some - mean).sum() / len(some)
    return np.zeros_like(mean) if np.square(mean).sum() <= _FAR * spread else mean


class Tiles:
    """The records in floating point on a device, some at a time; all are kept if they fit.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    measure : Measure
    memory_bytes : int
        Most bytes that may be kept.
    device : str
    """

    def __init__(self, X: SampleArray, measure: Measure, memory_bytes: int, device: str) -> None:
        self._X, self.measure, self.device = X, measure, device
        self.xp = array_namespace(device)
        self._single = measure.single and device == CPU
        self._keeps = X.size * (4 if self._single else 8) <= memory_bytes
        self._kept: dict[int, tuple[Any, Any]] = {}
        self._moves = bool(measure.origin.any())

    def __iter__(self) -> Iterator[tuple[int, Any, Any]]:
        """Give the first row of each tile, its offsets from the origin, their squares' sums."""
        for start in range(0, len(self._X), TILE_ROWS):
            tile = self._kept.get(start) or self.offsets(slice(start, start + TILE_ROWS))
            if self._keeps:
                self._kept[start] = tile
            yield start, *tile

    def offsets(self, rows: slice | IntArray) -> tuple[Any, Any]:
        """Give the offsets of some records from the origin, and their squares' sums."""
        kind: type[np.floating[Any]] = np.float32 if self._single else np.float64
        offsets: FloatArray = np.asarray(self._X[rows], dtype=kind)
        if self._moves:
            offsets = offsets - self.measure.origin.astype(kind)
        lengths = np.zeros(len(offsets))
        for columns in self._columns():
            part = offsets[:, columns]
            lengths += np.einsum("ij,ij->i", part, part)
        if not np.isfinite(lengths).all():
            raise ValueError("X holds values that are not finite")
        return self.moved(offsets), self.moved(lengths)

    def products(self, sources: Any, tile: Any) -> Any:  # noqa: ANN401 - arrays of the device
        """Multiply offsets, of shapes (n_sources, n_features) and (n_tile, n_features)."""
        first, *others = (sources[:, c] @ tile[:, c].T for c in self._columns())
        if not others:
            return first
        total = self.empty((len(sources), len(tile)), "float64")
        total[...] = first
        for other in others:
            total += other
        return total

    def moved(self, array: FloatArray | IntArray) -> Any:  # noqa: ANN401 - arrays of the device
        """Bring an array to the device."""
        if self.device == CPU:
            return array
        return self.xp.asarray(array, device=torch_device(self.device))

    def empty(self, shape: tuple[int, ...], kind: str) -> Any:  # noqa: ANN401 - arrays of the device
        """Make an array on the device."""
        options = {} if self.device == CPU else {"device": torch_device(self.device)}
        return self.xp.empty(shape, dtype=getattr(self.xp, kind), **options)

    def _columns(self) -> Iterator[slice]:
        width = self.measure.width if self._single else self._X.shape[1]
        for start in range(0, max(self._X.shape[1], 1), max(width, 1)):
            yield slice(start, start + width)


def distance_keys(tiles: Tiles, rows: IntArray, n_samples: int) -> tuple[Any, FloatArray]:
    """Make the keys of all records as seen from some of them.

    Returns
    -------
    keys : array or tensor of int64, shape (n_rows, n_samples)
        Ascending with (distance, record), but where `Measure.exact` is False only up to
        `Measure.slack`.
    lengths : ndarray of shape (n_rows,)
        Squared offsets of these records from the origin.
    """
    measure = tiles.measure
    sources, own = tiles.offsets(rows)
    keys = tiles.empty((len(rows), n_samples), "int64")
    for start, tile, lengths in tiles:
        part = keys[:, start : start + len(tile)]
        records = tiles.moved(np.arange(start, start + len(tile)))
        products = tiles.products(sources, tile)
        if measure.exact:
            part[...] = products
            part *= -(2 << measure.index_bits)
            part += _as_int64(lengths) * (1 << measure.index_bits) + records
        else:
            products *= -2.0
            products += lengths
            products += own[:, None]
            bits = products.clip(0.0).view(tiles.xp.int64)
            bits &= ~measure.mask
            bits |= records
            part[...] = bits
    here = tiles.moved(np.arange(len(rows)))
    records = tiles.moved(np.asarray(rows, dtype=np.int64))
    keys[here, records] = records + SELF
    return keys, own if tiles.device == CPU else own.cpu().numpy()


def _as_int64(lengths: Any) -> Any:  # noqa: ANN401 - arrays of the device
    return lengths.astype(np.int64) if isinstance(lengths, np.ndarray) else lengths.long()
