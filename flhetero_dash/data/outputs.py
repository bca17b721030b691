"""Outputs of one model for one client's inputs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.data.samples_keys import LOCAL
from flhetero_dash.data.values import class_ids, finite, numbers, stacked

SCORES = "_scores"


@dataclass(frozen=True)
class ModelOutputs:
    """What a model says about a client's inputs.

    Attributes
    ----------
    classes : dict of str to ndarray of shape (n,)
        Class ids, by sampling type.
    scores : dict of str to ndarray of shape (n, n_classes)
        Probabilities or logits, for the sampling types that have them.
    """

    classes: Mapping[str, IntArray]
    scores: Mapping[str, FloatArray]

    @classmethod
    def read(cls, archive: Archive, info: SamplesInfo, lengths: Mapping[str, int]) -> Self:
        """Read and check one file.

        Parameters
        ----------
        archive : Archive
        info : SamplesInfo
        lengths : dict of str to int
            Number of the client's inputs, by sampling type.

        Raises
        ------
        DataError
            If it cannot be used.
        """
        archive.require(LOCAL)
        classes: dict[str, IntArray] = {}
        scores: dict[str, FloatArray] = {}
        for key, n_inputs in lengths.items():
            if key in archive.keys:
                array = stacked(archive.read(key), archive.where(key))
                if array.ndim == 2 and array.dtype.kind == "f":
                    scores[key] = _scores(archive, key, n_inputs, info)
                    classes[key] = scores[key].argmax(axis=1)
                else:
                    classes[key] = _classes(archive, key, n_inputs, info)
            if key + SCORES in archive.keys:
                scores[key] = _scores(archive, key + SCORES, n_inputs, info)
        return cls(MappingProxyType(classes), MappingProxyType(scores))


def _classes(archive: Archive, key: str, n_inputs: int, info: SamplesInfo) -> IntArray:
    where = archive.where(key)
    ids = class_ids(archive.read(key), where, info.label_names, named=info.labels_named)
    if ids.shape != (n_inputs,):
        raise DataError(
            f"{where} has shape {ids.shape}; expected ({n_inputs},) or ({n_inputs}, n_classes)"
        )
    return ids


def _scores(archive: Archive, key: str, n_inputs: int, info: SamplesInfo) -> FloatArray:
    where = archive.where(key)
    scores = finite(numbers(archive.read(key), where), where)
    n_classes = len(info.label_names)
    fits = scores.ndim == 2 and len(scores) == n_inputs and scores.shape[1] > 0
    if not fits or (info.labels_named and scores.shape[1] != n_classes):
        shown = n_classes if info.labels_named else "n_classes"
        raise DataError(f"{where} has shape {scores.shape}; expected ({n_inputs}, {shown})")
    return scores
