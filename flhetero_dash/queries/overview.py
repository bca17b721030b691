"""Output Comparison: all inputs in one contrastive plane."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.arrays import BoolArray, FloatArray
from flhetero_dash.cache import Scalar, key_of
from flhetero_dash.jobs import job, report
from flhetero_dash.queries.comparable import comparable_inputs
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.planes import inputs_plane
from flhetero_dash.queries.sources import NothingToShowError, Sources, reader_of
from flhetero_dash.selection import ClientRound, OverviewChoice
from flhetero_dash.settings import Settings

VERSION = 3


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


class OverviewQueries:
    """The overview of one client, round and kind of inputs."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def overview(self, chosen: ClientRound, choice: OverviewChoice) -> Overview:
        """Give the plane of all inputs against the inconsistent ones."""
        identity = self._sources.reader.identity(chosen.dataset, chosen.client, chosen.round_index)
        pair: dict[str, Scalar] = {
            "identity": identity,
            "round": chosen.round_index,
            "inputs": chosen.inputs,
        }
        key = key_of("overview", VERSION, alpha=choice.alpha, **pair)
        fit_key = key_of("overview-fit", VERSION, **pair)
        return self._sources.computed(Overview, key, _overview, chosen, choice.alpha, fit_key)


@job(NothingToShowError)
def _overview(
    settings: Settings, chosen: ClientRound, alpha: float | None, fit_key: str
) -> Overview:
    both = compared(reader_of(settings), chosen)
    report(f"Contrasting {len(both.X):,} inputs with the inconsistent ones")
    X = comparable_inputs(settings, chosen.dataset, chosen.client, chosen.inputs)
    everyone = np.ones(len(X), dtype=bool)
    plane = inputs_plane(
        settings, chosen, everyone, np.flatnonzero(both.inconsistent), alpha, fit_key
    )
    return Overview(
        plane.project(X).astype(np.float32),
        both.inconsistent,
        plane.explained_target,
        plane.alpha,
        plane.note,
    )
