"""Where each record stands in the order of closeness to another one."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.analysis.devices import CPU, with_fallback
from flhetero_dash.analysis.rank_keys import TILE_ROWS, Measure, Tiles, distance_keys
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

GIB = 1 << 30
Progress = Callable[[int, int], None]  # is told how many rows are done, and of how many
# Bytes of a key, and of what is made of it on the way.
_KEY_BYTES, _TILE_BYTES = 12, 32


def neighbour_ranks(
    X: SampleArray,
    rows: IntArray,
    columns: IntArray,
    chunk_rows: int | None = None,
    *,
    memory_bytes: int = GIB,
    device: str = CPU,
    dtype: npt.DTypeLike = np.int32,
    progress: Progress | None = None,
) -> npt.NDArray[Any]:
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
        Rows worked on at a time; changes the memory, not the result.
    memory_bytes : int, default=1 GiB
        Bound of the working memory, the result apart; half of it is used.
    device : str, default='cpu'
        ``cuda``: by torch, on such a device; the result is the same.
    dtype : dtype, default=int32
        Of the result.
    progress : callable, optional

    Returns
    -------
    ndarray of shape (n_rows, n_columns)
        0 for the record itself, which is always first, to n_samples - 1; equal distances are
        ranked by record. Whole numbers (8-bit images) are compared exactly, others in double
        precision by the sum of squared differences.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    if not len(rows) or not len(columns):
        return np.empty((len(rows), len(columns)), dtype=dtype)
    measure = Measure.of(X)
    chunk = chunk_rows or _rows_at_a_time(X, measure, memory_bytes)

    def compute(where: str) -> npt.NDArray[Any]:
        tiles = Tiles(X, measure, memory_bytes // 4, where)
        ranks = np.empty((len(rows), len(columns)), dtype=dtype)
        find = _ranks_by_numpy if where == CPU else _ranks_by_torch
        for start in range(0, len(rows), chunk):
            block = rows[start : start + chunk]
            keys, lengths = distance_keys(tiles, block, len(X))
            part = ranks[start : start + chunk]
            for row, order, close in find(keys, lengths, tiles, columns, part):
                places = np.empty(len(X), dtype=np.int32)
                settled = _settled(order, close, X, int(block[row]), memory_bytes)
                places[settled] = np.arange(len(X), dtype=np.int32)
                part[row] = places[columns]
            if progress is not None:
                progress(min(start + chunk, len(rows)), len(rows))
        return ranks

    return with_fallback(compute, device)


def _rows_at_a_time(X: SampleArray, measure: Measure, memory_bytes: int) -> int:
    offsets = X.shape[1] * (4 if measure.single else 8)
    a_row: int = _KEY_BYTES * len(X) + _TILE_BYTES * min(len(X), TILE_ROWS) + 2 * offsets
    return max(1, memory_bytes // 4 // a_row)


Unsure = tuple[int, IntArray, npt.NDArray[np.bool_]]


def _ranks_by_numpy(
    keys: IntArray, lengths: FloatArray, tiles: Tiles, columns: IntArray, ranks: npt.NDArray[Any]
) -> Iterator[Unsure]:
    """Fill in the ranks; give the rows, with order and near ties, that are not sure."""
    measure = tiles.measure
    n_samples = keys.shape[1]
    positions = np.arange(n_samples, dtype=np.int32)
    places = np.empty(n_samples, dtype=np.int32)
    # Row by row, what is made of the keys stays in the processor's cache.
    for row, own in enumerate(keys):
        own.sort()
        order = own & measure.mask
        places[order] = positions
        ranks[row] = places[columns]
        if not measure.exact:
            distances = (own - order).view(np.float64)
            slack = measure.slack(lengths[row], distances[-1])
            close = np.diff(distances[1:]) <= slack
            if close.any():
                yield row, order, np.concatenate([[False], close])


def _ranks_by_torch(
    keys: Any,  # noqa: ANN401 - a tensor
    lengths: FloatArray,
    tiles: Tiles,
    columns: IntArray,
    ranks: npt.NDArray[Any],
) -> Iterator[Unsure]:
    """Fill in the ranks, as `_ranks_by_numpy` does."""
    torch, measure = tiles.xp, tiles.measure
    keys = keys.sort(dim=1).values
    order = keys & measure.mask
    positions = torch.arange(keys.shape[1], device=keys.device, dtype=torch.int32)
    places = torch.empty(keys.shape, device=keys.device, dtype=torch.int32)
    places.scatter_(1, order, positions.expand(keys.shape))
    wanted = tiles.moved(np.asarray(columns, dtype=np.int64))
    ranks[...] = places[:, wanted].cpu().numpy()
    if measure.exact:
        return
    distances = (keys - order).view(torch.float64)
    farthest = distances[:, -1].cpu().numpy()
    slack = measure.slack(lengths, farthest)
    close = distances.diff(dim=1) <= tiles.moved(slack)[:, None]
    close[:, 0] = False  # the record itself is first whatever the second's distance
    for row in close.any(dim=1).nonzero()[:, 0].tolist():
        yield row, order[row].cpu().numpy(), close[row].cpu().numpy()


def _settled(
    order: IntArray, close: npt.NDArray[np.bool_], X: SampleArray, row: int, memory_bytes: int
) -> IntArray:
    """Sort each run of nearly equal distances again, by the differences themselves."""
    edges = np.concatenate([[False], close, [False]])
    in_run = np.flatnonzero(edges[1:] | edges[:-1])
    run = np.cumsum(~edges[:-1])[in_run]  # one number for all records of a run
    records = order[in_run]
    source = np.asarray(X[row], dtype=np.float64)
    distances = np.empty(len(records))
    at_a_time = max(1, memory_bytes // 8 // (24 * max(X.shape[1], 1)))
    for start in range(0, len(records), at_a_time):
        part = slice(start, start + at_a_time)
        distances[part] = np.square(X[records[part]] - source).sum(axis=1)
    settled = order.copy()
    settled[in_run] = records[np.lexsort((records, distances, run))]
    return settled
