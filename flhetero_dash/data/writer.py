"""The one writer of the data layout: samples, outputs, weights, curves of a training run."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import FloatArray
from flhetero_dash.blocks import atomic_file, write_json
from flhetero_dash.data.archive_writing import (
    require_file_name,
    require_shape,
    stacked,
    write_archive,
)
from flhetero_dash.data.layout import SERVER, Layout
from flhetero_dash.data.recorded import Answers, RecordKind, Records, SampledParameters, Summary
from flhetero_dash.data.round_facts import RoundFacts
from flhetero_dash.data.samples_writing import client_arrays, common_arrays, sample_arrays

SCHEMA_VERSION = 1

# Whose answers a file of outputs holds; besides these `global_model(r)` and `client_update(r)`.
LOCAL = "local"
SECOND_LOCAL = "local_1"  # another seed: the noise floor


def global_model(round_index: int) -> str:
    """Name the federated model after a round, counted from 0."""
    return f"{SERVER}_r{round_index}"


def client_update(round_index: int) -> str:
    """Name the client's own model just after its local training of a round."""
    return f"update_r{round_index}"


@dataclass(frozen=True)
class HistoryWriter:
    """Writes one data set and its training history; every file is whole or absent.

    Attributes
    ----------
    home : Path
        Folder of ``samples.npz`` (``DATA_DIR/datasets/NAME``).
    history : Path
        Folder of the training history (``DATA_DIR/history/NAME``).
    client_names : tuple of str
        The client axis of every array.
    layer_names : tuple of str
        Without ``All``; a name with ``conv`` in it is a convolution.
    label_names : tuple of str
        Name of class id 0, 1, ...

    Raises
    ------
    ValueError
        If names are missing, repeated or unfit for a file; each method, if an array has another
        shape or range than documented. The message names file and key, found and expected.
    """

    home: Path
    history: Path
    client_names: tuple[str, ...]
    layer_names: tuple[str, ...]
    label_names: tuple[str, ...]

    def __post_init__(self) -> None:
        for kind in ("client_names", "layer_names", "label_names"):
            names = getattr(self, kind)
            if not names or len(set(names)) < len(names):
                raise ValueError(f"{kind}: expected one or more different names, found {names}")
        for name in self.client_names:
            require_file_name(name)
        if SERVER in self.client_names:
            raise ValueError(f"client_names: a client may not be called '{SERVER}'")

    def write_samples(self, kind: RecordKind, records: Sequence[Records]) -> None:
        """Write ``samples.npz``: everybody's records, in the order of ``client_names``."""
        path = self.home / "samples.npz"
        write_archive(path, sample_arrays(path, self.client_names, self.label_names, kind, records))

    def write_common_samples(self, kind: RecordKind, sampling_types: Iterable[str]) -> None:
        """Write ``samples.npz`` without records: each client's are in a file of its own."""
        path = self.home / "samples.npz"
        arrays = common_arrays(path, self.client_names, self.label_names, kind)
        write_archive(path, arrays | {"sampling_types": np.array(tuple(sampling_types))})

    def write_client_samples(self, client: str, kind: RecordKind, records: Records) -> None:
        """Write ``samples/{client}.npz``: one client's records."""
        self._require_owner(client, clients_only=True)
        path = self.home / "samples" / f"{client}.npz"
        write_archive(path, client_arrays(path, client, kind, records))

    def write_model_info(self) -> None:
        """Write ``model_info.npz``."""
        layers = {"layer_names": np.array(self.layer_names)}
        write_archive(self.history / "model_info.npz", layers)

    def write_validation(
        self,
        loss: FloatArray | None,
        val_acc: FloatArray | None,
        tot_acc: FloatArray | None,
    ) -> None:
        """Write ``validation.npz``.

        Parameters
        ----------
        loss : ndarray of shape (n_clients, n_rounds), or None
            Training loss (cross-entropy, in nats); NaN where a client took no part.
        val_acc, tot_acc : ndarray of shape (n_clients, n_rounds), or None
            Accuracy, 0 to 1, of each round's server model on the client's held-out records and
            on the pooled test records; NaN where a client never saw that model.
        """
        path = self.history / "validation.npz"
        given = {"loss": loss, "val_acc": val_acc, "tot_acc": tot_acc}
        curves = {key: curve for key, curve in given.items() if curve is not None}
        n_rounds: int | str = "n_rounds"
        for key, curve in curves.items():
            require_shape(path, key, curve, (len(self.client_names), n_rounds))
            n_rounds = curve.shape[-1]
            if key != "loss" and bool(((curve < 0) | (curve > 1)).any()):
                raise ValueError(
                    f"{path}: '{key}' runs from {np.nanmin(curve):g} to {np.nanmax(curve):g}, "
                    "expected fractions from 0 to 1"
                )
        write_archive(path, {"client_names": np.array(self.client_names), **curves})

    def write_outputs(self, client: str, model: str, answers: Answers) -> None:
        """Write what a model answers on a client's inputs.

        Parameters
        ----------
        client : str
            Whose inputs.
        model : str
            `LOCAL`, `SECOND_LOCAL`, `global_model(r)` or `client_update(r)`.
        answers : Answers
            Class ids and, if there are any, probabilities.
        """
        self._require_owner(client, clients_only=True)
        path = self.history / "outputs" / f"{client}_{model}.npz"
        n_classes = len(self.label_names)
        arrays: dict[str, npt.NDArray[Any]] = {}
        for key, classes in answers.classes.items():
            require_shape(path, key, classes, ("n",))
            if classes.size and not 0 <= classes.min() <= classes.max() < n_classes:
                raise ValueError(
                    f"{path}: '{key}' has class ids from {classes.min()} to {classes.max()}, "
                    f"expected 0 to {n_classes - 1}"
                )
            arrays[key] = classes.astype(np.int64)
        for key, scores in answers.scores.items():
            require_shape(path, f"{key}_scores", scores, (len(answers.classes[key]), n_classes))
            arrays[f"{key}_scores"] = scores.astype(np.float16)
        write_archive(path, arrays)

    def write_initial_weights(self, parameters: SampledParameters) -> None:
        """Write ``weights/weights_0.npz``: the server before round 0."""
        self._write_parameters(self.history / "weights" / "weights_0.npz", parameters)

    def write_weights(self, owner: str, round_index: int, parameters: SampledParameters) -> None:
        """Write a client's weights after its local training, or those of ``Server``."""
        self._require_owner(owner)
        path = self.history / "weights" / f"{owner}_r{round_index}.npz"
        self._write_parameters(path, parameters)

    def write_cosines(self, cosines: Mapping[str, FloatArray]) -> None:
        """Write ``weights/cosines.npz``: (n_layers + 1, n_rounds) a client, the last row All."""
        self._write_update_facts("cosines", cosines, (len(self.layer_names) + 1, "n_rounds"))

    def write_norms(self, norms: Mapping[str, FloatArray]) -> None:
        """Write ``weights/norms.npz``: (3, n_layers + 1, n_rounds) a client.

        Norm of its update, norm of the server's change, dot product of the two: from all
        trainable parameters, not from the sampled ones.
        """
        self._write_update_facts("norms", norms, (3, len(self.layer_names) + 1, "n_rounds"))

    def write_shares(self, shares: Mapping[str, FloatArray]) -> None:
        """Write ``weights/shares.npz``: (n_rounds,) a client, its weight in the mean, or NaN."""
        self._write_update_facts("shares", shares, ("n_rounds",))

    def write_batchnorm(self, gaps: Mapping[str, FloatArray]) -> None:
        """Write ``weights/batchnorm.npz``: (n_rounds,) a client, in server standard deviations."""
        self._write_update_facts("batchnorm", gaps, ("n_rounds",))

    def write_checkpoint(
        self, owner: str, round_index: int | None, state_dict: Mapping[str, Any]
    ) -> None:
        """Write a torch state dict: the server's of a round, or a client's stand-alone model.

        Parameters
        ----------
        owner : str
            ``Server``, or a client.
        round_index : int or None
            From 0 for the server; None for a client.
        state_dict : mapping of str to torch.Tensor
            What ``model.state_dict()`` returns.
        """
        import torch

        self._require_owner(owner)
        if (round_index is None) == (owner == SERVER):
            raise ValueError(
                f"checkpoint of {owner}: round {round_index}; only {SERVER} has rounds"
            )
        name = f"{owner}_Local_best.cp" if round_index is None else f"{owner}_r{round_index}.cp"
        # Through memory: torch puts the name of a file that it opens into the file.
        content = io.BytesIO()
        torch.save(dict(state_dict), content)
        with atomic_file(self.history / "checkpoints" / owner / name) as stream:
            stream.write(content.getvalue())

    def write_summary(self, summary: Summary) -> None:
        """Write ``summary.npz``."""
        path = self.history / "summary.npz"
        n_rounds = summary.cosine.shape[-1]
        arrays = {"client_names": np.array(self.client_names)}
        for key in ("inconsistent", "negative_flips", "positive_flips", "cosine"):
            arrays[key] = getattr(summary, key)
            require_shape(path, key, arrays[key], (len(self.client_names), n_rounds))
        counts = summary.label_counts
        require_shape(path, "label_counts", counts, (len(self.client_names), len(self.label_names)))
        write_archive(path, arrays | {"label_counts": counts})

    def write_round_facts(self, client: str | None, round_index: int, facts: RoundFacts) -> None:
        """Write what a client's recorder, or that of all (None), notes of a finished round."""
        layout = Layout(self.history.name, self.home, self.history)
        write_archive(layout.round_facts(client, round_index), facts.arrays())

    def write_manifest(
        self,
        role: str,
        aggregation: str,
        rounds: Mapping[str, Iterable[int]],
        *,
        private: bool = False,
    ) -> None:
        """Write ``manifest.json``.

        Parameters
        ----------
        role : str
            Who recorded: ``client`` or ``coordinator``.
        aggregation : str
            For people, such as ``FedAvg``.
        rounds : mapping of str to iterable of int
            Rounds that each client took part in, from 0.
        private : bool
            Whether norms and cosines alone were kept of the clients' updates.
        """
        if role not in {"client", "coordinator"}:
            raise ValueError(f"manifest.json: role '{role}', expected client or coordinator")
        manifest = {
            "schema_version": SCHEMA_VERSION,
            "dataset": self.history.name,
            "role": role,
            "aggregation": aggregation,
            "layers": list(self.layer_names),
            "label_names": list(self.label_names),
            "rounds": {client: sorted(seen) for client, seen in rounds.items()},
        }
        said = {"private": True} if private else {}
        write_json(self.history / "manifest.json", manifest | said)

    def _write_parameters(self, path: Path, parameters: SampledParameters) -> None:
        if len(parameters.layers) != len(self.layer_names):
            raise ValueError(
                f"{path}: {len(parameters.layers)} layers, expected {len(self.layer_names)}: "
                f"{', '.join(self.layer_names)}"
            )
        for name, layer in zip(self.layer_names, parameters.layers, strict=True):
            require_shape(path, name, layer, ("n_sampled",))
        require_shape(path, "all", parameters.total, ("n_sampled",))
        write_archive(path, {"layers": stacked(parameters.layers), "all": parameters.total})

    def _write_update_facts(
        self, name: str, facts: Mapping[str, FloatArray], shape: tuple[int | str, ...]
    ) -> None:
        path = self.history / "weights" / f"{name}.npz"
        for client, array in facts.items():
            self._require_owner(client, clients_only=True)
            require_shape(path, client, array, shape)
        write_archive(path, facts)

    def _require_owner(self, owner: str, *, clients_only: bool = False) -> None:
        owners = self.client_names if clients_only else (SERVER, *self.client_names)
        if owner not in owners:
            raise ValueError(f"no '{owner}'; there are {', '.join(owners)}")
