"""Grad-CAM of the selection: where the federated and the stand-alone model look."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from flhetero_dash.analysis.pictures import white_level
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from flhetero_dash.cache import Scalar, key_of
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.jobs import job, report
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.device import chosen_device
from flhetero_dash.queries.outputs import Compared, compared
from flhetero_dash.queries.records import shown_record
from flhetero_dash.queries.sources import NothingToShowError, Sources, reader_of
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    GradCamChoice,
)
from flhetero_dash.settings import Settings

if TYPE_CHECKING:
    from torch import nn

    from flhetero_dash.analysis.gradcam import GradCam, Variant

VERSION = 2
MOST_RECORDS = 1_000  # in one mean; evenly spread over a larger selection


@dataclass(frozen=True)
class GradCamMaps:
    """Heat maps of both models: a selection's mean, or those of one record.

    Attributes
    ----------
    layers : tuple of str
    federated, standalone : ndarray of shape (n_layers, height, width)
        From 0 to 1.
    n_records : int
        Records in the mean.
    record : int or None
        The one record, where it is no mean.
    federated_class, standalone_class : int or None
        The class that the one record's maps speak for.
    note : str
        What a reader must know about the maps; may be empty.
    """

    layers: tuple[str, ...]
    federated: FloatArray
    standalone: FloatArray
    n_records: int
    record: int | None
    federated_class: int | None
    standalone_class: int | None
    note: str


class GradCamQueries:
    """Heat maps of the selected records."""

    def __init__(self, sources: Sources, clusters: ClusterQueries) -> None:
        self._sources = sources
        self._clusters = clusters

    def maps(
        self,
        chosen: ClientRound,
        clusters: ClusterChoice,
        focus: Focus,
        choice: GradCamChoice = GradCamChoice(),  # noqa: B008 - frozen, so it can be shared
    ) -> GradCamMaps:
        """Explain the selection, or the record under verification, for both models.

        Raises
        ------
        NothingToShowError
            If there is no picture, selection, checkpoint, network or convolution, or the
            ground truth is asked for where there is none.
        """
        reader = self._sources.reader
        info = reader.samples_info(chosen.dataset)
        if not info.is_image or len(info.shape) < 2:
            raise NothingToShowError(
                f"Grad-CAM explains pictures; the records of {chosen.dataset} are {info.kind}."
            )
        both = compared(reader, chosen)
        selected = self._clusters.selected(chosen, clusters, focus)
        if choice.explained == "record":
            records = np.array([shown_record(choice.record, selected, len(both.X))])
            which: dict[str, Scalar] = {
                "identity": reader.identity(chosen.dataset, chosen.client, chosen.round_index),
                "round": chosen.round_index,
                "inputs": chosen.inputs,
                "record": int(records[0]),
            }
        else:
            records = selected
            which = self._clusters.selection_key(chosen, clusters, focus)
        if not len(records):
            raise NothingToShowError("No record is selected, so there is nothing to explain.")
        classes = _wanted_classes(chosen, choice, both, records)
        _checkpoints(reader, chosen)
        key = key_of(
            "gradcam",
            VERSION,
            model=self._sources.settings.models.get(chosen.dataset),
            scaling=repr(self._sources.settings.normalize.get(chosen.dataset)),
            federated=reader.checkpoint_identity(chosen.dataset, chosen.client, chosen.round_index),
            standalone=reader.checkpoint_identity(chosen.dataset, chosen.client, None),
            variant=choice.variant,
            of_truth=classes is not None,
            **which,
        )
        manner = _Manner(choice.variant, classes, is_single="record" in which)
        return self._sources.computed(GradCamMaps, key, _maps, chosen, records, manner)


def _checkpoints(reader: HistoryReader, chosen: ClientRound) -> tuple[Path, Path]:
    """Find the federated model's parameters of the round, and the stand-alone model's."""
    found = []
    for name, round_index in (("Server", chosen.round_index), (chosen.client, None)):
        path = reader.checkpoint(chosen.dataset, chosen.client, round_index)
        if path is None:
            when = "" if round_index is None else f" of round {round_index + 1}"
            raise NothingToShowError(
                f"Grad-CAM needs the checkpoint of {name}{when}, which was not recorded "
                "(history/.../checkpoints)."
            )
        found.append(path)
    return found[0], found[1]


def _wanted_classes(
    chosen: ClientRound, choice: GradCamChoice, both: Compared, records: IntArray
) -> IntArray | None:
    """Give the class to explain for each record; None: the one that the model gives."""
    if choice.explained_class == "predicted" and choice.variant == "gradcam":
        return None
    if both.y_true is None:
        asker = "The published variant" if choice.variant == "published" else "This target class"
        raise NothingToShowError(
            f"{asker} needs the ground truth, which {chosen.inputs} inputs of {chosen.client} "
            "do not have. Choose Grad-CAM of the predicted class."
        )
    return both.y_true[records]


@dataclass(frozen=True)
class _Manner:
    """How records are explained: the classes of all of them, by default the models' own."""

    variant: "Variant"
    classes: IntArray | None
    is_single: bool


@job(NothingToShowError)
def _maps(
    settings: Settings, chosen: ClientRound, records: IntArray, manner: _Manner
) -> GradCamMaps:
    # Here and below: torch, which the web process never imports.
    from flhetero_dash.analysis.convolutions import convolution_layers  # noqa: PLC0415
    from flhetero_dash.analysis.gradcam import grad_cam  # noqa: PLC0415
    from flhetero_dash.analysis.picture_scaling import PictureScaling  # noqa: PLC0415

    reader = reader_of(settings)
    info = reader.samples_info(chosen.dataset)
    layer_names = reader.federation(chosen.dataset).layer_names
    step = -(-len(records) // MOST_RECORDS)
    spread = records[::step]
    classes = None if manner.classes is None else manner.classes[::step]
    pictures = reader.samples(chosen.dataset, chosen.client).inputs[chosen.inputs]
    X = pictures[spread]
    means_stds = settings.normalize.get(chosen.dataset, ((0.5,), (0.5,)))
    scaling = PictureScaling(*means_stds, divisor=white_level(pictures))
    device, note = chosen_device(settings.use_gpu)
    answers = []
    for n_done, path in enumerate(_checkpoints(reader, chosen)):
        tell = partial(_tell, n_done * len(X), 2 * len(X))
        tell(0)
        model = _model(settings, chosen.dataset, path)
        explain = partial(
            grad_cam,
            model,
            shape=info.shape,
            variant=manner.variant,
            layer_names=layer_names,
            scaling=scaling,
            device=device,
            memory_bytes=settings.memory_bytes // 2,
        )
        n_maps = max(1, len(convolution_layers(model, layer_names)))
        at_a_time = settings.memory_bytes // 2 // (4 * n_maps * X.shape[1])
        try:
            answers.append(_mean(explain, X, classes, max(1, at_a_time), tell))
        except ValueError as error:
            raise NothingToShowError(f"Grad-CAM of {path.name}: {error}") from None
    if len(spread) < len(records):
        note += f" Mean of {len(spread):,} of {len(records):,} records, evenly spread."
    federated, standalone = answers
    one = manner.is_single
    return GradCamMaps(
        federated.layers,
        federated.maps,
        standalone.maps,
        len(spread),
        int(spread[0]) if one else None,
        federated.first_class if one else None,
        standalone.first_class if one else None,
        note.strip(),
    )


def _tell(n_before: int, n_all: int, n_done: int) -> None:
    """Say how many pictures are explained, of those of both models."""
    report("Grad-CAM of both models, picture by picture", n_before + n_done, n_all)


@dataclass(frozen=True)
class _Mean:
    """Mean maps by layer, and the class that the first record's maps speak for."""

    layers: tuple[str, ...]
    maps: FloatArray
    first_class: int


def _mean(
    explain: "Callable[..., GradCam]",
    X: SampleArray,
    classes: IntArray | None,
    at_a_time: int,
    tell: Callable[[int], None],
) -> _Mean:
    """Average the records' maps without holding all of them."""
    total: FloatArray = np.zeros(())
    names: tuple[str, ...] = ()
    first = -1
    for start in range(0, len(X), at_a_time):
        part = slice(start, start + at_a_time)
        wanted = None if classes is None else classes[part]

        def progress(n_done: int, before: int = start) -> None:
            tell(before + n_done)

        answer = explain(X[part], class_index=wanted, progress=progress)
        names, total = answer.layer_names, total + answer.heatmaps.sum(axis=1, dtype=np.float64)
        first = int(answer.class_index[0]) if start == 0 else first
    return _Mean(names, (total / len(X)).astype(np.float32), first)


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
