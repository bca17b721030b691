"""Samples of the clients: the file ``samples.npz``, and one file a client where there are many."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Self

import numpy as np

from flhetero_dash.arrays import IntArray, SampleArray, StrArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.client_part import SPLITS, ClientPart
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.ingest import Ingest
from flhetero_dash.data.layout import checked_client
from flhetero_dash.data.samples_keys import (
    LOCAL,
    read_categories,
    read_feature_names,
    read_numbered_labels,
    read_sampling_types,
    read_shape,
)
from flhetero_dash.data.values import (
    names,
    one_text,
)


@dataclass(frozen=True)
class SamplesInfo:
    """What the samples of all clients have in common.

    Attributes
    ----------
    client_names : tuple of str, of length n_clients
    sampling_types : tuple of str
        ``local`` first.
    label_names : tuple of str, of length n_classes
        Name of class id 0, 1, ...; ``label 0``, ``label 1``, ... when the file has none.
    labels_named : bool
        Whether the file has names; without them there may be more classes than are known.
    kind : str
        ``image``, ``tabular``, ...
    shape : tuple of int
        Of one record, channel first.
    feature_names : tuple of str or None, of length n_features
    categories : dict of str to tuple of str
        Names of a feature's values 0, 1, ...
    has_ground_truth : bool
        Whether true classes are in this file or, with a file a client, may be in those.
    single_files : bool
        Whether each client's records are in a file of its own.
    """

    client_names: tuple[str, ...]
    sampling_types: tuple[str, ...]
    label_names: tuple[str, ...]
    labels_named: bool
    kind: str
    shape: tuple[int, ...]
    feature_names: tuple[str, ...] | None
    categories: Mapping[str, tuple[str, ...]]
    has_ground_truth: bool
    single_files: bool

    @property
    def n_features(self) -> int:
        """Values in one record."""
        return math.prod(self.shape)

    @property
    def n_clients(self) -> int:
        """Clients of the federation."""
        return len(self.client_names)

    @property
    def is_image(self) -> bool:
        """Whether records can be shown as pictures."""
        one_or_three = len(self.shape) == 2 or (len(self.shape) == 3 and self.shape[0] in (1, 3))
        return self.kind == "image" and one_or_three

    @property
    def aspect(self) -> float:
        """Width of a picture by its height; 1 for what is no picture."""
        return self.shape[-1] / self.shape[-2] if self.is_image else 1.0

    def row(self, client: str) -> int:
        """Index of a client in every client axis."""
        if client not in self.client_names:
            raise UnknownNameError(
                f"no client {client!r}; there are {', '.join(self.client_names[:20])}"
            )
        return self.client_names.index(client)

    def label_name(self, class_id: int) -> str:
        """Name of a class, also of one beyond `label_names`."""
        known = 0 <= class_id < len(self.label_names)
        return self.label_names[class_id] if known else f"label {class_id}"

    def part(self, archive: Archive, client: str, cache: Path) -> ClientPart:
        """Find one client's part of a samples file; unpacked arrays go below `cache`."""
        row = self.row(client)
        return ClientPart(
            archive=archive,
            client=client,
            row=0 if self.single_files else row,
            label_names=self.label_names,
            labels_named=self.labels_named,
            ingest=Ingest(cache, 1 if self.single_files else self.n_clients, self.n_features),
        )

    @classmethod
    def read(cls, archive: Archive) -> Self:
        """Read and check what is common to all clients.

        Parameters
        ----------
        archive : Archive
            The open ``samples.npz``.

        Raises
        ------
        DataError
            If it cannot be used.
        """
        archive.require("client_names", "type", "shape")
        client_names = names(archive.read("client_names"), archive.where("client_names"))
        for name in client_names:
            try:
                checked_client(name)
            except DataError as error:
                raise DataError(f"{archive.where('client_names')}: {error}") from None
        shape = read_shape(archive)
        feature_names = read_feature_names(archive, math.prod(shape))
        single_files = LOCAL not in archive.keys
        has_ground_truth = "ground_truth" in archive.keys
        named = "label_names" in archive.keys
        return cls(
            client_names=client_names,
            sampling_types=read_sampling_types(archive),
            label_names=names(archive.read("label_names"), archive.where("label_names"))
            if named
            else read_numbered_labels(archive, len(client_names)),
            labels_named=named,
            kind=one_text(archive.read("type"), archive.where("type")),
            shape=shape,
            feature_names=feature_names,
            categories=read_categories(archive, feature_names),
            has_ground_truth=has_ground_truth or single_files,
            single_files=single_files,
        )


@dataclass(frozen=True)
class ClientSamples:
    """One client's records.

    Attributes
    ----------
    client : str
    inputs : dict of str to ndarray of shape (n, n_features)
        By sampling type; mapped into memory, read-only, of the type that is stored
        (for images 0 to 255).
    ground_truth : ndarray of shape (n_local,) or None
        Class ids of the local records.
    split : ndarray of shape (n_local,) or None
        ``train`` or ``heldout``; None: unknown.
    split_assumed : bool
        Whether the split follows from the two sizes alone.
    train_size, test_size : int or None
        Records that the client trained on, and held out.
    """

    client: str
    inputs: Mapping[str, SampleArray]
    ground_truth: IntArray | None
    split: StrArray | None
    split_assumed: bool
    train_size: int | None
    test_size: int | None

    @property
    def n_records(self) -> int:
        """Number of local records."""
        return len(self.inputs[LOCAL])

    @classmethod
    def read(cls, archive: Archive, info: SamplesInfo, client: str, cache: Path) -> Self:
        """Read and check one client's records.

        Parameters
        ----------
        archive : Archive
            ``samples.npz`` or, with ``info.single_files``, the client's own file.
        info : SamplesInfo
        client : str
        cache : Path
            Folder for unpacked arrays.

        Raises
        ------
        DataError
            If they cannot be used.
        """
        part = info.part(archive, client, cache)
        archive.require(LOCAL)
        inputs = {key: part.inputs(key) for key in info.sampling_types if key in archive.keys}
        n_records = len(inputs[LOCAL])
        train_size, test_size = part.size("train_size"), part.size("test_size")
        split, assumed = part.split(n_records), False
        if split is None and train_size is not None and test_size is not None:
            assumed = train_size + test_size == n_records
            split = _assumed_split(train_size, n_records) if assumed else None
        return cls(
            client=client,
            inputs=MappingProxyType(inputs),
            ground_truth=part.ground_truth(n_records),
            split=split,
            split_assumed=assumed,
            train_size=train_size,
            test_size=test_size,
        )


def _assumed_split(train_size: int, n_records: int) -> StrArray:
    return np.where(np.arange(n_records) < train_size, *SPLITS)
