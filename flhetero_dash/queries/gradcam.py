"""Grad-CAM of the selection: where the federated and the stand-alone model look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flhetero_dash.analysis.pictures import white_level
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from flhetero_dash.cache import key_of
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.jobs import job
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.device import chosen_device
from flhetero_dash.queries.sources import NothingToShowError, Sources, reader_of
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus
from flhetero_dash.settings import Settings

if TYPE_CHECKING:
    from torch import nn

    from flhetero_dash.analysis.gradcam import GradCam

VERSION = 1
MOST_RECORDS = 1_000  # in one mean; evenly spread over a larger selection


@dataclass(frozen=True)
class GradCamMaps:
    """Mean heat maps of a selection.

    Attributes
    ----------
    layers : tuple of str
    federated, standalone : ndarray of shape (n_layers, height, width)
        From 0 to 1; each for the class that the model itself gives.
    n_records : int
    note : str
        What a reader must know about the maps; may be empty.
    """

    layers: tuple[str, ...]
    federated: FloatArray
    standalone: FloatArray
    n_records: int
    note: str


class GradCamQueries:
    """Heat maps of the selected records."""

    def __init__(self, sources: Sources, clusters: ClusterQueries) -> None:
        self._sources = sources
        self._clusters = clusters

    def maps(self, chosen: ClientRound, choice: ClusterChoice, focus: Focus) -> GradCamMaps:
        """Average the maps of the selection, for both models.

        Raises
        ------
        NothingToShowError
            If there is no picture, selection, checkpoint, network or convolution.
        """
        reader = self._sources.reader
        info = reader.federation(chosen.dataset).samples
        if not info.is_image or len(info.shape) < 2:
            raise NothingToShowError(
                f"Grad-CAM explains pictures; the records of {chosen.dataset} are {info.kind}."
            )
        records = self._clusters.selected(chosen, choice, focus)
        if not len(records):
            raise NothingToShowError("No record is selected, so there is nothing to explain.")
        _checkpoints(reader, chosen)
        selection = self._clusters.selection_key(chosen, choice, focus)
        key = key_of(
            "gradcam",
            VERSION,
            model=self._sources.settings.models.get(chosen.dataset),
            scaling=repr(self._sources.settings.normalize.get(chosen.dataset)),
            federated=reader.checkpoint_identity(chosen.dataset, chosen.client, chosen.round_index),
            standalone=reader.checkpoint_identity(chosen.dataset, chosen.client, None),
            **selection,
        )
        return self._sources.results.get(
            GradCamMaps,
            key,
            lambda: self._sources.jobs.run(_maps, self._sources.settings, chosen, records),
        )


def _checkpoints(reader: HistoryReader, chosen: ClientRound) -> tuple[Path, Path]:
    """Find the states of the federated and the stand-alone model."""
    paths = []
    for name, round_index in (("Server", chosen.round_index), (chosen.client, None)):
        path = reader.checkpoint(chosen.dataset, chosen.client, round_index)
        if path is None:
            when = "" if round_index is None else f" of round {round_index + 1}"
            raise NothingToShowError(
                f"Grad-CAM needs the checkpoint of {name}{when}, which was not recorded "
                "(history/.../checkpoints)."
            )
        paths.append(path)
    return paths[0], paths[1]


@job(NothingToShowError)
def _maps(settings: Settings, chosen: ClientRound, records: IntArray) -> GradCamMaps:
    # Here and below: torch, which the web process never imports.
    from flhetero_dash.analysis.convolutions import convolution_layers  # noqa: PLC0415
    from flhetero_dash.analysis.gradcam import PictureScaling, grad_cam  # noqa: PLC0415

    reader = reader_of(settings)
    info = reader.federation(chosen.dataset).samples
    layer_names = reader.federation(chosen.dataset).layer_names
    spread = records[:: -(-len(records) // MOST_RECORDS)]
    pictures = reader.samples(chosen.dataset, chosen.client).inputs[chosen.inputs]
    X = pictures[spread]
    means_stds = settings.normalize.get(chosen.dataset, ((0.5,), (0.5,)))
    scaling = PictureScaling(*means_stds, divisor=white_level(pictures))
    device, note = chosen_device(settings.use_gpu)
    means = []
    for path in _checkpoints(reader, chosen):
        model = _model(settings, chosen.dataset, path)
        explain = partial(
            grad_cam,
            model,
            shape=info.shape,
            layer_names=layer_names,
            scaling=scaling,
            device=device,
            memory_bytes=settings.memory_bytes // 2,
        )
        n_maps = max(1, len(convolution_layers(model, layer_names)))
        at_a_time = settings.memory_bytes // 2 // (4 * n_maps * X.shape[1])
        try:
            layers, mean = _mean(explain, X, max(1, at_a_time))
        except ValueError as error:
            raise NothingToShowError(f"Grad-CAM of {path.name}: {error}") from None
        means.append(mean)
    if len(spread) < len(records):
        note += f" Mean of {len(spread):,} of {len(records):,} records, evenly spread."
    return GradCamMaps(layers, means[0], means[1], len(spread), note.strip())


def _mean(
    explain: "Callable[[SampleArray], GradCam]", X: SampleArray, at_a_time: int
) -> tuple[tuple[str, ...], FloatArray]:
    """Average the records' maps without holding all of them."""
    total: FloatArray = np.zeros(())
    names: tuple[str, ...] = ()
    for start in range(0, len(X), at_a_time):
        answer = explain(X[start : start + at_a_time])
        names, total = answer.layer_names, total + answer.heatmaps.sum(axis=1, dtype=np.float64)
    return names, (total / len(X)).astype(np.float32)


@dataclass(frozen=True)
class _Checkpoint:
    """A file of parameters: the same one wherever its content is the same."""

    identity: str
    path: Path = field(compare=False)
    max_array_bytes: int = field(compare=False)


def _model(settings: Settings, dataset: str, path: Path) -> "nn.Module":
    from flhetero_dash.analysis.networks import BUILT_IN  # noqa: PLC0415

    spec = settings.models.get(dataset) or BUILT_IN.get(dataset)
    if spec is None:
        raise NothingToShowError(
            f"Grad-CAM needs the network that the checkpoints of {dataset} fit: name it in the "
            "setting MODELS, as {'" + dataset + "': 'package.module:Class'}."
        )
    identity = reader_of(settings).file_identity(path)
    return _loaded(spec, _Checkpoint(identity, path, settings.max_array_bytes))


# A page shows two models, and going to another round and back needs a few more.
@lru_cache(maxsize=6)
def _loaded(spec: str, checkpoint: _Checkpoint) -> "nn.Module":
    from flhetero_dash.analysis.networks import build  # noqa: PLC0415
    from flhetero_dash.data.checkpoints import read_state_dict  # noqa: PLC0415

    path = checkpoint.path
    try:
        model = build(spec)
        model.load_state_dict(read_state_dict(path, checkpoint.max_array_bytes))
    except ValueError as error:
        raise NothingToShowError(str(error)) from None
    except RuntimeError as error:
        reason = " ".join(str(error).split())[:300]
        raise DataError(f"{path}: does not fit the network {spec}: {reason}") from None
    return model.eval()
