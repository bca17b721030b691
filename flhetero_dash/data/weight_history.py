"""One client's parameters over all rounds, put together from its files and the server's."""

from collections.abc import Callable
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TypeVar

import numpy as np

from flhetero_dash.arrays import FloatArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.files import Files, is_there
from flhetero_dash.data.layout import SERVER, Layout
from flhetero_dash.data.round_facts import JoinedFacts, RoundFacts, joined_facts
from flhetero_dash.data.weight_ingest import Rounds, WeightIngest, require_lengths
from flhetero_dash.data.weights import (
    ClientWeights,
    read_cosines,
    read_extra,
    read_vectors,
    require_stackable,
    sampled_cosines,
)

T = TypeVar("T")
Vectors = tuple[FloatArray, ...]
EXTRAS = ("cosines", "norms", "shares", "batchnorm")


def weight_paths(layout: Layout, client: str, n_rounds: int) -> tuple[Path, ...]:
    """Every file that a client's `ClientWeights` depends on, there or not."""
    return (
        layout.initial_weights,
        *round_paths(layout, client, n_rounds),
        *round_paths(layout, SERVER, n_rounds),
        *(layout.extra_weights(name) for name in EXTRAS),
        layout.model_info,
        *(path for _, path in layout.unjoined_facts((client,))),
    )


# Joining hundreds of names takes longer than asking for the state of their files.
@lru_cache(maxsize=32)
def round_paths(layout: Layout, owner: str, n_rounds: int) -> tuple[Path, ...]:
    """Every round's file of a client or the server, there or not."""
    return tuple(layout.round_weights(owner, index) for index in range(n_rounds))


class WeightHistory:
    """Reads a client's weights.

    Parameters
    ----------
    files : Files
    ingest : WeightIngest
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
        ingest: WeightIngest,
        layout: Layout,
        client: str,
        *,
        n_clients: int,
        layer_names: tuple[str, ...],
        n_rounds: int,
    ) -> None:
        self._files, self._ingest, self._layout, self._client = files, ingest, layout, client
        self._n_clients, self._layer_names, self._n_rounds = n_clients, layer_names, n_rounds

    def read(self) -> ClientWeights | None:
        """Read and check all of it; None when there are no weights at all.

        Raises
        ------
        DataError
            If a file of the client or the server cannot be used, or they do not fit together.
        """
        client, server = self._rounds(self._client), self._rounds(SERVER)
        if client.first is None and server.first is None:
            return None
        initial = self._optional(self._layout.initial_weights, self._vectors)
        lengths = self._lengths(client, server, initial)
        layer_names = self._layer_names or tuple(
            f"layer {index + 1}" for index in range(len(lengths) - 1)
        )
        own, others = self._whole(client, lengths), self._whole(server, lengths)
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
            shares=self._extra("shares", (self._n_rounds,), (0.0, 1.0)),
            batchnorm=self._extra("batchnorm", (self._n_rounds,)),
        )

    def _vectors(self, archive: Archive) -> Vectors:
        return read_vectors(archive, len(self._layer_names) or None)

    def _rounds(self, owner: str) -> Rounds:
        paths = round_paths(self._layout, owner, self._n_rounds)
        return self._ingest.rounds(paths, len(self._layer_names) or None)

    def _whole(self, rounds: Rounds, lengths: tuple[int, ...]) -> Vectors:
        if rounds.first is not None:
            return rounds.layers
        require_stackable(self._n_rounds, sum(lengths))
        return tuple(np.full((self._n_rounds, length), np.nan) for length in lengths)

    def _optional(self, path: Path, read: Callable[[Archive], T]) -> T | None:
        return self._files.read_now(path, read) if is_there(path) else None

    def _lengths(
        self, client: Rounds, server: Rounds, initial: Vectors | None
    ) -> tuple[int, ...]:
        """Parameters sampled of each layer: the same in every file."""
        named = [(rounds.first, rounds.lengths) for rounds in (server, client) if rounds.first]
        if initial is not None:
            found = tuple(len(vector) for vector in initial)
            named.append((self._layout.initial_weights, found))
        first, expected = named[0]
        for path, found in named:
            require_lengths(path, found, expected, first.name)
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
        if recorded is None and self._facts is not None:
            return self._facts.cosines[0], True
        computed = sampled_cosines(initial, client, server)
        if recorded is not None:  # the form without All
            computed[:n_layers] = recorded
        return computed, recorded is not None

    def _extra(
        self,
        name: str,
        shape: tuple[int, ...],
        limits: tuple[float, float] = (-np.inf, np.inf),
    ) -> FloatArray | None:
        path = self._layout.extra_weights(name)
        if not is_there(path) and self._facts is not None:
            facts = self._facts
            found = facts.norms[0] if name == "norms" else facts.scalars[name][0]
            # Of which nothing is known is absent, as where the files are joined.
            return None if np.isnan(found).all() else found
        return self._optional(
            path, lambda archive: read_extra(archive, self._client, shape, limits)
        )

    @cached_property
    def _facts(self) -> JoinedFacts | None:
        """Join the client's rounds of a training that still runs, or was killed."""
        files = self._layout.unjoined_facts((self._client,))
        facts = joined_facts((self._client,), read_facts(self._files, files), self._n_rounds)
        if facts is not None and self._layer_names:
            found, expected = facts.norms.shape[2], len(self._layer_names) + 1
            if found != expected:
                raise DataError(
                    f"{files[0][1]}: 'norms' are of {found} layers; expected {expected}, with All"
                )
        return facts


def read_facts(
    files: Files, paths: tuple[tuple[int, Path], ...]
) -> tuple[tuple[int, RoundFacts], ...]:
    """Read the rounds that recorders have noted."""
    return tuple((index, files.read("facts", path, RoundFacts.read)) for index, path in paths)
