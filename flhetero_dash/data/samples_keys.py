"""Keys of ``samples.npz`` that all clients share, each read and checked by one function."""

import json
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.values import class_ids, names, one_text, per_client, whole_numbers

LOCAL = "local"
SAMPLING_TYPES = (LOCAL, "stratified", "systematic")
_RESERVED = {"ground_truth", "split", "shape", "type", "client_names", "label_names"}


def read_shape(archive: Archive) -> tuple[int, ...]:
    """Read the shape of one record: 1 to 3 lengths."""
    where = archive.where("shape")
    shape = np.atleast_1d(whole_numbers(archive.read("shape"), where))
    if shape.ndim != 1 or not 1 <= len(shape) <= 3 or (shape < 1).any() or shape.max() > 1 << 31:
        raise DataError(f"{where} is {shape.tolist()}; expected 1 to 3 lengths, channel first")
    return tuple(shape.tolist())


def read_sampling_types(archive: Archive) -> tuple[str, ...]:
    """Read the sampling types, ``local`` first; without the key, those that are there."""
    where = archive.where("sampling_types")
    if "sampling_types" not in archive.keys:
        return tuple(key for key in SAMPLING_TYPES if key in archive.keys or key == LOCAL)
    types = names(archive.read("sampling_types"), where)
    absent = [key for key in types if key not in archive.keys]
    if LOCAL not in types or _RESERVED.intersection(types):
        raise DataError(f"{where} is {', '.join(types)}; expected {LOCAL} and other samplings")
    if absent and LOCAL in archive.keys:
        raise DataError(f"{where} names {absent[0]!r}, which is not there; has {archive.keys}")
    return (LOCAL, *(key for key in types if key != LOCAL))


def read_numbered_labels(archive: Archive, n_clients: int) -> tuple[str, ...]:
    """Make names for the classes that any client's ground truth has."""
    if "ground_truth" not in archive.keys:
        return ()
    where = archive.where("ground_truth")
    highest = -1
    for part in per_client(archive.read("ground_truth"), n_clients, lambda s: len(s) == 1, where):
        try:
            ids = class_ids(part, where, (), named=False)
        except DataError:
            continue  # told when that client is opened
        highest = max(highest, int(ids.max(initial=-1)))
    return tuple(f"label {class_id}" for class_id in range(highest + 1))


def read_feature_names(archive: Archive, n_features: int) -> tuple[str, ...] | None:
    """Read the name of each feature; None: the file has none."""
    if "feature_names" not in archive.keys:
        return None
    return names(archive.read("feature_names"), archive.where("feature_names"), n=n_features)


def read_categories(
    archive: Archive, feature_names: tuple[str, ...] | None
) -> Mapping[str, tuple[str, ...]]:
    """Read the names of features' values."""
    if "categories" not in archive.keys:
        return MappingProxyType({})
    where = archive.where("categories")
    try:
        stored = json.loads(one_text(archive.read("categories"), where))
    except (json.JSONDecodeError, RecursionError):
        raise DataError(f"{where} is no JSON; expected attribute to names of its values") from None
    if not isinstance(stored, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values)
        for values in stored.values()
    ):
        raise DataError(f"{where} is no JSON object of lists of names")
    if feature_names and (unknown := sorted(set(stored) - set(feature_names))):
        raise DataError(f"{where} has {unknown[0]!r}, which is none of feature_names")
    return MappingProxyType({key: tuple(values) for key, values in stored.items()})
