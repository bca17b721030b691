"""Clusters of inconsistent records by the ranks they hold among each other's neighbours."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from scipy.cluster import hierarchy

from flhetero_dash.analysis.devices import CPU
from flhetero_dash.analysis.rank_products import RankProducts, multiply_by_transposed
from flhetero_dash.analysis.ranks import GIB, neighbour_ranks
from flhetero_dash.analysis.single_linkage import single_linkage
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

Linkage = Literal["single", "average"]
Rule = Literal["ours", "published"]
# Is told what is done at the moment and, where that is known, how many parts are done of how many.
Progress = Callable[..., None]


@dataclass(frozen=True)
class MergeTree:
    """The order in which an agglomerative clustering joins m records.

    Attributes
    ----------
    merges : ndarray of int, shape (m - 1, 2)
        The two clusters joined by each step: records are 0..m-1, step i makes cluster m + i.
    heights : ndarray of shape (m - 1,)
        Dissimilarity at which each step joins, ascending.
    """

    merges: IntArray
    heights: FloatArray

    def cut(self, n_clusters: int) -> IntArray:
        """Cluster of each record, shape (m,): undo the last ``n_clusters - 1`` steps.

        By order, never by height: equal heights would give another number of clusters.
        """
        n_records = len(self.merges) + 1
        parent = np.arange(2 * n_records - 1)
        n_steps = n_records - n_clusters
        # Backwards, so that the cluster a step made knows its own before its parts ask.
        for step in range(n_steps - 1, -1, -1):
            parent[self.merges[step]] = parent[n_records + step]
        _, labels = np.unique(parent[:n_records], return_inverse=True)
        return labels


@dataclass(frozen=True)
class RankClusters:
    """Clusters of inconsistent records.

    Attributes
    ----------
    members : tuple of ndarray of int
        Record ids of each cluster, ascending; clusters by size, the largest first, equal sizes
        by their smallest id.
    heights : ndarray of shape (m - 1,)
        Merge heights, descending: the cut into k clusters lies before ``heights[k - 1]``.
    n_clusters : int
    automatic : bool
        Whether the number of clusters was chosen by `automatic_k`.
    linkage : str
    n_sampled : int or None
        Records that were clustered when they were too many; the others joined the cluster of
        their nearest. None: all were.
    """

    members: tuple[IntArray, ...]
    heights: FloatArray
    n_clusters: int
    automatic: bool
    linkage: str
    n_sampled: int | None


def rank_dissimilarity(X: SampleArray, rows: IntArray, chunk_rows: int | None = None) -> IntArray:
    """Multiply the ranks that two records hold among each other's neighbours.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        All records; ranks count all of them.
    rows : ndarray of int, shape (m,)
        Records to compare.
    chunk_rows : int, optional
        Rows worked on at a time; changes the memory, not the result.

    Returns
    -------
    ndarray of int64, shape (m, m)
        Symmetric, 0 on the diagonal only; small is close.

    Raises
    ------
    ValueError
        If a value is not finite.
    """
    dissimilarity = neighbour_ranks(X, rows, rows, chunk_rows, dtype=np.int64)
    multiply_by_transposed(dissimilarity)
    return dissimilarity


def merge_tree(dissimilarity: IntArray | FloatArray, linkage: Linkage = "single") -> MergeTree:
    """Join records step by step, the closest first.

    Parameters
    ----------
    dissimilarity : ndarray of shape (m, m)
        Symmetric with a zero diagonal; m at least 1.
    linkage : {'single', 'average'}, default='single'
        Distance of two clusters: that of their closest records, or the mean over all pairs.

    Returns
    -------
    MergeTree

    Raises
    ------
    ValueError
        If the linkage is neither of the two, or the array is not square.
    """
    if linkage not in ("single", "average"):
        raise ValueError(f"linkage is {linkage!r}, expected 'single' or 'average'")
    n_records = len(dissimilarity)
    if dissimilarity.shape != (n_records, n_records) or n_records == 0:
        raise ValueError(f"dissimilarity has shape {dissimilarity.shape}, expected a square")
    if n_records == 1:
        return MergeTree(np.empty((0, 2), dtype=np.int64), np.empty(0))
    if linkage == "single":
        return MergeTree(*single_linkage(dissimilarity))
    steps = hierarchy.linkage(_pairs(dissimilarity), method=linkage)
    return MergeTree(steps[:, :2].astype(np.int64), steps[:, 2])


def _pairs(square: IntArray | FloatArray) -> FloatArray:
    """Give what is above the diagonal, row by row, in double precision and in one copy."""
    n_records = len(square)
    pairs = np.empty(n_records * (n_records - 1) // 2)
    end = 0
    for row in range(n_records - 1):
        start, end = end, end + n_records - 1 - row
        pairs[start:end] = square[row, row + 1 :]
    return pairs


def automatic_k(heights: FloatArray, rule: Rule = "ours") -> int:
    """Choose the number of clusters from the merge heights.

    Parameters
    ----------
    heights : ndarray of shape (m - 1,)
        Merge heights, descending.
    rule : {'ours', 'published'}, default='ours'
        ours: the elbow of the heights, the one farthest below the straight line from the first
        height to 0 (m clusters, nothing merged); what is higher is cut. Tried on real digits
        with subgroups set in another typeface, inverted, turned, shifted or of another digit,
        against the largest drop and the largest second difference, of heights and of their
        logarithms: it found the subgroup best under both linkages. The others mostly cut off a
        single record, or leave nearly every record alone.
        published: HetVis's, the first place of the smallest drop, which splits too much.

    Returns
    -------
    int
        1 when there are fewer than two heights, or no height is below the line.

    Raises
    ------
    ValueError
        If the rule is neither of the two.
    """
    if rule not in ("ours", "published"):
        raise ValueError(f"rule is {rule!r}, expected 'ours' or 'published'")
    if len(heights) < 2:
        return 1
    if rule == "published":
        return int(np.argmin(heights[:-1] - heights[1:])) + 2
    line = heights[0] * np.linspace(1.0, 0.0, len(heights) + 1)[:-1]
    return int(np.argmax(line - heights)) + 1


def cluster_records(  # noqa: PLR0913 - what to cluster, how, and with what
    X: SampleArray,
    inconsistent_ids: IntArray,
    k: int | None,
    linkage: Linkage = "single",
    max_clustered: int = 8000,
    seed: int = 0,
    rule: Rule = "ours",
    *,
    memory_bytes: int = GIB,
    device: str = CPU,
    known: FloatArray | None = None,
    progress: Progress = lambda *_: None,
) -> RankClusters:
    """Group the inconsistent records by mutual rank.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        All records of the current inputs.
    inconsistent_ids : ndarray of int, shape (m,)
        Rows of `X` to cluster, each once; 0, 1 and 2 are ordinary numbers of records.
    k : int or None
        Number of clusters, at least 1; more than m are m. None: `automatic_k`.
    linkage : {'single', 'average'}, default='single'
    max_clustered : int, default=8000
        Above this number of records a sample of that size is clustered; each of the others
        joins the cluster of the sampled record nearest to it by dissimilarity.
    seed : int, default=0
        Of the sample.
    rule : {'ours', 'published'}, default='ours'
        Of the automatic number of clusters.
    memory_bytes : int, default=1 GiB
        Bound of the working memory. It lowers ``max_clustered`` where that would need more: to
        8,192 for average linkage and to 10,033 for single linkage at 1 GiB.
    device : str, default='cpu'
        Where ranks are computed: ``cpu`` or ``cuda``.
    known : ndarray of shape (n_samples, n_samples), optional
        Rank products from a file, instead of computing them.
    progress : callable, optional
        Is told in words what is done and, for the ranks, how many rows are done of how many.

    Returns
    -------
    RankClusters

    Raises
    ------
    ValueError
        If ``k`` or ``max_clustered`` is below 1, or a value is not finite.
    """
    if k is not None and k < 1:
        raise ValueError(f"k is {k}; there must be at least 1 cluster")
    if max_clustered < 1:
        raise ValueError(f"max_clustered is {max_clustered}; it must be at least 1")
    ids = np.sort(np.asarray(inconsistent_ids, dtype=np.int64))
    automatic = k is None
    if len(ids) == 0:
        return RankClusters((), np.empty(0), 0, automatic, linkage, None)
    products = RankProducts(X, memory_bytes, device, known)
    sampled = _sampled(ids, min(max_clustered, products.most_clustered(linkage)), seed)
    n_words = _counted(len(sampled), len(ids))
    dissimilarity = products.among(sampled, partial(progress, f"Ranking {n_words}"))
    progress(f"Joining {n_words} into clusters")
    tree = merge_tree(dissimilarity, linkage)
    heights = tree.heights[::-1]
    n_clusters = min(automatic_k(heights, rule) if k is None else k, len(sampled))
    labels = tree.cut(n_clusters)
    groups = [sampled[labels == label] for label in range(n_clusters)]
    if len(sampled) < len(ids):
        rest = np.setdiff1d(ids, sampled, assume_unique=True)
        progress(f"Finding the cluster of the other {len(rest):,} records")
        joined = labels[products.nearest(rest, sampled)]
        groups = [
            np.sort(np.concatenate([members, rest[joined == label]]))
            for label, members in enumerate(groups)
        ]
    groups.sort(key=lambda members: (-len(members), int(members[0])))
    n_sampled = len(sampled) if len(sampled) < len(ids) else None
    return RankClusters(tuple(groups), heights, n_clusters, automatic, linkage, n_sampled)


def _counted(n_sampled: int, n_records: int) -> str:
    whole = f"{n_records:,} records"
    return whole if n_sampled == n_records else f"a sample of {n_sampled:,} of {whole}"


def _sampled(ids: IntArray, most: int, seed: int) -> IntArray:
    if len(ids) <= most:
        return ids
    chosen = np.random.default_rng(seed).choice(len(ids), most, replace=False)
    return np.asarray(ids[np.sort(chosen)])
