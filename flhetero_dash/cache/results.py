"""Memoised results in `CACHE_DIR`: keys, single flight, size bound."""

import dataclasses
import hashlib
import logging
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from flask import Flask
from flask_caching import Cache
from flask_caching.backends.filesystemcache import FileSystemCache

from flhetero_dash.blocks import exclusive
from flhetero_dash.cache.serializer import BlockSerializer

LOGGER = logging.getLogger(__name__)
Record = TypeVar("Record")
Scalar = str | int | float | bool | None
HEADER_BYTES = 512  # of an entry beside its arrays, about
MEMORY_BYTES = 64 << 20  # of answers that a process holds besides
PARTIAL = ".__wz_cache"  # what cachelib calls a file that is being written
PARTIAL_AGE_S = 3600  # an unfinished file older than this belongs to a killed process


class BlockFileSystemCache(FileSystemCache):
    """Flask-Caching's file system cache, without pickle and without an entry count.

    The count is cachelib's: it breaks with several processes and can then wipe the folder.
    """

    serializer = BlockSerializer()

    @classmethod
    def factory(
        cls, app: Flask, config: dict[str, Any], args: list[Any], kwargs: dict[str, Any]
    ) -> "BlockFileSystemCache":
        """Build it for Flask-Caching."""
        del app, args, kwargs
        return cls(config["CACHE_DIR"], threshold=0, default_timeout=0)


class _Memory:
    """The answers that were read last: a click asks for the same few again and again."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes, self._n_bytes = max_bytes, 0
        self._held: OrderedDict[str, tuple[object, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> object | None:
        with self._lock:
            if key not in self._held:
                return None
            self._held.move_to_end(key)
            return self._held[key][0]

    def put(self, key: str, record: object, n_bytes: int) -> None:
        with self._lock:
            self._n_bytes += n_bytes - self._held.pop(key, (None, 0))[1]
            self._held[key] = (record, n_bytes)
            while self._n_bytes > self._max_bytes:
                self._n_bytes -= self._held.popitem(last=False)[1][1]


def _n_bytes(value: object) -> int:
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, Mapping):
        value = tuple(value.values())
    return sum(map(_n_bytes, value)) if isinstance(value, tuple) else 0


class Results:
    """Answers of the queries by key; several processes may share one folder."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder = folder
        self.max_bytes = max_bytes
        self._written = 0
        self._memory = _Memory(MEMORY_BYTES)
        self._locks = folder.with_name(folder.name + "-locks")
        self._make_folder()
        self._cache = Cache(
            config={
                "CACHE_TYPE": f"{BlockFileSystemCache.__module__}.BlockFileSystemCache",
                "CACHE_DIR": str(folder),
            }
        )
        # Flask-Caching wants an application to live in; the worker processes have none.
        self._app = Flask("flhetero_dash.results")
        self._cache.init_app(self._app)

    def get(
        self, kind: type[Record], key: str, compute: Callable[[], Record], *, keep: bool = True
    ) -> Record:
        """Return the record stored under `key`, or compute and store it.

        Of several callers of one cold key, in whatever process, one computes.

        Parameters
        ----------
        kind : type
            A flat dataclass of plain values and arrays.
        key : str
            From `key_of`.
        compute : callable
            Returns the record; what it raises is not stored.
        keep : bool, default=True
            False: an answer that must not be stored.
        """
        if not keep:
            return compute()
        stored = self.stored(kind, key)
        if stored is not None:
            return stored
        with exclusive(self._locks / hashlib.sha256(key.encode()).hexdigest()[:32]):
            stored = self.stored(kind, key)
            if stored is None:
                stored = compute()
                self._write(key, stored)
        return stored

    def stored(self, kind: type[Record], key: str) -> Record | None:
        """Return the record stored under `key`, if there is one; its arrays are read-only."""
        held = self._memory.get(key)
        if isinstance(held, kind):
            return held
        with self._app.app_context():
            values = self._cache.get(key)
        try:
            record = None if values is None else kind(**values)
        except TypeError:  # stored by another version of the record
            return None
        if record is not None:
            self._memory.put(key, record, _n_bytes(values))
        return record

    def _write(self, key: str, record: object) -> None:
        values = {
            entry.name: getattr(record, entry.name)
            for entry in dataclasses.fields(record)  # type: ignore[arg-type]
        }
        self._make_folder()  # somebody may have emptied CACHE_DIR under us
        with self._app.app_context():
            self._cache.set(key, values)
        self._written += _n_bytes(values) + HEADER_BYTES
        if self._written > self.max_bytes // 20:
            self.sweep()

    def _make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def sweep(self) -> None:
        """Remove what killed writers left, then the oldest files above the bound."""
        self._written = 0
        siblings = [self.folder.with_name(name) for name in ("arrays", "jobs")]
        siblings += [self.folder, self._locks]
        sweep([folder for folder in siblings if folder.is_dir()], self.max_bytes)


def sweep(folders: list[Path], max_bytes: int) -> None:
    """Bound the size of our folders: unfinished and then least recently used files go."""
    files = []
    total = 0
    for path in (path for folder in folders for path in folder.rglob("*")):
        try:
            status = path.stat()
        except FileNotFoundError:  # another process sweeps too
            continue
        if not path.is_file():
            continue
        unfinished = path.name.endswith((PARTIAL, ".part"))
        if unfinished and time.time() - status.st_mtime > PARTIAL_AGE_S:
            path.unlink(missing_ok=True)
            continue
        total += status.st_size
        if not unfinished:  # a file that is being written must not vanish under its writer
            files.append((max(status.st_atime, status.st_mtime), status.st_size, path))
    for _, size, path in sorted(files, key=lambda entry: entry[0]):
        if total <= max_bytes:
            break
        path.unlink(missing_ok=True)
        total -= size


def key_of(name: str, version: int, **scalars: Scalar) -> str:
    """Build a cache key: the query, its algorithm's version, and scalars only.

    Arrays in keys are abbreviated by `repr`, so that two of them can share an entry.

    Raises
    ------
    TypeError
        If a part is not a scalar.
    """
    for part, value in scalars.items():
        if value is not None and not isinstance(value, str | int | float | bool):
            raise TypeError(f"{name}: {part} is {type(value).__name__}; keys hold scalars only")
    parts = ",".join(f"{part}={value!r}" for part, value in sorted(scalars.items()))
    return f"{name}/{version}({parts})"


def tidy(cache_dir: Path) -> None:
    """Make sure the cache folder exists and is ours alone to read."""
    cache_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in ("arrays", "results", "jobs"):
        folder = cache_dir / name
        folder.mkdir(exist_ok=True, mode=0o700)
        os.chmod(folder, 0o700)  # noqa: PTH101 - also for a folder that was there
