"""Contrastive PCA in the published system's way: our own plain form of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.cluster import SpectralClustering

from flhetero_dash.arrays import FloatArray

ALPHAS: FloatArray = np.concatenate([[0.0], np.logspace(-1, 3, 39)])
_N_GROUPS, _GROUP = 5, 2
Records = npt.NDArray[np.generic]


@dataclass(frozen=True)
class Plane:
    """Two directions (2, n_features), the contrast, and records projected, not centred."""

    directions: FloatArray
    alpha: float
    projected: FloatArray


def covariances(target: Records, background: Records) -> tuple[FloatArray, FloatArray]:
    """Covariances of both sets about the target's mean."""
    X, B = np.asarray(target, dtype=np.float64), np.asarray(background, dtype=np.float64)
    mean = X.mean(axis=0)
    X, B = X - mean, B - mean
    return X.T @ X / (len(X) - 1), B.T @ B / max(len(B) - 1, 1)


def directions_of(contrast: FloatArray) -> FloatArray:
    """Solve for all eigenvectors, and keep the two of the largest eigenvalues, in rows."""
    values, vectors = np.linalg.eigh(contrast)
    return np.asarray(vectors[:, np.argsort(values)[::-1][:2]].T)


def one_alpha(target: Records, background: Records, alpha: float, drawn: Records) -> Plane:
    """Plane of a given contrast, from nothing."""
    of_target, of_background = covariances(target, background)
    directions = directions_of(of_target - alpha * of_background)
    return Plane(directions, alpha, drawn @ directions.T)


def automatic(
    target: Records, background: Records, drawn: Records, seed: int | None = None
) -> Plane:
    """Plane of the contrast that the published rule chooses; unseeded, it is not always the same."""
    of_target, of_background = covariances(target, background)
    planes = [directions_of(of_target - alpha * of_background) for alpha in ALPHAS]
    offsets = np.asarray(target, dtype=np.float64)
    offsets = offsets - offsets.mean(axis=0)
    images = [np.linalg.qr(offsets @ plane.T)[0] for plane in planes]
    chosen = chosen_candidate(affinities(images), seed)
    return Plane(planes[chosen], float(ALPHAS[chosen]), drawn @ planes[chosen].T)


def affinities(images: list[FloatArray]) -> FloatArray:
    """Product of the cosines of the principal angles of every two planes."""
    found = np.eye(len(images))
    for i, one in enumerate(images):
        for j in range(i + 1, len(images)):
            cosines = np.linalg.svd(one.T @ images[j], compute_uv=False)
            found[i, j] = found[j, i] = cosines[0] * cosines[1]
    return np.nan_to_num(found)


def chosen_candidate(affinity: FloatArray, seed: int | None) -> int:
    """Sort the candidates into 5 groups; of the third, the one that is closest to its group."""
    labels = SpectralClustering(
        n_clusters=_N_GROUPS, affinity="precomputed", random_state=seed
    ).fit_predict(affinity)
    _, first = np.unique(labels, return_index=True)
    members = np.flatnonzero(labels == labels[np.sort(first)[min(_GROUP, len(first) - 1)]])
    return int(members[affinity[np.ix_(members, members)].sum(axis=0).argmax()])
