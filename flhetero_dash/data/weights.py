"""Sampled parameters of a client and the server over the rounds."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from flhetero_dash.arrays import FloatArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.values import finite, names, numbers

ALL = "All"
# A cosine may leave [-1, 1] by what single precision rounds.
COSINE_SLACK = 1e-4
MAX_STACKED_BYTES = 1 << 30


@dataclass(frozen=True)
class ClientWeights:
    """Parameters of one client and the server; rounds that are missing are NaN.

    Attributes
    ----------
    layer_names : tuple of str, of length n_layers
        Without All.
    initial : tuple of n_layers + 1 ndarrays of shape (p,), or None
        Parameters before the first round, one array a layer and, last, of All.
    client, server : tuple of n_layers + 1 ndarrays of shape (n_rounds, p)
        Parameters after the client's local training, after aggregation.
    cosines : ndarray of shape (n_layers + 1, n_rounds)
        Between the client's and the server's change of a round, from -1 to 1.
    cosines_recorded : bool
        Whether they come from a file; otherwise from the sampled parameters.
    norms : ndarray of shape (3, n_layers + 1, n_rounds) or None
        Norm of the client's update, norm of the server's change, their dot product.
    shares : ndarray of shape (n_rounds,) or None
        Weight of the client in the round's mean, from 0 to 1.
    batchnorm : ndarray of shape (n_rounds,) or None
        Gap of batch statistics to the server's, in its standard deviations.
    """

    layer_names: tuple[str, ...]
    initial: tuple[FloatArray, ...] | None
    client: tuple[FloatArray, ...]
    server: tuple[FloatArray, ...]
    cosines: FloatArray
    cosines_recorded: bool
    norms: FloatArray | None = None
    shares: FloatArray | None = None
    batchnorm: FloatArray | None = None


def read_layer_names(archive: Archive) -> tuple[str, ...]:
    """Read the names of ``model_info.npz``.

    Raises
    ------
    DataError
        If they cannot be used.
    """
    archive.require("layer_names")
    found = names(archive.read("layer_names"), archive.where("layer_names"))
    if ALL in found:
        raise DataError(f"{archive.where('layer_names')} has {ALL!r}; expected layers alone")
    return found


def read_vectors(archive: Archive, n_layers: int | None) -> tuple[FloatArray, ...]:
    """Read the parameters of one model.

    Parameters
    ----------
    archive : Archive
        An open file of the folder ``weights``.
    n_layers : int or None
        How many layers there must be, if that is known.

    Returns
    -------
    tuple of n_layers + 1 ndarrays of shape (p,)
        One a layer and, last, of All.

    Raises
    ------
    DataError
        If they cannot be used.
    """
    archive.require("layers", "all")
    layers, where = archive.read("layers"), archive.where("layers")
    if not layers.ndim or (n_layers is not None and len(layers) != n_layers) or not len(layers):
        expected = "the layers" if n_layers is None else f"{n_layers} layers"
        raise DataError(
            f"{where} has shape {layers.shape}; expected a vector for each of {expected}"
        )
    vectors = [_vector(layer, f"{where}, layer {index}") for index, layer in enumerate(layers)]
    return (*vectors, _vector(archive.read("all"), archive.where("all")))


def _vector(value: Any, where: str) -> FloatArray:  # noqa: ANN401 - what the file holds
    vector = finite(numbers(value, where), where)
    if vector.ndim != 1 or not vector.size:
        raise DataError(f"{where} has shape {vector.shape}; expected a vector of parameters")
    return vector


def read_cosines(
    archive: Archive, client: str, n_clients: int, n_layers: int, n_rounds: int
) -> FloatArray | None:
    """Read a client's recorded cosines; without All where the file has none of it.

    Returns
    -------
    ndarray of shape (n_layers + 1 or n_layers, n_rounds), or None
        None: the file has none of this client.

    Raises
    ------
    DataError
        If they cannot be used.
    """
    key = "cosines" if n_clients == 1 and client not in archive.keys else client
    if key not in archive.keys:
        return None
    where = archive.where(key)
    cosines = finite(numbers(archive.read(key), where), where, gaps=True)
    allowed = {n_layers + 1} if key == client else {n_layers, n_layers + 1}
    if cosines.ndim != 2 or len(cosines) not in allowed or cosines.shape[1] != n_rounds:
        raise DataError(f"{where} has shape {cosines.shape}; expected ({n_layers + 1}, {n_rounds})")
    outside = cosines[np.abs(cosines) > 1 + COSINE_SLACK]
    if outside.size:
        raise DataError(
            f"{where} has {outside.size} values out of range, {outside[0]:g} first; "
            "expected cosines from -1 to 1"
        )
    return cosines.astype(np.float64)


def read_extra(
    archive: Archive,
    client: str,
    shape: tuple[int, ...],
    limits: tuple[float, float] = (-np.inf, np.inf),
) -> FloatArray | None:
    """Read a client's array of ``norms``, ``shares`` or ``batchnorm``; gaps are NaN.

    Raises
    ------
    DataError
        If it cannot be used.
    """
    if client not in archive.keys:
        return None
    where = archive.where(client)
    values = finite(numbers(archive.read(client), where), where, gaps=True)
    if values.shape != shape:
        raise DataError(f"{where} has shape {values.shape}; expected {shape}")
    outside = values[(values < limits[0]) | (values > limits[1])]
    if outside.size:
        raise DataError(
            f"{where} has {outside.size} values out of range, {outside[0]:g} first; "
            f"expected {limits[0]:g} to {limits[1]:g}"
        )
    return values.astype(np.float64)


def require_stackable(n_rounds: int, n_parameters: int) -> None:
    """Raise DataError if all rounds together would be too much.

    A single file may claim to be of a very late round.
    """
    if n_rounds * n_parameters * 8 > MAX_STACKED_BYTES:
        raise DataError(
            f"{n_rounds} rounds of {n_parameters} sampled parameters need more than "
            f"{MAX_STACKED_BYTES} bytes; expected fewer parameters or rounds"
        )


def sampled_cosines(
    initial: tuple[FloatArray, ...] | None,
    client: tuple[FloatArray, ...],
    server: tuple[FloatArray, ...],
) -> FloatArray:
    """Compute the cosines from the sampled parameters; NaN where one of them is missing.

    Returns
    -------
    ndarray of shape (n_layers + 1, n_rounds)
        Between client_r - server_(r-1) and server_r - server_(r-1).
    """
    rows = []
    for layer in range(len(client)):
        first = np.full(client[layer].shape[1], np.nan) if initial is None else initial[layer]
        before = np.vstack([first, server[layer]])[:-1]
        update, change = client[layer] - before, server[layer] - before
        length = np.linalg.norm(update, axis=1) * np.linalg.norm(change, axis=1)
        product = np.einsum("rp,rp->r", update, change)
        rows.append(np.divide(product, length, out=np.full(len(length), np.nan), where=length > 0))
    return np.array(rows)
