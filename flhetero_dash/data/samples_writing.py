"""Writing of samples: everybody's records as the keys of `samples.npz`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.data.archive_writing import require_shape, stacked
from flhetero_dash.data.recorded import RecordKind, Records


def sample_arrays(
    path: Path,
    client_names: tuple[str, ...],
    label_names: tuple[str, ...],
    kind: RecordKind,
    records: Sequence[Records],
) -> dict[str, npt.NDArray[Any]]:
    """Check everybody's records and give them by key.

    Parameters
    ----------
    path : Path
        Of the file, for messages.
    client_names, label_names : tuple of str
    kind : RecordKind
    records : sequence of Records, of length n_clients

    Raises
    ------
    ValueError
        If the records do not fit each other, the clients or their kind.
    """
    if len(records) != len(client_names):
        raise ValueError(f"{path}: records of {len(records)} clients, expected {len(client_names)}")
    for client, own in zip(client_names, records, strict=True):
        _check_records(path, client, own, tuple(records[0].inputs), kind)
    types = {"sampling_types": np.array(tuple(records[0].inputs))}
    return common_arrays(path, client_names, label_names, kind) | types | _by_client(records)


def client_arrays(
    path: Path, client: str, kind: RecordKind, records: Records
) -> dict[str, npt.NDArray[Any]]:
    """Check one client's records and give them by key, for a file of its own.

    Raises
    ------
    ValueError
        If they do not fit their kind.
    """
    _check_records(path, client, records, tuple(records.inputs), kind)
    return {key: array[0] for key, array in _by_client([records]).items()}


def common_arrays(
    path: Path, client_names: tuple[str, ...], label_names: tuple[str, ...], kind: RecordKind
) -> dict[str, npt.NDArray[Any]]:
    """Give by key what all clients' records have in common, but the sampling types."""
    arrays = {
        "client_names": np.array(client_names),
        "label_names": np.array(label_names),
        "type": np.array(kind.name),
        "shape": np.array(kind.shape),
    }
    if kind.feature_names is not None:
        arrays["feature_names"] = np.array(kind.feature_names)
        require_shape(path, "feature_names", arrays["feature_names"], (int(np.prod(kind.shape)),))
    if kind.categories is not None:
        arrays["categories"] = np.array(kind.categories)
    return arrays


def _check_records(
    path: Path,
    client: str,
    own: Records,
    sampling_types: tuple[str, ...],
    kind: RecordKind,
) -> None:
    if tuple(own.inputs) != sampling_types or "local" not in own.inputs:
        raise ValueError(
            f"{path}: {client} has inputs {', '.join(own.inputs) or 'none'}; "
            f"expected local among {', '.join(sampling_types)}"
        )
    n_features = int(np.prod(kind.shape))
    for key, X in own.inputs.items():
        require_shape(path, f"{key} of {client}", X, ("n", n_features))
    n_local = len(own.inputs["local"])
    if own.ground_truth is not None:
        require_shape(path, f"ground_truth of {client}", own.ground_truth, (n_local,))
    if own.split is not None:
        require_shape(path, f"split of {client}", own.split, (n_local,))
        if unknown := set(own.split.tolist()) - {"train", "heldout"}:
            raise ValueError(
                f"{path}: split of {client} says {sorted(unknown)}, expected train or heldout"
            )


def _by_client(records: Sequence[Records]) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {}
    for key in records[0].inputs:
        arrays[key] = stacked([own.inputs[key] for own in records])
    # Keys of the layout hold every client, so what one client lacks is left out.
    truths = [own.ground_truth for own in records if own.ground_truth is not None]
    if len(truths) == len(records):
        arrays["ground_truth"] = stacked(truths)
    splits = [own.split for own in records if own.split is not None]
    if len(splits) == len(records):
        arrays["split"] = stacked(splits)
        arrays["train_size"] = np.array([np.sum(split == "train") for split in splits])
        arrays["test_size"] = np.array([np.sum(split == "heldout") for split in splits])
    return arrays
