"""Settings: `local_settings.py` beside `app.py`, and the environment over it."""

import hashlib
import json
import logging
import math
import os
import re
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

LOGGER = logging.getLogger(__name__)
PREFIX = "FLHETERO_"
GIB = 1 << 30
# Hosts set these without our prefix.
HOST_NAMES = ("PORT", "DATABASE_URL", "REDIS_URL")
# Names of the layout for which this version has no code. A sign-in that is asked for but
# not there would leave the data open, so it stops the start instead of being ignored.
WITHOUT_EFFECT = ("AUTH", "USERS")
# Their values may hold a password.
SECRET = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL")

Scaling = tuple[tuple[float, ...], tuple[float, ...]]


class SettingsError(Exception):
    """A setting that cannot be used: its name, its value, and what was expected."""


@dataclass(frozen=True)
class Settings:
    """What a deployment decides; the names of the fields are those of the settings.

    Attributes
    ----------
    data_dir, cache_dir : Path
        Base folder of the data; folder of ingested arrays and memoised results.
    data_home, history_dir : dict of str to Path, or None
        Folder of each dataset's samples and history; None: every folder found in ``data_dir``.
    use_gpu : bool or None
        None: when torch sees a CUDA device.
    models : dict of str to str
        Dataset to ``package.module:Class``, the network that its checkpoints fit.
    normalize : dict of str to (means, stds)
        Scaling of each channel, after 8-bit data was divided by 255.
    database_url : str or None
        Where the notes are kept; None: a SQLite file that `annotations.notes_url` chooses.
    redis_url : str or None
        Where Celery's workers wait for long computations; None: processes of this machine.
    cache_bytes, memory_bytes, max_array_bytes : int
        Bounds, in bytes, of the cache folder, of one computation, of one array read.
    max_clustered : int
        Most records that are clustered; of more, a sample.
    """

    data_dir: Path
    cache_dir: Path
    data_home: Mapping[str, Path] | None = None
    history_dir: Mapping[str, Path] | None = None
    use_gpu: bool | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    normalize: Mapping[str, Scaling] = field(default_factory=dict)
    database_url: str | None = field(default=None, repr=False)
    redis_url: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8050
    secret_key: str | None = field(default=None, repr=False)
    auth: str | None = None
    users: Path | None = None
    trusted_hosts: tuple[str, ...] | None = None
    cache_bytes: int = 4 * GIB
    memory_bytes: int = GIB
    max_array_bytes: int = 2 * GIB
    max_clustered: int = 8_000

    def __hash__(self) -> int:
        return hash((self.data_dir, self.cache_dir))  # the dicts have no hash of their own

    @classmethod
    def load(cls, root: Path, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings of the program whose folder is `root`.

        Parameters
        ----------
        root : Path
            Folder of ``app.py``; relative paths are taken from it.
        environment : dict of str to str, optional
            Default: that of the process.

        Raises
        ------
        SettingsError
            If a value cannot be used.
        """
        root = root.absolute()
        given = _local_settings(root) | _from_environment(
            os.environ if environment is None else environment
        )
        values: dict[str, Any] = {"data_dir": root / "data"}
        for name, value in given.items():
            try:
                values[name.lower()] = _READERS[name](value, root)
            except ValueError as error:
                shown = "(not shown)" if name in SECRET else repr(value)
                raise SettingsError(f"{name} is {shown}; expected {error}") from None
        for name in WITHOUT_EFFECT:
            if values.get(name.lower()) is not None:
                raise SettingsError(f"{name} is set, but this version has no sign-in; unset it")
        if "cache_dir" not in values:
            values["cache_dir"] = _default_cache_dir(values["data_dir"])
        return cls(**values)


def _local_settings(root: Path) -> dict[str, Any]:
    path = root / "local_settings.py"
    if not path.is_file():
        return {}
    # A file of the operator's own, as in the founding document: it is code on purpose.
    names = runpy.run_path(str(path))
    return {name: value for name, value in names.items() if name in _READERS and value is not None}


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    given = {name: environment[name] for name in HOST_NAMES if environment.get(name)}
    for variable, value in environment.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or not value:
            continue
        if name in _READERS:
            given[name] = value
        else:
            LOGGER.warning("%s is no setting; there are %s", variable, ", ".join(_READERS))
    return given


def _default_cache_dir(data_dir: Path) -> Path:
    """`DATA_DIR/cache`, or a private folder of the user when that cannot be written."""
    nearest = data_dir / "cache"
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    if os.access(nearest, os.W_OK | os.X_OK):
        return data_dir / "cache"
    try:
        state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")
    except RuntimeError:  # a user without a home, as containers have
        raise SettingsError(
            f"{data_dir} cannot be written to and this user has no home; set CACHE_DIR"
        ) from None
    digest = hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16]
    return state / "flhetero_dash" / digest


def _path(value: object, root: Path) -> Path:
    if not isinstance(value, str | os.PathLike) or not str(value):
        raise ValueError("a path")
    try:
        return root / Path(value).expanduser()
    except RuntimeError:
        raise ValueError("a path, after ~ a user who has a home") from None


def _text(value: object, _root: Path) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text")
    return value.strip()


def _url(*schemes: str) -> Callable[[object, Path], str]:
    def read(value: object, root: Path) -> str:
        url = _text(value, root)
        if url.partition("://")[0] not in schemes or "://" not in url:
            raise ValueError(" or ".join(f"{scheme}://..." for scheme in schemes))
        return url

    return read


def _database(value: object, root: Path) -> str:
    url = _url("sqlite", "postgresql", "postgres")(value, root)
    path = url.removeprefix("sqlite:///")
    if url.startswith("sqlite:") and (path == url or path in {"", ":memory:"}):
        raise ValueError("sqlite:///FILE")
    return url if path == url else f"sqlite:///{_path(path, root)}"


def _integer(smallest: int, largest: int | None = None) -> Callable[[object, Path], int]:
    expected = f"a whole number of at least {smallest}" + (
        f" and at most {largest}" if largest else ""
    )

    def read(value: object, _root: Path) -> int:
        if isinstance(value, bool) or not re.fullmatch(r"[0-9]{1,18}", str(value).strip()):
            raise ValueError(expected)
        number = int(str(value))
        if number < smallest or (largest is not None and number > largest):
            raise ValueError(expected)
        return number

    return read


def _use_gpu(value: object, _root: Path) -> bool | None:
    known = {"auto": None, "true": True, "1": True, "false": False, "0": False}
    if str(value).strip().lower() not in known:
        raise ValueError("True, False or 'auto'")
    return known[str(value).strip().lower()]


def _dictionary(value: object, expected: str) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except json.JSONDecodeError:
            raise ValueError(expected) from None
    if not isinstance(value, dict) or not all(isinstance(key, str) and key for key in value):
        raise ValueError(expected)
    return value


def _folders(value: object, root: Path) -> Mapping[str, Path]:
    expected = "a dict of dataset name to folder (in the environment: JSON)"
    folders = _dictionary(value, expected)
    try:
        return {name: _path(path, root) for name, path in folders.items()}
    except ValueError:
        raise ValueError(expected) from None


def _models(value: object, _root: Path) -> Mapping[str, str]:
    expected = "a dict of dataset name to 'package.module:Class' (in the environment: JSON)"
    models = _dictionary(value, expected)
    if not all(re.fullmatch(r"[\w.]+:\w+", str(model)) for model in models.values()):
        raise ValueError(expected)
    return models


def _normalize(value: object, _root: Path) -> Mapping[str, Scaling]:
    expected = "a dict of dataset name to (means, stds), as many of each and every std above 0"
    scalings = {}
    for name, pair in _dictionary(value, expected).items():
        try:
            means, stds = (_numbers(part) for part in pair)
        except (TypeError, ValueError):
            raise ValueError(expected) from None
        if len(means) != len(stds) or not means or not all(std > 0 for std in stds):
            raise ValueError(expected)
        scalings[name] = (means, stds)
    return scalings


def _numbers(value: object) -> tuple[float, ...]:
    if not isinstance(value, list | tuple):
        raise TypeError("numbers in a row")
    numbers = tuple(float(number) for number in value)
    if not all(math.isfinite(number) for number in numbers):
        raise ValueError("finite numbers")
    return numbers


def _hosts(value: object, _root: Path) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    expected = "host names, with commas between them"
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise ValueError(expected)
    hosts = tuple(name.strip() for name in names if name.strip())
    if not hosts:  # none at all would trust every host
        raise ValueError(expected)
    return hosts


_READERS: Mapping[str, Callable[[object, Path], Any]] = {
    "DATA_DIR": _path,
    "CACHE_DIR": _path,
    "DATA_HOME": _folders,
    "HISTORY_DIR": _folders,
    "USE_GPU": _use_gpu,
    "MODELS": _models,
    "NORMALIZE": _normalize,
    "DATABASE_URL": _database,
    "REDIS_URL": _url("redis", "rediss", "unix"),
    "HOST": _text,
    "PORT": _integer(0, 65535),
    "SECRET_KEY": _text,
    "AUTH": _text,
    "USERS": _path,
    "TRUSTED_HOSTS": _hosts,
    "CACHE_BYTES": _integer(1),
    "MEMORY_BYTES": _integer(1),
    "MAX_ARRAY_BYTES": _integer(1),
    "MAX_CLUSTERED": _integer(2),
}
NAMES = tuple(_READERS)
