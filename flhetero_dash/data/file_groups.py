"""The files of one client, by kind: how many, how large, which rounds, what is in them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.files import is_there
from flhetero_dash.data.identity import patiently
from flhetero_dash.data.layout import SERVER, Layout
from flhetero_dash.data.npy_header import NpyHeader
from flhetero_dash.data.weight_history import EXTRAS

UNREADABLE = "cannot be read"
MOST_ARRAYS = 16  # of one file that are described


@dataclass(frozen=True)
class FileGroup:
    """Files of one kind.

    Attributes
    ----------
    what : str
        What they hold, in words.
    name : str
        Name within its folder; ``*`` stands for the round, counted from 0.
    folder : str
    n_files, n_bytes : int
    arrays : tuple of str
        Key, shape and type of each array in the first of them; empty for other files.
    rounds : tuple of bool or None, of length n_rounds
        Whether the file of a round is there; None: they do not belong to rounds.
    """

    what: str
    name: str
    folder: str
    n_files: int
    n_bytes: int
    arrays: tuple[str, ...]
    rounds: tuple[bool, ...] | None = None


def file_groups(layout: Layout, client: str, n_rounds: int) -> tuple[FileGroup, ...]:
    """List the files that one client's pages are drawn from, the missing ones too.

    Parameters
    ----------
    layout : Layout
        Of the dataset.
    client : str
    n_rounds : int
        Of the training; files of later rounds are not counted.

    Raises
    ------
    DataError
        If a name cannot be a file's.
    """
    rounds = range(n_rounds)
    single: list[tuple[str, Path]] = [
        ("samples", layout.samples),
        ("loss and accuracy", layout.validation),
        ("layers' names", layout.model_info),
        ("about the recording", layout.manifest),
        ("counts of all clients", layout.summary),
        ("stand-alone model's outputs", layout.local_outputs(client)),
        ("second stand-alone model's outputs", layout.second_local_outputs(client)),
        ("initial weights", layout.initial_weights),
        *((name, layout.extra_weights(name)) for name in EXTRAS),
        ("stand-alone model's checkpoint", layout.checkpoint(client, None)),
    ]
    if is_there(own := layout.client_samples(client)):
        single.insert(1, ("client's samples", own))
    by_round: list[tuple[str, list[Path]]] = [
        ("federated model's outputs", [layout.global_outputs(client, r) for r in rounds]),
        ("outputs of the client's updates", [layout.update_outputs(client, r) for r in rounds]),
        ("client's weights", [layout.round_weights(client, r) for r in rounds]),
        ("server's weights", [layout.round_weights(SERVER, r) for r in rounds]),
        ("server's checkpoints", [layout.checkpoint(SERVER, r) for r in rounds]),
    ]
    groups = [_group(layout, client, what, [path]) for what, path in single]
    if is_there(layout.recording):
        whose = None if is_there(layout.facts_folder(None)) else client
        noted = [layout.round_facts(whose, r) for r in rounds]
        by_round.insert(0, ("recorder's notes of the round", noted))
    for what, paths in by_round:
        there = tuple(is_there(path) for path in paths)
        groups.append(_group(layout, client, what, paths, there))
    return tuple(groups)


def _group(
    layout: Layout,
    client: str,
    what: str,
    paths: list[Path],
    rounds: tuple[bool, ...] | None = None,
) -> FileGroup:
    there = [path for path in paths if is_there(path)]
    name = paths[0].name if paths else ""
    if rounds is not None:
        name = f"{name.rpartition('r0.')[0]}r*{Path(name).suffix}"
    arrays = _arrays(there[0], client) if there and there[0].suffix == ".npz" else ()
    folder = _folder(layout, paths[0]) if paths else ""
    return FileGroup(what, name, folder, len(there), _size(there), arrays, rounds)


def _arrays(path: Path, client: str) -> tuple[str, ...]:
    """Describe the arrays of a file, none of which is read."""

    def read() -> tuple[str, ...]:
        with Archive(path) as archive:
            # A key for each client: there may be thousands.
            shown = (client,) if client in archive.keys else archive.keys[:MOST_ARRAYS]
            words = [f"{key}: {_words(archive.header(key))}" for key in shown]
            if rest := len(archive.keys) - len(shown):
                words.append(f"{rest} more")
        return tuple(words)

    try:
        return patiently(path, read)
    except DataError:
        return (UNREADABLE,)  # in full among the problems of the inventory


def _words(header: NpyHeader) -> str:
    kind = "text" if header.dtype.kind in "US" else f"{header.dtype}"
    return f"{' x '.join(map(str, header.shape)) or 'one value'}, {kind}"


def _size(paths: Iterable[Path]) -> int:
    total = 0
    for path in paths:
        try:
            total += path.stat().st_size
        except OSError:
            continue  # removed a moment ago, or not to be looked at
    return total


def _folder(layout: Layout, path: Path) -> str:
    """Name the folder from that of the samples or of the history on."""
    for root in (layout.history, layout.home):
        if path.is_relative_to(root):
            return str(Path(root.parent.name, root.name) / path.parent.relative_to(root))
    return str(path.parent)
