"""Inconsistency clusters, and the records that a selection means."""

import logging
from collections import Counter
from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.comparison import accuracy
from flhetero_dash.analysis.outline import DensityGrid, convex_hull, density
from flhetero_dash.analysis.rank_clustering import RankClusters, cluster_records
from flhetero_dash.analysis.rank_products import products_fit
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from flhetero_dash.cache import Scalar, key_of
from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import job, report
from flhetero_dash.queries.comparable import comparable_inputs
from flhetero_dash.queries.device import chosen_device
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.overview import OverviewQueries
from flhetero_dash.queries.own_selections import own_digest
from flhetero_dash.queries.sources import NothingToShowError, Sources, reader_of
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    OverviewChoice,
    records_text,
)
from flhetero_dash.settings import Settings

LOGGER = logging.getLogger(__name__)
VERSION = 3
SEED = 0


@dataclass(frozen=True)
class ClusterThumbnail:
    """One cluster in the overview's plane.

    Attributes
    ----------
    records : ndarray of int
        Rows of the inputs, ascending.
    hull : ndarray of shape (n_vertices, 2)
        Outline in the overview's plane; of fewer than 3 records their points.
    federated_accuracy, standalone_accuracy : float or None
        Fractions; None where the inputs have no ground truth.
    labels : tuple of (str, str, int)
        Ground truth ("" where there is none), federated output and their number of records, the
        most frequent first.
    """

    records: IntArray
    hull: FloatArray
    federated_accuracy: float | None
    standalone_accuracy: float | None
    labels: tuple[tuple[str, str, int], ...]


class ClusterQueries:
    """Clusters of the inconsistent records."""

    def __init__(self, sources: Sources, overviews: OverviewQueries) -> None:
        self._sources = sources
        self._overviews = overviews

    def clusters(self, chosen: ClientRound, choice: ClusterChoice) -> RankClusters:
        """Cluster the inconsistent records of the chosen inputs."""
        key = key_of("clusters", VERSION, **self._clusters_key(chosen, choice))
        return self._sources.computed(RankClusters, key, _clusters, chosen, choice)

    def thumbnails(
        self, chosen: ClientRound, choice: ClusterChoice, overview: OverviewChoice
    ) -> list[ClusterThumbnail]:
        """Draw each cluster's outline into the overview's plane."""
        both = compared(self._sources.reader, chosen)
        coordinates = self._overviews.overview(chosen, overview).coordinates
        name = self._sources.reader.samples_info(chosen.dataset).label_name
        thumbnails = []
        for records in self.clusters(chosen, choice).members:
            federated = standalone = None
            if both.y_true is not None:
                federated = accuracy(both.y_true[records], both.y_global[records])
                standalone = accuracy(both.y_true[records], both.y_local[records])
            hull = convex_hull(coordinates[records])
            truths = [""] * len(records)
            if both.y_true is not None:
                truths = [name(label) for label in both.y_true[records].tolist()]
            outputs = [name(label) for label in both.y_global[records].tolist()]
            pairs = Counter(zip(truths, outputs, strict=True)).most_common()
            labels = tuple((*pair, count) for pair, count in pairs)
            thumbnails.append(ClusterThumbnail(records, hull, federated, standalone, labels))
        return thumbnails

    def density(self, chosen: ClientRound, overview: OverviewChoice) -> DensityGrid:
        """Give the density of all inputs in the overview's plane."""
        return density(self._overviews.overview(chosen, overview).coordinates)

    def selected(self, chosen: ClientRound, choice: ClusterChoice, focus: Focus) -> IntArray:
        """Give the selected rows of the chosen inputs: own ones, a cell's, else a cluster's.

        A cluster number that does not exist means the largest cluster, so that a link
        survives another round. Cells hold local records; with sampled inputs they are no
        selection, because ids of two tables must not be mixed.
        """
        if focus.own_records:
            return self._own(chosen, focus)
        if focus.cell is not None and chosen.inputs == "local":
            both = compared(self._sources.reader, chosen)
            if both.y_true is None:
                raise NothingToShowError("Without ground truth there are no cells to select.")
            truth, output = focus.cell
            cell = both.inconsistent & (both.y_true == truth) & (both.y_global == output)
            return np.flatnonzero(cell)
        members = self.clusters(chosen, choice).members
        if not members:
            return np.empty(0, np.int64)
        return members[focus.cluster if focus.cluster < len(members) else 0]

    def _own(self, chosen: ClientRound, focus: Focus) -> IntArray:
        records = np.array(focus.own_records)
        n_inputs = len(compared(self._sources.reader, chosen).X)
        if records[-1] >= n_inputs:
            raise NothingToShowError(
                f"The selection holds record {records[-1]:,}, but there are {n_inputs:,} "
                f"{chosen.inputs} inputs: it was made on other data."
            )
        return records

    def selection_key(
        self, chosen: ClientRound, choice: ClusterChoice, focus: Focus
    ) -> dict[str, Scalar]:
        """Name a selection by scalars, for cache keys."""
        if focus.own_records:
            reader = self._sources.reader
            return {
                "identity": reader.identity(chosen.dataset, chosen.client, chosen.round_index),
                "round": chosen.round_index,
                "inputs": chosen.inputs,
                # Of the records themselves: what a browser sends along is not believed.
                "own": own_digest(chosen, records_text(focus.own_records)),
            }
        return {
            **self._clusters_key(chosen, choice),
            "cluster": focus.cluster,
            "cell": None if focus.cell is None else f"{focus.cell[0]}-{focus.cell[1]}",
        }

    def _clusters_key(self, chosen: ClientRound, choice: ClusterChoice) -> dict[str, Scalar]:
        reader, settings = self._sources.reader, self._sources.settings
        return {
            "identity": reader.identity(chosen.dataset, chosen.client, chosen.round_index),
            "affinity": reader.affinity_identity(chosen.dataset),
            "round": chosen.round_index,
            "inputs": chosen.inputs,
            "k": choice.n_clusters,
            "linkage": choice.linkage,
            "bound": settings.max_clustered,
            "memory": settings.memory_bytes,  # it lowers the bound
        }


@job(NothingToShowError)
def _clusters(settings: Settings, chosen: ClientRound, choice: ClusterChoice) -> RankClusters:
    both = compared(reader_of(settings), chosen)
    ids = np.flatnonzero(both.inconsistent)
    report(f"Clustering {len(ids):,} records")
    X = comparable_inputs(settings, chosen.dataset, chosen.client, chosen.inputs)
    return cluster_records(
        X,
        ids,
        choice.n_clusters,
        linkage=choice.linkage,
        max_clustered=settings.max_clustered,
        seed=SEED,
        memory_bytes=settings.memory_bytes,
        device=chosen_device(settings.use_gpu)[0],
        known=_preprocessed(settings, chosen, X) if len(ids) > 1 else None,
        progress=report,
    )


def _preprocessed(settings: Settings, chosen: ClientRound, X: SampleArray) -> FloatArray | None:
    """Read the rank products of these inputs, where a file has them and they fit."""
    if 2 * 8 * len(X) ** 2 > settings.memory_bytes:  # as text of a pickle and as an array
        return None
    reader = reader_of(settings)
    try:
        products = reader.affinity(chosen.dataset, chosen.client, chosen.inputs)
    except DataError as error:
        LOGGER.warning("rank products are computed, not read: %s", error)
        return None
    if products is not None and not products_fit(products, X, SEED):
        LOGGER.warning(
            "the rank products of %s (%s) in affinity_%s.npz are of other records, or of "
            "columns in other units: computed anew",
            chosen.client,
            chosen.inputs,
            chosen.dataset,
        )
        return None
    return products
