"""One client's part of a samples file."""

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from flhetero_dash.arrays import IntArray, SampleArray, StrArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.ingest import Ingest
from flhetero_dash.data.values import class_ids, per_client, texts, whole_numbers

SPLITS = ("train", "heldout")


@dataclass(frozen=True)
class ClientPart:
    """Reads and checks the arrays of one client, one by one; each method raises `DataError`.

    Attributes
    ----------
    archive : Archive
        The open file.
    client : str
    row : int
        Position in the client axis.
    label_names : tuple of str
    labels_named : bool
        Whether these are all the classes there are.
    ingest : Ingest
        Unpacks the inputs; knows the length of the client axis.
    """

    archive: Archive
    client: str
    row: int
    label_names: tuple[str, ...]
    labels_named: bool
    ingest: Ingest

    def inputs(self, sampling_type: str) -> SampleArray:
        """Map inputs into memory: shape (n, n_features)."""
        return self.ingest.array(self.archive, sampling_type, self.row, self.client)

    def ground_truth(self, n_records: int) -> IntArray | None:
        """Read the class ids of the local records: shape (n_records,)."""
        if (found := self._part("ground_truth")) is None:
            return None
        ids = class_ids(*found, self.label_names, named=self.labels_named)
        _same_length(ids, n_records, found[1])
        return ids

    def split(self, n_records: int) -> StrArray | None:
        """Read which records were held out: shape (n_records,), ``train`` or ``heldout``."""
        if (found := self._part("split")) is None:
            return None
        values = texts(*found)
        _same_length(values, n_records, found[1])
        if wrong := sorted(set(values.tolist()) - set(SPLITS)):
            raise DataError(f"{found[1]} has {wrong[0]!r}; expected {' or '.join(SPLITS)}")
        return values

    def size(self, key: str) -> int | None:
        """Read ``train_size`` or ``test_size``: one a client, or one for all."""
        if key not in self.archive.keys:
            return None
        where, n_clients = self.archive.where(key), self.ingest.n_clients
        sizes = whole_numbers(self.archive.read(key), where).ravel()
        if len(sizes) not in (1, n_clients) or (sizes < 0).any():
            raise DataError(
                f"{where} is {sizes[:5].tolist()}; expected a size for each of "
                f"{n_clients} clients, or one for all"
            )
        return int(sizes[self.row if len(sizes) > 1 else 0])

    def _part(self, key: str) -> tuple[Any, str] | None:
        if key not in self.archive.keys:
            return None
        where = self.archive.where(key)
        parts = per_client(
            self.archive.read(key), self.ingest.n_clients, lambda shape: len(shape) == 1, where
        )
        return parts[self.row], f"{where} of {self.client}"


def _same_length(array: npt.NDArray[Any], n_records: int, where: str) -> None:
    if array.shape != (n_records,):
        raise DataError(f"{where} has shape {array.shape}; expected ({n_records},)")
