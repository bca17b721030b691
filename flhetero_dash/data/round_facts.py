"""What is noted of one round while a training runs, and all rounds of it put together."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.history import CURVES, TrainingHistory
from flhetero_dash.data.summary import COUNTS, FederationSummary
from flhetero_dash.data.values import finite, names, numbers, whole_numbers

# Numbers, one a client; NaN: not known, or the client took no part.
SCALARS = (*CURVES, *COUNTS, "shares", "batchnorm")


@dataclass(frozen=True)
class RoundFacts:
    """One round as one recorder saw it.

    Attributes
    ----------
    client_names : tuple of str, of length n_clients
        Whom it records.
    loss, val_acc, tot_acc : ndarray of shape (n_clients,)
        As in ``validation.npz``; NaN: not known, or the client took no part.
    inconsistent, negative_flips, positive_flips : ndarray of shape (n_clients,)
        As in ``summary.npz``, NaN likewise.
    shares, batchnorm : ndarray of shape (n_clients,)
        As in the files of that name, NaN likewise.
    norms : ndarray of shape (n_clients, 3, n_layers + 1)
        Likewise; of a client that took part the first row is never NaN.
    label_counts : ndarray of shape (n_clients, n_classes)
        Local records of each class.
    """

    client_names: tuple[str, ...]
    loss: FloatArray
    val_acc: FloatArray
    tot_acc: FloatArray
    inconsistent: FloatArray
    negative_flips: FloatArray
    positive_flips: FloatArray
    shares: FloatArray
    batchnorm: FloatArray
    norms: FloatArray
    label_counts: IntArray

    @classmethod
    def nothing(cls, client_names: tuple[str, ...], n_layers: int, n_classes: int) -> Self:
        """Of nobody anything is known."""
        n = len(client_names)
        return cls(
            client_names,
            **{key: np.full(n, np.nan) for key in SCALARS},
            norms=np.full((n, 3, n_layers + 1), np.nan),
            label_counts=np.zeros((n, n_classes), dtype=np.int64),
        )

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """Give what a file of it holds, by key."""
        return {field.name: np.asarray(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def read(cls, archive: Archive) -> Self:
        """Read and check one file.

        Raises
        ------
        DataError
            If it cannot be used.
        """
        archive.require(*(field.name for field in fields(cls)))
        own = names(archive.read("client_names"), archive.where("client_names"))
        scalars = {key: _numbers(archive, key, (len(own),)) for key in SCALARS}
        where = archive.where("label_counts")
        counts = whole_numbers(archive.read("label_counts"), where)
        if counts.ndim != 2 or len(counts) != len(own):
            raise DataError(f"{where} has shape {counts.shape}; expected ({len(own)}, n_classes)")
        norms = _numbers(archive, "norms", (len(own), 3, "n_layers + 1"))
        return cls(own, **scalars, norms=norms, label_counts=counts)


def _numbers(archive: Archive, key: str, shape: tuple[int | str, ...]) -> FloatArray:
    where = archive.where(key)
    values = finite(numbers(archive.read(key), where), where, gaps=True)
    if values.ndim != len(shape) or any(
        isinstance(wanted, int) and found != wanted
        for found, wanted in zip(values.shape, shape, strict=True)
    ):
        wanted = ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "")
        raise DataError(f"{where} has shape {values.shape}; expected ({wanted})")
    return values.astype(np.float64)


@dataclass(frozen=True)
class JoinedFacts:
    """All rounds of some clients: what the common files of a history hold.

    Attributes
    ----------
    client_names : tuple of str, of length n_clients
    scalars : dict of str to ndarray of shape (n_clients, n_rounds)
        `SCALARS`; NaN where nothing is known.
    norms : ndarray of shape (n_clients, 3, n_layers + 1, n_rounds)
    label_counts : ndarray of shape (n_clients, n_classes)
    """

    client_names: tuple[str, ...]
    scalars: dict[str, FloatArray]
    norms: FloatArray
    label_counts: IntArray

    @property
    def cosines(self) -> FloatArray:
        """Of each update with the server's change: shape (n_clients, n_layers + 1, n_rounds)."""
        with np.errstate(invalid="ignore"):  # what does not move has no direction
            cosines: FloatArray = self.norms[:, 2] / (self.norms[:, 0] * self.norms[:, 1])
        return cosines

    def rounds(self, client: str) -> tuple[int, ...]:
        """List the rounds that a client took part in, ascending."""
        own = self.norms[self.client_names.index(client), 0, -1]
        return tuple(np.flatnonzero(np.isfinite(own)).tolist())

    def history(self) -> TrainingHistory:
        """Put loss and accuracy together; a curve of which nothing is known is absent."""
        curves = {key: self.scalars[key] for key in CURVES}
        known = {key: None if np.isnan(curve).all() else curve for key, curve in curves.items()}
        return TrainingHistory(self.client_names, **known)

    def summary(self) -> FederationSummary:
        """Count for the page about all clients."""
        return FederationSummary(
            client_names=self.client_names,
            **{key: self.scalars[key] for key in COUNTS},
            cosine=self.cosines[:, -1],
            label_counts=self.label_counts,
        )


def joined_facts(
    client_names: tuple[str, ...],
    recorded: Iterable[tuple[int, RoundFacts]],
    n_rounds: int | None = None,
) -> JoinedFacts | None:
    """Put the rounds of all recorders together.

    Parameters
    ----------
    client_names : tuple of str
        Whose rows are wanted; others are left out.
    recorded : iterable of (round_index, RoundFacts)
        Of one or several recorders, in any order.
    n_rounds : int, optional
        Default: up to the last recorded one.

    Returns
    -------
    JoinedFacts or None
        None: no round is recorded.

    Raises
    ------
    DataError
        If the rounds have different numbers of layers or classes.
    """
    parts = list(recorded)
    if not parts:
        return None
    _require_one_model([facts for _, facts in parts])
    if n_rounds is None:
        n_rounds = max(index for index, _ in parts) + 1
    row = {name: at for at, name in enumerate(client_names)}
    n, first = len(client_names), parts[0][1]
    scalars = {key: np.full((n, n_rounds), np.nan) for key in SCALARS}
    norms = np.full((n, *first.norms.shape[1:], n_rounds), np.nan)
    counts = np.zeros((n, first.label_counts.shape[1]), dtype=np.int64)
    for index, facts in parts:
        own = [at for at, name in enumerate(facts.client_names) if name in row]
        rows = [row[facts.client_names[at]] for at in own]
        if index < n_rounds and own:
            for key in SCALARS:
                scalars[key][rows, index] = getattr(facts, key)[own]
            norms[rows, :, :, index] = facts.norms[own]
            counts[rows] = facts.label_counts[own]
    return JoinedFacts(client_names, scalars, norms, counts)


def _require_one_model(parts: Sequence[RoundFacts]) -> None:
    for what, found in (
        ("layers, with All", {facts.norms.shape[2] for facts in parts}),
        ("classes", {facts.label_counts.shape[1] for facts in parts}),
    ):
        if len(found) > 1:
            raise DataError(f"recorded rounds have {sorted(found)} {what}; expected one number")
