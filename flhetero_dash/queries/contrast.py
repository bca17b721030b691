"""Heterogeneity Examination: what sets the selected records apart."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.cache import key_of
from flhetero_dash.jobs import job, report
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.comparable import comparable_inputs
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.planes import inputs_plane
from flhetero_dash.queries.sources import NothingToShowError, Sources, reader_of
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus
from flhetero_dash.settings import Settings

VERSION = 3


@dataclass(frozen=True)
class Contrast:
    """The plane of a selection against the consistent records.

    Attributes
    ----------
    directions : ndarray of shape (2, n_features)
    coordinates : float32 ndarray of shape (n_local, 2)
        All local records in the plane.
    explained_target, explained_background : ndarray of shape (2,)
        Share of the variance of (consistent and selected) records, and of the selected ones.
    alpha : float
    n_selected : int
    note : str
        What a reader must know about the plane; may be empty.
    """

    directions: FloatArray
    coordinates: FloatArray
    explained_target: FloatArray
    explained_background: FloatArray
    alpha: float
    n_selected: int
    note: str


class ContrastQueries:
    """Contrastive components of the selection."""

    def __init__(self, sources: Sources, clusters: ClusterQueries) -> None:
        self._sources = sources
        self._clusters = clusters

    def contrast(
        self, chosen: ClientRound, choice: ClusterChoice, focus: Focus, alpha: float | None
    ) -> Contrast:
        """Contrast the selection with the consistent records (alpha None: automatic)."""
        records = self._clusters.selected(chosen, choice, focus)
        if not len(records):
            raise NothingToShowError(
                "No record is selected, so there is nothing to contrast. Choose a cluster, or "
                "a cell of the label matrix that holds inconsistent records."
            )
        selection = self._clusters.selection_key(chosen, choice, focus)
        fit_key = key_of("contrast-fit", VERSION, **selection)
        key = key_of("contrast", VERSION, alpha=alpha, **selection)
        return self._sources.computed(Contrast, key, _contrast, chosen, records, alpha, fit_key)


@job(NothingToShowError)
def _contrast(
    settings: Settings, chosen: ClientRound, records: IntArray, alpha: float | None, fit_key: str
) -> Contrast:
    report(f"Contrasting {len(records):,} records with the consistent ones")
    both = compared(reader_of(settings), chosen)
    in_target = ~both.inconsistent
    in_target[records] = True  # a selection may hold consistent records; nobody twice
    plane = inputs_plane(settings, chosen, in_target, records, alpha, fit_key)
    local = comparable_inputs(settings, chosen.dataset, chosen.client, "local")
    return Contrast(
        plane.directions,
        plane.project(local).astype(np.float32),
        plane.explained_target,
        plane.explained_background,
        plane.alpha,
        len(records),
        plane.note,
    )
