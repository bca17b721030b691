"""The one way in: everything that is read of a history, checked, lazily and once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flhetero_dash.arrays import FloatArray
from flhetero_dash.data.affinity import read_affinity
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.catalog import DatasetEntry, Layouts, dataset_entries
from flhetero_dash.data.client_part import ClientPart
from flhetero_dash.data.common_files import CommonFiles
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.files import ABSENT, Files, is_there
from flhetero_dash.data.history import TrainingHistory
from flhetero_dash.data.layout import Layout
from flhetero_dash.data.outputs import ModelOutputs
from flhetero_dash.data.samples import ClientSamples, SamplesInfo
from flhetero_dash.data.summary import FederationSummary
from flhetero_dash.data.weight_history import WeightHistory, weight_paths
from flhetero_dash.data.weight_ingest import WeightIngest
from flhetero_dash.data.weights import ClientWeights, read_vectors
from flhetero_dash.settings import Settings


@dataclass(frozen=True)
class Federation:
    """What all clients of a dataset have in common.

    Attributes
    ----------
    dataset : str
    samples : SamplesInfo
    history : TrainingHistory or None
        None: there is no ``validation.npz``, and no round that a recorder has noted.
    layer_names : tuple of str
        Empty when there is no ``model_info.npz``.
    manifest : dict or None
        What the recorder says about the run.
    n_rounds : int
        From the training history, else up to the last round that any file is there for.
    """

    dataset: str
    samples: SamplesInfo
    history: TrainingHistory | None
    layer_names: tuple[str, ...]
    manifest: Mapping[str, Any] | None
    n_rounds: int


class HistoryReader:
    """Reads the datasets that the settings name.

    Safe between threads. Every method raises `DataError` when what it reads cannot be used, and
    opens only the files of the dataset and client that it is asked for.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._files = Files(settings.max_array_bytes)
        self._arrays = settings.cache_dir / "arrays"
        self._layouts = Layouts(settings)

    def datasets(self) -> tuple[DatasetEntry, ...]:
        """List the datasets, usable or not; no file is opened."""
        return dataset_entries(self._settings)

    def layout(self, dataset: str) -> Layout:
        """Where the files of a dataset lie."""
        return self._layouts.of(dataset)

    def federation(self, dataset: str) -> Federation:
        """Read what all clients have in common."""
        layout = self.layout(dataset)
        info, history = self.samples_info(dataset), self.history(dataset)
        n_rounds = 0 if history is None else history.n_rounds
        return Federation(
            dataset=dataset,
            samples=info,
            history=history,
            layer_names=self.layer_names(dataset),
            manifest=self.manifest(dataset),
            n_rounds=n_rounds or layout.n_rounds_listed(info.client_names),
        )

    def samples_info(self, dataset: str) -> SamplesInfo:
        """Read what the samples of all clients have in common."""
        return self._info(self.layout(dataset))

    def history(self, dataset: str) -> TrainingHistory | None:
        """Read loss and accuracy of all clients; None: nobody has written any."""
        return self._common(dataset).history(self.samples_info(dataset).client_names)

    def layer_names(self, dataset: str) -> tuple[str, ...]:
        """Read the names of the layers; empty: there is no ``model_info.npz``."""
        return self._common(dataset).layer_names()

    def manifest(self, dataset: str) -> Mapping[str, Any] | None:
        """Read what the recorder says about the run; None: there is no ``manifest.json``."""
        return self._common(dataset).manifest()

    def samples(self, dataset: str, client: str) -> ClientSamples:
        """Read one client's records; its inputs are mapped into memory."""
        layout = self.layout(dataset)
        return self._samples(layout, self._info(layout), client)

    def local_outputs(self, dataset: str, client: str) -> ModelOutputs | None:
        """Read the outputs of the stand-alone model; None: there are none."""
        return self._outputs(dataset, client, lambda layout: layout.local_outputs(client))

    def second_local_outputs(self, dataset: str, client: str) -> ModelOutputs | None:
        """Read the outputs of a second stand-alone model, trained from another seed."""
        return self._outputs(dataset, client, lambda layout: layout.second_local_outputs(client))

    def global_outputs(self, dataset: str, client: str, round_index: int) -> ModelOutputs | None:
        """Read the outputs of the federated model after a round; None: a gap."""
        return self._outputs(
            dataset, client, lambda layout: layout.global_outputs(client, round_index)
        )

    def update_outputs(self, dataset: str, client: str, round_index: int) -> ModelOutputs | None:
        """Read the outputs of the client's own model just after its training of a round."""
        return self._outputs(
            dataset, client, lambda layout: layout.update_outputs(client, round_index)
        )

    def output_rounds(self, dataset: str, client: str) -> tuple[int, ...]:
        """List the rounds whose federated outputs are there, ascending; none is opened."""
        return self.layout(dataset).output_rounds(client)

    def weights(self, dataset: str, client: str) -> ClientWeights | None:
        """Read the parameters of a client and the server over all rounds; None: there are none."""
        federation, layout = self.federation(dataset), self.layout(dataset)
        federation.samples.row(client)
        history = WeightHistory(
            self._files,
            WeightIngest(self._files, self._arrays),
            layout,
            client,
            n_clients=federation.samples.n_clients,
            layer_names=federation.layer_names,
            n_rounds=federation.n_rounds,
        )
        return self._files.combine(
            ("weights", layout.history, client),
            weight_paths(layout, client, federation.n_rounds),
            history.read,
        )

    def checkpoint(self, dataset: str, client: str, round_index: int | None) -> Path | None:
        """Find the state of the client's stand-alone model, or of the server's after a round."""
        path = self.layout(dataset).checkpoint(client, round_index)
        return path if is_there(path) else None

    def checkpoint_identity(self, dataset: str, client: str, round_index: int | None) -> str:
        """Identity of that file's content; the same text for all that are absent."""
        return self._files.digest(self.layout(dataset).checkpoint(client, round_index))

    def file_identity(self, path: Path) -> str:
        """Identity of the content of one of the files that this reader found."""
        return self._files.digest(path)

    def affinity(self, dataset: str, client: str, sampling_type: str) -> FloatArray | None:
        """Read preprocessed rank products, of shape (n, n); None: there are none."""
        layout = self.layout(dataset)
        path = layout.affinity()
        inputs = self._samples(layout, self._info(layout), client).inputs
        if path is None or sampling_type not in inputs:
            return None
        n_inputs = len(inputs[sampling_type])
        return self._files.read_now(
            path, lambda archive: read_affinity(archive, client, sampling_type, n_inputs)
        )

    def affinity_identity(self, dataset: str) -> str:
        """Identity of the preprocessed rank products; the same text wherever there are none."""
        path = self.layout(dataset).affinity()
        try:
            return ABSENT if path is None else self._files.digest(path)
        except DataError:
            return ABSENT  # nobody needs that file; whoever reads it is told

    def summary(self, dataset: str) -> FederationSummary | None:
        """Read the counts of all clients; None: nobody has written any."""
        return self._common(dataset).summary(self.samples_info(dataset).client_names)

    def read_part(self, dataset: str, client: str, look: Callable[[ClientPart], None]) -> None:
        """Let a caller look at a client's arrays one by one; nothing is remembered."""
        layout = self.layout(dataset)
        info = self._info(layout)
        path = self._sample_paths(layout, info, client)[-1]
        self._files.read_now(path, lambda archive: look(info.part(archive, client, self._arrays)))

    def read_vectors(self, dataset: str, path: Path) -> None:
        """Check one file of parameters by itself."""
        n_layers = len(self.layer_names(dataset)) or None
        self._files.read_now(path, lambda archive: read_vectors(archive, n_layers))

    def samples_identity(self, dataset: str, client: str) -> str:
        """Identity of the files that a client's records come from."""
        layout = self.layout(dataset)
        return self._files.joint_digest(self._sample_paths(layout, self._info(layout), client))

    def identity(self, dataset: str, client: str, round_index: int | None) -> str:
        """Identity of every file that an answer about a client and a round depends on.

        Parameters
        ----------
        dataset, client : str
        round_index : int or None
            None: all rounds, with the weights and the training history.

        Returns
        -------
        str
            The same on every host and for every copy of the files.
        """
        layout = self.layout(dataset)
        info = self._info(layout)
        paths = (
            *self._sample_paths(layout, info, client),
            layout.local_outputs(client),
            layout.second_local_outputs(client),
        )
        if round_index is not None:
            paths += (
                layout.global_outputs(client, round_index),
                layout.update_outputs(client, round_index),
            )
            return self._files.joint_digest(paths)
        n_rounds = self.federation(dataset).n_rounds
        for index in range(n_rounds):
            paths += (layout.global_outputs(client, index), layout.update_outputs(client, index))
        paths += weight_paths(layout, client, n_rounds)
        paths += (layout.validation, layout.manifest)
        return self._files.joint_digest(paths)

    def _common(self, dataset: str) -> CommonFiles:
        return CommonFiles(self._files, self.layout(dataset))

    def _info(self, layout: Layout) -> SamplesInfo:
        return self._files.read("info", layout.samples, SamplesInfo.read)

    def _sample_paths(self, layout: Layout, info: SamplesInfo, client: str) -> tuple[Path, ...]:
        info.row(client)
        own = (layout.client_samples(client),) if info.single_files else ()
        return (layout.samples, *own)

    def _samples(self, layout: Layout, info: SamplesInfo, client: str) -> ClientSamples:
        *common, path = self._sample_paths(layout, info, client)
        if common and not is_there(path):
            raise DataError(f"{layout.samples}: lacks 'local', and {path} is no such file either")
        return self._files.read(
            ("samples", client),
            path,
            lambda archive: ClientSamples.read(archive, info, client, self._arrays),
            *common,
        )

    def _outputs(
        self, dataset: str, client: str, locate: Callable[[Layout], Path]
    ) -> ModelOutputs | None:
        layout = self.layout(dataset)
        info = self._info(layout)
        paths = self._sample_paths(layout, info, client)
        path = locate(layout)
        if not is_there(path):
            return None
        inputs = self._samples(layout, info, client).inputs

        def read(archive: Archive) -> ModelOutputs:
            return ModelOutputs.read(
                archive, info, {key: len(array) for key, array in inputs.items()}
            )

        return self._files.read("outputs", path, read, *paths)
