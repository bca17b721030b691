"""Output Comparison: all inputs in one contrastive plane."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.cpca import contrastive_plane, principal_plane
from flhetero_dash.arrays import BoolArray, FloatArray
from flhetero_dash.cache import key_of
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import Sources, reader_of, results_of
from flhetero_dash.selection import ClientRound, OverviewChoice
from flhetero_dash.settings import Settings

VERSION = 1


@dataclass(frozen=True)
class Overview:
    """The overview's plane.

    Attributes
    ----------
    coordinates : float32 ndarray of shape (n_samples, 2)
    inconsistent : ndarray of shape (n_samples,)
    explained : ndarray of shape (2,)
        Share of the inputs' variance along each axis.
    alpha : float
        Contrast that was used.
    note : str
        What a reader must know about the plane; may be empty.
    """

    coordinates: FloatArray
    inconsistent: BoolArray
    explained: FloatArray
    alpha: float
    note: str


@dataclass(frozen=True)
class Reference:
    """The PCA plane that all planes of the same client and inputs are oriented to."""

    directions: FloatArray


class OverviewQueries:
    """The overview of one client, round and kind of inputs."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def overview(self, chosen: ClientRound, choice: OverviewChoice) -> Overview:
        """Give the plane of all inputs against the inconsistent ones."""
        identity = self._sources.reader.identity(chosen.dataset, chosen.client, chosen.round_index)
        key = key_of(
            "overview",
            VERSION,
            identity=identity,
            round=chosen.round_index,
            inputs=chosen.inputs,
            alpha=choice.alpha,
        )
        return self._sources.results.get(
            Overview,
            key,
            lambda: self._sources.jobs.run(_overview, self._sources.settings, chosen, choice.alpha),
        )


def reference_plane(settings: Settings, chosen: ClientRound) -> FloatArray:
    """Give the PCA plane of the chosen client's inputs, of shape (2, n_features)."""
    reader = reader_of(settings)
    samples = reader.samples(chosen.dataset, chosen.client)
    key = key_of(
        "reference",
        VERSION,
        identity=reader.samples_identity(chosen.dataset, chosen.client),
        inputs=chosen.inputs,
    )
    return (
        results_of(settings)
        .get(Reference, key, lambda: Reference(principal_plane(samples.inputs[chosen.inputs])))
        .directions
    )


def _overview(settings: Settings, chosen: ClientRound, alpha: float | None) -> Overview:
    both = compared(reader_of(settings), chosen)
    plane = contrastive_plane(
        both.X, both.X[both.inconsistent], alpha, orient_to=reference_plane(settings, chosen)
    )
    return Overview(
        plane.project(both.X).astype(np.float32),
        both.inconsistent,
        plane.explained_target,
        plane.alpha,
        plane.note,
    )
