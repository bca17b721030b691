"""A model's parameters as vectors: layers, sampled positions, norms of updates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.recorded import SampledParameters

State = Mapping[str, Any]  # name -> array of numpy, or tensor of torch

MEAN, VARIANCE = "running_mean", "running_var"
STATISTICS = (MEAN, VARIANCE, "num_batches_tracked")
SMALLEST_VARIANCE = 1e-5  # what batch normalisation itself adds
# Sums go over pieces, so that double precision costs the memory of one piece only.
PIECE = 1 << 17


def array_of(value: Any) -> npt.NDArray[Any]:  # noqa: ANN401 - whatever a state holds
    """Give a tensor of numpy or torch, on whatever device, as an array; nothing is changed."""
    if hasattr(value, "detach"):
        value = value.detach().cpu()
        if "bfloat16" in str(value.dtype):  # numpy has none
            value = value.float()
        value = value.numpy()
    return np.asarray(value)


@dataclass(frozen=True)
class ParameterMap:
    """Which values of a state are recorded, and how they lie in one long vector.

    Attributes
    ----------
    layers : mapping of str to tuple of str
        Layer -> names of its parameters, in the order of the vector.
    shapes : mapping of str to tuple of int
        Of each of these, and of the batch statistics.
    normalised : tuple of str
        Layers with batch statistics: names before ``.running_mean``.
    """

    layers: Mapping[str, tuple[str, ...]]
    shapes: Mapping[str, tuple[int, ...]]
    normalised: tuple[str, ...]

    @classmethod
    def of(
        cls,
        state: State,
        layers: Mapping[str, Sequence[str]] | None = None,
        trainable: Sequence[str] | None = None,
    ) -> "ParameterMap":
        """Find the layers of a model.

        Parameters
        ----------
        state : mapping of str to array
        layers : mapping of str to sequence of str, optional
            Default: names without their last part.
        trainable : sequence of str, optional
            Default: floating-point values that are no batch statistics.

        Raises
        ------
        ValueError
            If nothing is left, a name is in no state, or in no layer or in two of them.
        """
        names = _trainable(state) if trainable is None else tuple(trainable)
        if unknown := [name for name in names if name not in state]:
            raise ValueError(f"trainable names '{unknown[0]}'; the model has {_some(state)}")
        if not names:
            raise ValueError(f"no parameters to record; the model has {_some(state)}")
        grouped = _by_prefix(names) if layers is None else _given(layers, names)
        normalised = tuple(
            name.removesuffix(f".{MEAN}")
            for name in state
            if name.endswith(f".{MEAN}") and f"{name.removesuffix(MEAN)}{VARIANCE}" in state
        )
        kept = [*names, *(f"{layer}.{key}" for layer in normalised for key in (MEAN, VARIANCE))]
        return cls(grouped, {name: tuple(state[name].shape) for name in kept}, normalised)

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of parameters of each layer."""
        return tuple(
            sum(int(np.prod(self.shapes[name])) for name in names) for names in self.layers.values()
        )

    @property
    def layer_names(self) -> tuple[str, ...]:
        """Without All."""
        return tuple(self.layers)

    def as_json(self) -> dict[str, Any]:
        """Give what must be the same in every process."""
        return {
            layer: {name: list(self.shapes[name]) for name in names}
            for layer, names in self.layers.items()
        }

    def vector(self, state: State, where: str) -> FloatArray:
        """Put all trainable parameters into one vector, layer after layer.

        Parameters
        ----------
        state : mapping of str to array
        where : str
            Whose it is, for messages.

        Returns
        -------
        ndarray of shape (n_parameters,)
            Single precision, or double where the model has it.

        Raises
        ------
        ValueError
            If a parameter is missing, has another shape or values that are not finite.
        """
        names = [name for parts in self.layers.values() for name in parts]
        return self._joined(state, names, where)

    def statistics(self, state: State, where: str) -> FloatArray:
        """Put the batch statistics into one vector: means and variances; empty: it has none."""
        names = [f"{layer}.{key}" for key in (MEAN, VARIANCE) for layer in self.normalised]
        return self._joined(state, names, where) if set(names) <= set(state) else np.zeros(0)

    def split(self, vector: FloatArray) -> list[FloatArray]:
        """Cut a vector into its layers; nothing is copied."""
        return np.split(vector, np.cumsum(self.sizes)[:-1])

    def positions(self, n_layer: int, n_total: int, seed: int) -> tuple[IntArray, ...]:
        """Draw the positions that are recorded: of each layer by itself and, last, of All."""
        rng = np.random.default_rng(seed)
        total = sum(self.sizes)
        wanted = [(size, min(size, n_layer)) for size in self.sizes]
        wanted.append((total, min(total, n_total)))
        return tuple(np.sort(rng.choice(size, count, replace=False)) for size, count in wanted)

    def sampled(self, vector: FloatArray, positions: tuple[IntArray, ...]) -> SampledParameters:
        """Take the parameters at these positions, in single precision."""
        layers = zip(self.split(vector), positions[:-1], strict=True)
        return SampledParameters(
            layers=tuple(layer[chosen].astype(np.float32) for layer, chosen in layers),
            total=vector[positions[-1]].astype(np.float32),
        )

    def norms(self, before: FloatArray, update: FloatArray, server: FloatArray) -> FloatArray:
        """Compare a client's update with the server's change, from all parameters.

        Parameters
        ----------
        before, update, server : ndarray of shape (n_parameters,)
            The server before the round, the client after its training, the server after the round.

        Returns
        -------
        ndarray of shape (3, n_layers + 1)
            Norm of the update, norm of the server's change, their dot product; by layer, then All.
        """
        vectors = zip(*map(self.split, (before, update, server)), strict=True)
        rows = [_products(*layer) for layer in vectors]
        squares = np.array([*rows, np.sum(rows, axis=0)]).T
        squares[:2] = np.sqrt(squares[:2])
        return squares

    def _joined(self, state: State, names: Sequence[str], where: str) -> FloatArray:
        parts = []
        for name in names:
            if name not in state:
                raise ValueError(f"{where}: lacks '{name}'; it has {_some(state)}")
            array = array_of(state[name])
            if array.shape != self.shapes[name]:
                raise ValueError(
                    f"{where}: '{name}' is {array.shape}, expected {self.shapes[name]}"
                )
            if bad := array.size - int(np.isfinite(array).sum()):
                raise ValueError(
                    f"{where}: '{name}' has {bad} values of {array.size} that are not finite; "
                    "expected numbers"
                )
            parts.append(array.reshape(-1))
        dtype = np.result_type(np.float32, *{part.dtype for part in parts})
        return np.concatenate(parts, dtype=dtype) if parts else np.zeros(0, dtype)


def batchnorm_gap(client: FloatArray, server: FloatArray) -> float:
    """Mean gap of batch statistics, in standard deviations of the server's.

    Parameters
    ----------
    client, server : ndarray of shape (2 * n_channels,)
        Means, then variances, as `ParameterMap.statistics` gives them.

    Returns
    -------
    float
        Mean over channels of ``|mean - mean|`` and ``|deviation - deviation|``, both in the
        server's standard deviations; NaN when there are no statistics.
    """
    if not server.size or client.shape != server.shape:
        return float("nan")
    means, variances = zip(*(np.split(part.astype(np.float64), 2) for part in (client, server)))  # noqa: B905 - two each
    own, common = (np.sqrt(np.maximum(part, SMALLEST_VARIANCE)) for part in variances)
    gaps = np.abs(means[0] - means[1]), np.abs(own - common)
    return float(np.mean(np.concatenate(gaps) / np.tile(common, 2)))


def _products(before: FloatArray, update: FloatArray, server: FloatArray) -> list[float]:
    """Sum up squares of the update and of the server's change, and their products."""
    totals = [0.0, 0.0, 0.0]
    for at in range(0, len(before), PIECE):
        start, own, after = (
            vector[at : at + PIECE].astype(np.float64) for vector in (before, update, server)
        )
        own_change, change = own - start, after - start
        # Not by `@`: what that adds up first depends on the number of BLAS threads.
        pairs = (own_change, own_change), (change, change), (own_change, change)
        for row, (left, right) in enumerate(pairs):
            totals[row] += float(np.sum(left * right))
    return totals


def _trainable(state: State) -> tuple[str, ...]:
    return tuple(
        name
        for name, value in state.items()
        if name.rpartition(".")[2] not in STATISTICS and "float" in str(value.dtype)
    )


def _by_prefix(names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    layers: dict[str, tuple[str, ...]] = {}
    for name in names:
        layer = name.rpartition(".")[0] or name
        layers[layer] = (*layers.get(layer, ()), name)
    return layers


def _given(layers: Mapping[str, Sequence[str]], names: Sequence[str]) -> dict[str, tuple[str, ...]]:
    listed = [name for parts in layers.values() for name in parts]
    for name in dict.fromkeys([*names, *listed]):
        if listed.count(name) != 1 or name not in names:
            known = "" if name in names else ", and it is no trainable parameter"
            raise ValueError(
                f"layers name '{name}' {listed.count(name)} times{known}; "
                "expected each trainable parameter once"
            )
    return {layer: tuple(parts) for layer, parts in layers.items()}


def _some(state: State) -> str:
    shown = ", ".join(list(state)[:8])
    return f"{shown}, ..." if len(state) > 8 else shown or "nothing"  # noqa: PLR2004 - a line
