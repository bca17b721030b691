"""Ranks and clusters in the published system's way: our own plain form of it."""

import numpy as np
from sklearn.cluster import AgglomerativeClustering
from sklearn.metrics.pairwise import euclidean_distances

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray


def rank_table(X: SampleArray) -> IntArray:
    """Position of every record in the order of distance from every record, (n, n)."""
    X = np.asarray(X, dtype=np.float64)
    order = np.argsort(euclidean_distances(X), axis=1, kind="stable")
    ranks = np.empty(order.shape, dtype=np.int64)
    np.put_along_axis(ranks, order, np.arange(len(X))[None, :], axis=1)
    return ranks


def rank_products(X: SampleArray) -> IntArray:
    """Products of the ranks that two records hold for each other, (n, n); small is close."""
    ranks = rank_table(X)
    return ranks * ranks.T


def clusters(products: IntArray, k: int | None = None) -> IntArray:
    """Cluster of each record by single linkage; None: the published number of clusters."""
    if k is None:
        k = automatic_k(_heights(products))
    model = AgglomerativeClustering(n_clusters=k, metric="precomputed", linkage="single")
    return np.asarray(model.fit_predict(products))


def automatic_k(heights: FloatArray) -> int:
    """First place of the smallest drop of the heights, which descend."""
    return int(np.argmin(heights[:-1] - heights[1:])) + 2


def _heights(products: IntArray) -> FloatArray:
    model = AgglomerativeClustering(
        n_clusters=None, distance_threshold=0, metric="precomputed", linkage="single"
    )
    return np.sort(model.fit(products).distances_)[::-1]
