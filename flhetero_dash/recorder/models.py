"""Files of models: parameters at the recorded positions, checkpoints, inputs they answer on."""

from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.archive import GIB, Archive
from flhetero_dash.data.layout import SERVER
from flhetero_dash.data.recorded import Records, SampledParameters
from flhetero_dash.data.samples_keys import LOCAL
from flhetero_dash.data.weights import read_vectors
from flhetero_dash.data.writer import HistoryWriter
from flhetero_dash.recorder.folder import RunFolder
from flhetero_dash.recorder.parameters import ParameterMap, State, array_of
from flhetero_dash.recorder.run import Run


class ModelFiles:
    """Writes them; what several processes know alike is written by the first of them.

    Parameters
    ----------
    run : Run
    folder : RunFolder
    """

    def __init__(self, run: Run, folder: RunFolder) -> None:
        self._run, self._folder = run, folder
        self._map: ParameterMap | None = None

    @property
    def parameters(self) -> ParameterMap:
        """How a model's parameters lie in a vector; known since the first model."""
        if self._map is None:
            raise ValueError("no model yet; expected initial_model() or global_model() first")
        return self._map

    @cached_property
    def writer(self) -> HistoryWriter:
        """The writer; the layers are known since the first model."""
        return self._run.writer(self.parameters.layer_names)

    def vector(self, state: State, where: str) -> tuple[FloatArray, FloatArray]:
        """Give a model's trainable parameters and its batch statistics, checked.

        Raises
        ------
        ValueError
            If a parameter is missing, has another shape or values that are not finite.
        """
        if self._map is None:
            self._map = ParameterMap.of(state, self._run.layers, self._run.trainable)
            self._folder.require_same_model(self._map.as_json())
            path = self._run.layout.model_info
            self._folder.once(path, self.writer.write_model_info, lambda: True)
            # Without records too the clients are known: the dashboard needs their names.
            kind, path = self._run.kind, self._run.layout.samples
            self._folder.once(
                path, lambda: self.writer.write_common_samples(kind, [LOCAL]), lambda: True
            )
        return self._map.vector(state, where), self._map.statistics(state, where)

    def write_samples(self, records: Mapping[str, Records]) -> None:
        """Write everybody's inputs into one file, or one client's into a file of its own."""
        if self._map is not None:
            raise ValueError("samples: after a model; expected them before the first one")
        writer, layout = self._run.writer(), self._run.layout
        if set(records) == set(self._run.clients):
            writer.write_samples(self._run.kind, [records[name] for name in self._run.clients])
            return
        for client, own in records.items():
            writer.write_client_samples(client, self._run.kind, own)
            self._folder.once(
                layout.samples,
                lambda own=own: writer.write_common_samples(self._run.kind, own.inputs),  # type: ignore[misc]
                lambda: True,
            )

    def write_initial(self, vector: FloatArray) -> None:
        """Write the parameters before round 0."""
        found = self._sampled(vector)
        path = self._run.layout.initial_weights
        self._folder.once(
            path, lambda: self.writer.write_initial_weights(found), _compare(path, found)
        )

    def write_weights(self, client: str, round_index: int, vector: FloatArray) -> None:
        """Write a client's parameters after its training."""
        self.writer.write_weights(client, round_index, self._sampled(vector))

    def write_server(self, round_index: int, vector: FloatArray, state: State) -> None:
        """Write the server's parameters after a round and, if it is wanted, its checkpoint."""
        found = self._sampled(vector)
        path = self._run.layout.round_weights(SERVER, round_index)

        def write() -> None:
            if self._run.checkpoints != "none":
                self._write_checkpoint(SERVER, round_index, state)
            self.writer.write_weights(SERVER, round_index, found)

        self._folder.once(path, write, _compare(path, found))

    def thin_checkpoints(self, last: int) -> None:
        """Remove checkpoints before the last that are not to be kept."""
        for index in range(last - 1, -1, -1):
            path = self._run.layout.checkpoint(SERVER, index)
            shown = index + 1
            doubled = self._run.checkpoints == "thinned" and shown & (shown - 1) == 0
            if self._run.checkpoints in {"all", "none"} or not path.exists():
                return
            if not doubled:
                path.unlink(missing_ok=True)

    def write_own_checkpoint(self, client: str, state: State) -> None:
        """Write a client's stand-alone model, if checkpoints are wanted."""
        if self._run.checkpoints != "none":
            self._write_checkpoint(client, None, state)

    def _write_checkpoint(self, owner: str, round_index: int | None, state: State) -> None:
        try:
            import torch
        except ModuleNotFoundError:
            raise ValueError(
                f"checkpoints '{self._run.checkpoints}' need torch, which is not installed; "
                "checkpoints='none' records without"
            ) from None
        tensors = {
            name: value if isinstance(value, torch.Tensor) else torch.from_numpy(array_of(value))
            for name, value in state.items()
        }
        self.writer.write_checkpoint(owner, round_index, tensors)

    def _sampled(self, vector: FloatArray) -> SampledParameters:
        return self.parameters.sampled(vector, self._positions)

    @cached_property
    def _positions(self) -> tuple[IntArray, ...]:
        run = self._run
        each = run.n_sampled if run.n_sampled_layer is None else run.n_sampled_layer
        return self.parameters.positions(each, run.n_sampled, run.seed)


def _compare(path: Path, expected: SampledParameters) -> Callable[[], bool]:
    """Make the question whether a file holds these parameters."""

    def is_same() -> bool:
        with Archive(path, 2 * GIB) as archive:
            found = read_vectors(archive, None)
        vectors = (*expected.layers, expected.total)
        return len(found) == len(vectors) and all(map(np.array_equal, found, vectors))

    return is_same
