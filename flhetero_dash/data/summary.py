"""Counts of all clients and rounds: the file ``summary.npz``."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.values import finite, names, numbers, whole_numbers
from flhetero_dash.data.weights import COSINE_SLACK

COUNTS = ("inconsistent", "negative_flips", "positive_flips")


@dataclass(frozen=True)
class FederationSummary:
    """What can be said of all clients without opening their files.

    Attributes
    ----------
    client_names : tuple of str, of length n_clients
        In the order of the samples.
    inconsistent, negative_flips, positive_flips : ndarray of shape (n_clients, n_rounds)
        Numbers of local records; NaN where the round is missing.
    cosine : ndarray of shape (n_clients, n_rounds)
        Of all layers together; NaN where the round is missing.
    label_counts : ndarray of shape (n_clients, n_classes)
        Numbers of local records.
    """

    client_names: tuple[str, ...]
    inconsistent: FloatArray
    negative_flips: FloatArray
    positive_flips: FloatArray
    cosine: FloatArray
    label_counts: IntArray

    @classmethod
    def read(cls, archive: Archive, client_names: tuple[str, ...]) -> Self:
        """Read and check the file; rows are matched by name.

        Raises
        ------
        DataError
            If it cannot be used.
        """
        archive.require("client_names", *COUNTS, "cosine", "label_counts")
        where = archive.where("client_names")
        stored = names(archive.read("client_names"), where)
        if set(stored) != set(client_names):
            raise DataError(f"{where} is {', '.join(stored[:20])}; expected those of the samples")
        position = {name: row for row, name in enumerate(stored)}
        rows = [position[name] for name in client_names]
        curves: dict[str, FloatArray] = {}
        for key in (*COUNTS, "cosine"):
            first = curves.get(COUNTS[0])
            n_rounds = None if first is None else first.shape[1]
            curves[key] = _curve(archive, key, len(stored), n_rounds)
        where = archive.where("label_counts")
        counts = whole_numbers(archive.read("label_counts"), where)
        if counts.ndim != 2 or len(counts) != len(stored) or (counts < 0).any():
            raise DataError(f"{where} has shape {counts.shape}; expected counts of each class")
        ordered = {key: curve[rows] for key, curve in curves.items()}
        return cls(client_names=client_names, **ordered, label_counts=counts[rows])


def _curve(archive: Archive, key: str, n_clients: int, n_rounds: int | None) -> FloatArray:
    where = archive.where(key)
    values = finite(numbers(archive.read(key), where), where, gaps=True)
    fits = values.ndim == 2 and len(values) == n_clients
    if not fits or values.shape[1] != (values.shape[1] if n_rounds is None else n_rounds):
        wanted = f"({n_clients}, {'n_rounds' if n_rounds is None else n_rounds})"
        raise DataError(f"{where} has shape {values.shape}; expected {wanted}")
    low, high = (-1 - COSINE_SLACK, 1 + COSINE_SLACK) if key == "cosine" else (0.0, np.inf)
    outside = values[(values < low) | (values > high)]
    if outside.size:
        wanted = "-1 to 1" if key == "cosine" else "at least 0"
        raise DataError(
            f"{where} has {outside.size} values out of range ({outside[0]:g} first); "
            f"expected {wanted}"
        )
    return values.astype(np.float64)
