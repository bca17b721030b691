"""Which datasets there are, and where their files lie."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.layout import Layout, checked_name
from flhetero_dash.settings import Settings


@dataclass(frozen=True)
class DatasetEntry:
    """One dataset as the settings and folders name it.

    Attributes
    ----------
    name : str
    home, history : Path or None
        Folder of its samples, of its training history.
    problem : str or None
        Why it cannot be used; only what a look at the folders shows.
    """

    name: str
    home: Path | None
    history: Path | None
    problem: str | None


def dataset_entries(settings: Settings) -> tuple[DatasetEntry, ...]:
    """List the datasets; no file is opened.

    Raises
    ------
    DataError
        If a folder cannot be listed.
    """
    homes = settings.data_home
    if homes is None:
        homes = _folders(settings.data_dir / "datasets")
    histories = settings.history_dir
    if histories is None:
        histories = _folders(settings.data_dir / "history")
    both = dict.fromkeys([*homes, *histories])
    return tuple(_entry(name, homes.get(name), histories.get(name), settings) for name in both)


def layout_of(settings: Settings, dataset: str) -> Layout:
    """Where the files of a usable dataset lie.

    Raises
    ------
    DataError
        If there is no such dataset or a look at its folders shows that it cannot be used.
    """
    # A click asks for it twenty times: only this dataset's own folders are looked at.
    home = _folder_of(dataset, settings.data_home, settings.data_dir / "datasets")
    history = _folder_of(dataset, settings.history_dir, settings.data_dir / "history")
    if home is None and history is None:
        known = ", ".join(entry.name for entry in dataset_entries(settings)) or "none"
        raise UnknownNameError(f"no dataset {dataset!r} in {settings.data_dir}; there are: {known}")
    entry = _entry(dataset, home, history, settings)
    if entry.problem or entry.home is None or entry.history is None:
        raise DataError(entry.problem or "")
    # Where the cache had to go elsewhere, an affinity file still lies beside the data.
    caches = dict.fromkeys([settings.cache_dir, settings.data_dir / "cache"])
    return Layout(dataset, entry.home, entry.history, tuple(caches))


class Layouts:
    """Where the files of datasets lie, looked up once each.

    A click asks for it twenty times; what may have changed since is whether they are there.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: dict[str, tuple[Layout, str, str]] = {}

    def of(self, dataset: str) -> Layout:
        """As `layout_of`."""
        layout, *places = self._known.get(dataset, (None, ""))
        if layout is None or not all(map(os.path.exists, places)):
            layout = layout_of(self._settings, dataset)
            self._known[dataset] = (layout, str(layout.samples), str(layout.history))
        return layout


def _entry(name: str, home: Path | None, history: Path | None, settings: Settings) -> DatasetEntry:
    return DatasetEntry(name, home, history, _problem(name, home, history, settings))


def _problem(name: str, home: Path | None, history: Path | None, settings: Settings) -> str | None:
    try:
        checked_name(name, "dataset")
    except DataError as error:
        return str(error)
    if home is None:
        expected = "DATA_HOME" if settings.data_home is not None else settings.data_dir / "datasets"
        return f"{history}: is the history of {name!r}, whose samples are not in {expected}"
    if history is None:
        named = settings.history_dir is not None
        expected = "HISTORY_DIR" if named else settings.data_dir / "history"
        return f"{home}: are the samples of {name!r}, whose history is not in {expected}"
    try:
        absent = [path for path in (home / "samples.npz", history) if not path.exists()]
    except OSError as error:
        return f"{error.filename}: cannot be read ({error.strerror})"
    return f"{absent[0]}: no such file or folder, expected for {name!r}" if absent else None


def _folder_of(name: str, named: Mapping[str, Path] | None, parent: Path) -> Path | None:
    """Give what `dataset_entries` lists for one name, without listing the others."""
    if named is not None:
        return named.get(name)
    try:
        path = parent / checked_name(name, "dataset")
        return path if path.is_dir() and not name.startswith(".") else None
    except (DataError, OSError):  # a name that no folder can have
        return None


def _folders(parent: Path) -> dict[str, Path]:
    try:
        found = sorted(path for path in parent.iterdir() if path.is_dir())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise DataError(f"{parent}: cannot be listed ({error.strerror})") from None
    return {path.name: path for path in found if not path.name.startswith(".")}
