"""Plain but sensible ways: what a careful programmer writes with numpy, scipy and scikit-learn."""

import numpy as np
import scipy.linalg
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from sklearn.decomposition import PCA
from sklearn.metrics.pairwise import euclidean_distances

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from tests.benchmarks.published_contrast import ALPHAS, chosen_candidate


def covariances(target: SampleArray, background: SampleArray) -> tuple[FloatArray, FloatArray]:
    """Covariances of both sets about the target's mean, in double precision."""
    shifted, beside = (np.asarray(rows, dtype=np.float64) for rows in (target, background))
    mean = shifted.mean(axis=0)
    shifted, beside = shifted - mean, beside - mean
    return (
        shifted.T @ shifted / (len(shifted) - 1),
        beside.T @ beside / max(len(beside) - 1, 1),
    )


def leading_pair(contrast: FloatArray) -> FloatArray:
    """Solve for the two leading eigenvectors only, in rows."""
    last = len(contrast) - 1
    _, vectors = scipy.linalg.eigh(contrast, subset_by_index=[last - 1, last], check_finite=False)
    return np.asarray(vectors[:, ::-1].T)


def automatic_plane(
    target: SampleArray, background: SampleArray, seed: int = 0
) -> tuple[float, FloatArray]:
    """Contrast that the published rule chooses, and its directions: moments once, 40 solves.

    The planes are compared by the covariance, without projecting a record.
    """
    of_target, of_background = covariances(target, background)
    planes = [leading_pair(of_target - alpha * of_background) for alpha in ALPHAS]
    chosen = chosen_candidate(affinities(planes, of_target), seed)
    return float(ALPHAS[chosen]), planes[chosen]


def affinities(planes: list[FloatArray], covariance: FloatArray) -> FloatArray:
    """Product of the cosines of the principal angles between images of the target."""
    rows = np.concatenate(planes)
    inner = (rows @ covariance @ rows.T).reshape(len(planes), 2, len(planes), 2)
    found = np.abs(np.linalg.det(inner.transpose(0, 2, 1, 3)))
    scale = np.sqrt(np.diag(found))
    return np.asarray(np.nan_to_num(found / np.outer(scale, scale)))


def rank_products(X: SampleArray, rows: IntArray) -> IntArray:
    """Products of mutual ranks of some records: distances of their rows, sorted twice."""
    values = np.asarray(X, dtype=np.float64)
    order = np.argsort(euclidean_distances(values[rows], values), axis=1)
    ranks = np.argsort(order, axis=1)[:, rows]
    return np.asarray(ranks * ranks.T)


def clusters(products: IntArray, k: int) -> IntArray:
    """Cluster of each record, from 1: scipy's single linkage."""
    steps = hierarchy.linkage(squareform(products, checks=False).astype(np.float64), "single")
    return np.asarray(hierarchy.fcluster(steps, k, criterion="maxclust"))


def projected_weights(
    initial: FloatArray, client: FloatArray, server: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Coordinates of initial, client and server weights of a layer: an exact PCA."""
    pca = PCA(n_components=2, svd_solver="full").fit(server)
    return pca.transform(initial[None, :])[0], pca.transform(client), pca.transform(server)
