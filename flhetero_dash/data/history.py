"""Training history of a federation: the file ``validation.npz``."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np

from flhetero_dash.arrays import FloatArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.values import finite, names, numbers

CURVES = ("loss", "val_acc", "tot_acc")
MAX_ROUNDS = 100_000


@dataclass(frozen=True)
class TrainingHistory:
    """Loss and accuracy of each client after each communication round.

    Attributes
    ----------
    client_names : tuple of str, of length n_clients
        In the order of the samples, whatever the order of the file.
    loss : ndarray of shape (n_clients, n_rounds) or None
        Training loss; NaN where the client took no part.
    val_acc : ndarray of shape (n_clients, n_rounds) or None
        Accuracy of the server's model on the client's own held-out data, from 0 to 1; NaN where
        the client never saw that model.
    tot_acc : ndarray of shape (n_clients, n_rounds) or None
        The same on the pooled test data.
    """

    client_names: tuple[str, ...]
    loss: FloatArray | None
    val_acc: FloatArray | None
    tot_acc: FloatArray | None

    @property
    def n_rounds(self) -> int:
        """Communication rounds; 0 when there is no curve."""
        curves = (self.loss, self.val_acc, self.tot_acc)
        return next((curve.shape[1] for curve in curves if curve is not None), 0)

    def row(self, client: str) -> int:
        """Index of a client in the first axis of every array."""
        if client not in self.client_names:
            raise DataError(f"no client {client!r}; there are {', '.join(self.client_names[:20])}")
        return self.client_names.index(client)

    @classmethod
    def read(
        cls,
        archive: Archive,
        client_names: tuple[str, ...],
        is_gap: Callable[[str, str, int], bool] = lambda _key, _client, _round: False,
    ) -> Self:
        """Read and check the file.

        Parameters
        ----------
        archive : Archive
            The open ``validation.npz``.
        client_names : tuple of str
            Clients of the samples, in their order.
        is_gap : callable of (key, client, round_index), optional
            Whether a curve may be NaN there: the client took no part in the round, or never saw
            the server's model after it.

        Raises
        ------
        DataError
            If it cannot be used.
        """
        stored_names = _stored_names(archive, client_names)
        position = {name: row for row, name in enumerate(stored_names)}
        rows = [position[name] for name in client_names]
        curves: dict[str, FloatArray | None] = dict.fromkeys(CURVES)
        for key in CURVES:
            if key in archive.keys:
                curves[key] = _curve(archive, key, stored_names, is_gap)[rows]
        found = {curve.shape[1] for curve in curves.values() if curve is not None}
        if len(found) > 1:
            raise DataError(
                f"{archive.path}: {', '.join(CURVES)} have {sorted(found)} rounds; "
                "expected the same number"
            )
        return cls(client_names, **curves)


def _stored_names(archive: Archive, client_names: tuple[str, ...]) -> tuple[str, ...]:
    """Clients in the order of this file's rows."""
    if "client_names" not in archive.keys:
        return client_names
    where = archive.where("client_names")
    stored = names(archive.read("client_names"), where)
    if set(stored) != set(client_names):
        raise DataError(
            f"{where} is {', '.join(stored[:20])}; expected the clients of the samples, "
            f"{', '.join(client_names[:20])}"
        )
    return stored


def _curve(
    archive: Archive,
    key: str,
    stored_names: tuple[str, ...],
    is_gap: Callable[[str, str, int], bool],
) -> FloatArray:
    where = archive.where(key)
    curve = numbers(archive.read(key), where)
    if len(stored_names) == 1 and curve.ndim == 1:
        curve = curve[np.newaxis]
    if curve.ndim != 2 or len(curve) != len(stored_names) or not 0 < curve.shape[1] <= MAX_ROUNDS:
        raise DataError(f"{where} is {curve.shape}, expected ({len(stored_names)}, n_rounds)")
    for name, row in zip(stored_names, curve, strict=True):
        gaps = np.flatnonzero(np.isnan(row)).tolist()
        absent = [index for index in gaps if is_gap(key, name, index)]
        finite(np.delete(row, absent), f"{where} of {name}")
        outside = row[(row < 0) | (row > 1)]
        if key != "loss" and outside.size:
            raise DataError(
                f"{where} of {name} has {outside.size} values out of range, {outside[0]:g} first; "
                "expected fractions from 0 to 1"
            )
    return curve.astype(np.float64)
