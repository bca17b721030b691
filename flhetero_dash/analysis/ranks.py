"""Where each record stands in the order of closeness to another one."""

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

# Working memory of one block of rows, and records turned into double precision at a time.
_BLOCK_BYTES = 128 * 2**20
_TILE_ROWS = 4096
# Bits of the integers that double precision holds exactly, and of a sortable key.
_EXACT_BITS = 53
_KEY_BITS = 63


def neighbour_ranks(
    X: SampleArray, rows: IntArray, columns: IntArray, chunk_rows: int | None = None
) -> npt.NDArray[np.int32]:
    """Rank records by their Euclidean distance from others, among all records.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        All records that are ranked.
    rows : ndarray of int, shape (n_rows,)
        Records from which distances are taken.
    columns : ndarray of int, shape (n_columns,)
        Records whose ranks are wanted.
    chunk_rows : int, optional
        Rows worked on at a time; bounds the memory and changes nothing else.

    Returns
    -------
    ndarray of int32, shape (n_rows, n_columns)
        0 for the record itself, which is always first, to n_samples - 1; equal distances are
        ranked by record. Whole numbers (8-bit images) are compared exactly, others in double
        precision by the sum of squared differences.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    ranks = np.empty((len(rows), len(columns)), dtype=np.int32)
    if ranks.size == 0:
        return ranks
    origin, exact = _origin(X)
    chunk = chunk_rows or max(1, _BLOCK_BYTES // (32 * len(X)))
    positions = np.arange(len(X), dtype=np.int32)
    for start in range(0, len(rows), chunk):
        block = rows[start : start + chunk]
        distances = _squared_distances(X, block, origin)
        order = _exact_order(distances, block) if exact else _order(distances, block, X, origin)
        places = np.empty(order.shape, dtype=np.int32)
        np.put_along_axis(places, order, positions[None, :], axis=1)
        ranks[start : start + chunk] = places[:, columns]
    return ranks


def _origin(X: SampleArray) -> tuple[FloatArray, bool]:
    """Point to measure from, and whether squared distances are then exact whole numbers."""
    low, high = X.min(axis=0), X.max(axis=0)
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        raise ValueError("X holds values that are not finite")
    spread = np.asarray(high, dtype=np.float64) - np.asarray(low, dtype=np.float64)
    # Every partial sum of |a|^2 + |b|^2 - 2ab stays below four times this.
    largest = 4.0 * float(np.square(spread).sum()) + 1.0
    index_bits = int(len(X)).bit_length()
    fits = np.log2(largest) < min(_EXACT_BITS, _KEY_BITS - index_bits)
    if fits and _is_whole(X):
        return np.asarray(low, dtype=np.float64), True
    return np.asarray(np.mean(X, axis=0, dtype=np.float64)), False


def _is_whole(X: SampleArray) -> bool:
    if np.issubdtype(X.dtype, np.integer):
        return True
    tiles = (X[start : start + _TILE_ROWS] for start in range(0, len(X), _TILE_ROWS))
    return all(bool(np.equal(tile, np.rint(tile)).all()) for tile in tiles)


def _squared_distances(X: SampleArray, rows: IntArray, origin: FloatArray) -> FloatArray:
    sources = X[rows] - origin
    distances = np.empty((len(rows), len(X)))
    for start in range(0, len(X), _TILE_ROWS):
        tile = X[start : start + _TILE_ROWS] - origin
        part = distances[:, start : start + _TILE_ROWS]
        np.matmul(sources, tile.T, out=part)
        part *= -2.0
        part += np.square(tile).sum(axis=1)
    distances += np.square(sources).sum(axis=1)[:, None]
    return distances


def _exact_order(distances: FloatArray, rows: IntArray) -> IntArray:
    """Order by (distance, record), by sorting both in one integer."""
    shift = int(distances.shape[1]).bit_length()
    keys = (distances.astype(np.int64) + 1) << shift
    keys |= np.arange(distances.shape[1])
    # The record itself comes before its copies.
    keys[np.arange(len(rows)), rows] = rows
    keys.sort(axis=1)
    keys &= (1 << shift) - 1
    return keys


def _order(distances: FloatArray, rows: IntArray, X: SampleArray, origin: FloatArray) -> IntArray:
    """Order by (distance, record); what rounding may have exchanged is compared again."""
    here = np.arange(len(rows))
    lengths = np.square(X[rows] - origin).sum(axis=1)
    distances[here, rows] = -np.inf
    order = distances.argsort(axis=1)
    ascending = np.take_along_axis(distances, order, axis=1)
    farthest = np.maximum(ascending[:, -1], 0.0)
    # Rounding of |a|^2 + |b|^2 - 2ab, where |b| <= |a| + the distance between them.
    slack = 8 * np.finfo(np.float64).eps * (X.shape[1] + 4) * (lengths + farthest)
    close = np.diff(ascending, axis=1) <= slack[:, None]
    for row in np.flatnonzero(close.any(axis=1)):
        order[row] = _settled(order[row], close[row], X, int(rows[row]))
    return order


def _settled(order: IntArray, close: npt.NDArray[np.bool_], X: SampleArray, row: int) -> IntArray:
    """Sort each run of nearly equal distances again, by the differences themselves."""
    settled = order.copy()
    edges = np.flatnonzero(np.diff(np.concatenate([[False], close, [False]]).astype(np.int8)))
    source = np.asarray(X[row], dtype=np.float64)
    for first, last in edges.reshape(-1, 2):
        run = order[first : last + 1]
        distances = np.square(X[run] - source).sum(axis=1)
        settled[first : last + 1] = run[np.lexsort((run, distances))]
    return settled
