"""Preprocessed rank products of a dataset: the file ``affinity_<dataset>.npz``."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import FloatArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.archive_writing import write_archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.values import finite, numbers


def read_affinity(
    archive: Archive, client: str, sampling_type: str, n_inputs: int
) -> FloatArray | None:
    """Read the rank products of one client's inputs.

    Returns
    -------
    ndarray of shape (n_inputs, n_inputs), or None
        Products of mutual ranks, from 0 to (n_inputs - 1)**2; None: the file has none of them.
        Whether they fit these inputs is for the caller to check on a few rows.

    Raises
    ------
    DataError
        If they cannot be rank products of that many inputs.
    """
    if client not in archive.keys:
        return None
    where = archive.where(client)
    stored = archive.read(client, dictionary=True)
    value = stored[()] if stored.shape == () else None
    if not isinstance(value, dict):
        raise DataError(f"{where} has shape {stored.shape}; expected one dict of sampling types")
    if sampling_type not in value:
        return None
    where = f"{where}, {sampling_type}"
    products = finite(numbers(value[sampling_type], where), where)
    if products.shape != (n_inputs, n_inputs):
        raise DataError(f"{where} has shape {products.shape}; expected {(n_inputs, n_inputs)}")
    highest = float(max(n_inputs - 1, 0)) ** 2
    if float(products.min()) < 0 or float(products.max()) > highest or np.diagonal(products).any():
        raise DataError(
            f"{where} has values from {products.min():g} to {products.max():g}; expected rank "
            f"products from 0 (on the diagonal) to {highest:g}"
        )
    return products


class Tables(Mapping[str, npt.NDArray[Any]]):
    """What the file holds of each client, computed only when it is written.

    Parameters
    ----------
    sizes : mapping of str to mapping of str to int
        Client -> sampling type -> number of inputs.
    products : callable
        Takes client and sampling type, gives the rank products of shape (n, n).
    """

    def __init__(
        self,
        sizes: Mapping[str, Mapping[str, int]],
        products: Callable[[str, str], FloatArray],
    ) -> None:
        self._sizes, self._products = sizes, products

    def __getitem__(self, client: str) -> npt.NDArray[Any]:
        # The published system reads a pickled dict: of plain text and plain numbers alone.
        tables = {kind: self._products(client, kind) for kind in self._sizes[client]}
        return np.array(tables, dtype=object)

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)


def write_affinity(path: Path, tables: Tables) -> None:
    """Write the file in the form that the published system reads.

    Raises
    ------
    DataError
        If there is such a file already, or it cannot be written.
    """
    if path.exists():
        raise DataError(f"{path}: is there already; remove it first, or name another with --out")
    try:
        write_archive(path, tables)
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror})") from None
