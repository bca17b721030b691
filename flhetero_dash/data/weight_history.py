"""One client's parameters over all rounds, put together from its files and the server's."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from flhetero_dash.arrays import FloatArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.files import Files, is_there
from flhetero_dash.data.layout import SERVER, Layout
from flhetero_dash.data.weights import (
    ClientWeights,
    read_cosines,
    read_extra,
    read_vectors,
    sampled_cosines,
    stacked_rounds,
)

T = TypeVar("T")
Vectors = tuple[FloatArray, ...]
EXTRAS = ("cosines", "norms", "shares", "batchnorm")


def weight_paths(layout: Layout, client: str, n_rounds: int) -> tuple[Path, ...]:
    """Every file that a client's `ClientWeights` depends on, there or not."""
    return (
        layout.initial_weights,
        *(layout.round_weights(client, index) for index in range(n_rounds)),
        *(layout.round_weights(SERVER, index) for index in range(n_rounds)),
        *(layout.extra_weights(name) for name in EXTRAS),
        layout.model_info,
    )


class WeightHistory:
    """Reads a client's weights.

    Parameters
    ----------
    files : Files
    layout : Layout
    client : str
    n_clients : int
    layer_names : tuple of str
        Empty when there is no ``model_info.npz``.
    n_rounds : int
    """

    def __init__(  # noqa: PLR0913 - the facts that its arrays are checked against
        self,
        files: Files,
        layout: Layout,
        client: str,
        *,
        n_clients: int,
        layer_names: tuple[str, ...],
        n_rounds: int,
    ) -> None:
        self._files, self._layout, self._client = files, layout, client
        self._n_clients, self._layer_names, self._n_rounds = n_clients, layer_names, n_rounds

    def read(self) -> ClientWeights | None:
        """Read and check all of it; None when there are no weights at all.

        Raises
        ------
        DataError
            If a file of the client or the server cannot be used, or they do not fit together.
        """
        client, server = self._rounds(self._client), self._rounds(SERVER)
        if not client and not server:
            return None
        initial = self._optional(self._layout.initial_weights, self._vectors)
        lengths = self._lengths(client, server, initial)
        layer_names = self._layer_names or tuple(
            f"layer {index + 1}" for index in range(len(lengths) - 1)
        )
        own = stacked_rounds(client, lengths, self._n_rounds)
        others = stacked_rounds(server, lengths, self._n_rounds)
        n_rows = len(lengths)
        cosines, recorded = self._cosines(initial, own, others)
        return ClientWeights(
            layer_names=layer_names,
            initial=initial,
            client=own,
            server=others,
            cosines=cosines,
            cosines_recorded=recorded,
            norms=self._extra("norms", (3, n_rows, self._n_rounds)),
            shares=self._extra("shares", (self._n_rounds,)),
            batchnorm=self._extra("batchnorm", (self._n_rounds,)),
        )

    def _vectors(self, archive: Archive) -> Vectors:
        return read_vectors(archive, len(self._layer_names) or None)

    def _rounds(self, owner: str) -> dict[int, Vectors]:
        found = {}
        for index in range(self._n_rounds):
            vectors = self._optional(self._layout.round_weights(owner, index), self._vectors)
            if vectors is not None:
                found[index] = vectors
        return found

    def _optional(self, path: Path, read: Callable[[Archive], T]) -> T | None:
        return self._files.read_now(path, read) if is_there(path) else None

    def _lengths(
        self, client: dict[int, Vectors], server: dict[int, Vectors], initial: Vectors | None
    ) -> tuple[int, ...]:
        """Parameters sampled of each layer: the same in every file."""
        named = {self._layout.round_weights(SERVER, r): vectors for r, vectors in server.items()}
        named |= {self._layout.round_weights(self._client, r): v for r, v in client.items()}
        if initial is not None:
            named[self._layout.initial_weights] = initial
        first, vectors = next(iter(named.items()))
        expected = tuple(len(vector) for vector in vectors)
        for path, vectors in named.items():
            found = tuple(len(vector) for vector in vectors)
            if found != expected:
                raise DataError(
                    f"{path}: 'layers' and 'all' have {found} parameters; "
                    f"expected {expected}, as {first.name} has"
                )
        return expected

    def _cosines(
        self, initial: Vectors | None, client: Vectors, server: Vectors
    ) -> tuple[FloatArray, bool]:
        n_layers = len(client) - 1
        recorded = self._optional(
            self._layout.extra_weights("cosines"),
            lambda archive: read_cosines(
                archive, self._client, self._n_clients, n_layers, self._n_rounds
            ),
        )
        if recorded is not None and len(recorded) == n_layers + 1:
            return recorded, True
        computed = sampled_cosines(initial, client, server)
        if recorded is not None:  # the form without All
            computed[:n_layers] = recorded
        return computed, recorded is not None

    def _extra(self, name: str, shape: tuple[int, ...]) -> FloatArray | None:
        return self._optional(
            self._layout.extra_weights(name),
            lambda archive: read_extra(archive, self._client, shape),
        )
