"""Automatic choice of the contrast of cPCA."""

from typing import Protocol

import numpy as np
from sklearn.cluster import SpectralClustering

from flhetero_dash.arrays import FloatArray

# What automatic alpha chooses from, and into how many groups of like planes it sorts them.
CANDIDATES: FloatArray = np.concatenate([[0.0], np.logspace(-1, 3, 39)])
N_GROUPS = 5
_CHOSEN_GROUP = 2
# Two planes count as one when the squared sine of the angle between them is below this.
_SAME_PLANE = 1e-6
# Kept between any two candidates, so that their graph is connected.
_LEAST_AFFINITY = 1e-12
_SEED = 0


class Moments(Protocol):
    """What a choice needs: `PairMoments`, or a `ContrastiveFit`."""

    @property
    def target(self) -> FloatArray:
        """Covariance of the target, of shape (n_coordinates, n_coordinates)."""

    def leading(self, alpha: float, n_components: int) -> FloatArray:
        """Leading eigenvectors at a contrast, in rows of n_coordinates."""


def automatic_alpha(moments: Moments) -> tuple[float, str]:
    """Choose the contrast of cPCA among 40 candidates.

    The candidates are sorted into 5 groups of like planes by spectral clustering; of the third
    group, in the order of their smallest contrast, the most central candidate is taken.

    Parameters
    ----------
    moments : Moments
        Covariances of target and background.

    Returns
    -------
    tuple of float and str
        The contrast, and what the reader should know when there was little to choose from.

    References
    ----------
    Abid et al. (2018), Nature Communications 9:2134, for the affinity of planes; the choice of
    one group is HetVis's.
    """
    if len(moments.target) < 2:
        return 0.0, ""
    if len(moments.target) == 2:
        return 0.0, "There is one plane only, so the contrast changes nothing."
    planes = [moments.leading(float(alpha), 2) for alpha in CANDIDATES]
    affinity = plane_affinity(np.stack(planes), moments.target)
    if (n_distinct := _count_distinct(affinity)) < N_GROUPS:
        note = f"The candidate contrasts give {n_distinct} distinct planes only; the central one."
        return float(CANDIDATES[affinity.sum(axis=0).argmax()]), note
    labels = SpectralClustering(
        n_clusters=N_GROUPS, affinity="precomputed", random_state=_SEED
    ).fit_predict(np.maximum(affinity, _LEAST_AFFINITY))
    _, first = np.unique(labels, return_index=True)
    chosen = labels[np.sort(first)[min(_CHOSEN_GROUP, len(first) - 1)]]
    members = np.flatnonzero(labels == chosen)
    closeness = affinity[np.ix_(members, members)].sum(axis=0)
    return float(CANDIDATES[members[closeness.argmax()]]), ""


def plane_affinity(planes: FloatArray, covariance: FloatArray) -> FloatArray:
    """Compare planes by what they show of the target.

    Parameters
    ----------
    planes : ndarray of shape (n_planes, 2, n_coordinates)
        Two directions each.
    covariance : ndarray of shape (n_coordinates, n_coordinates)
        Of the target.

    Returns
    -------
    ndarray of shape (n_planes, n_planes)
        Product of the cosines of the two principal angles between the target's images in both
        planes, from 0 to 1; 1 on the diagonal, 0 for an image that is not a plane.
    """
    # The images are not needed: their inner products are V_i' C V_j, up to a common factor.
    n_planes = len(planes)
    rows = planes.reshape(2 * n_planes, -1)
    products = (rows @ covariance @ rows.T).reshape(n_planes, 2, n_planes, 2)
    a, b = products[:, 0, :, 0], products[:, 0, :, 1]
    c, d = products[:, 1, :, 0], products[:, 1, :, 1]
    determinants = np.abs(a * d - b * c)
    area = np.sqrt(np.diag(determinants))
    scale = np.outer(area, area)
    affinity = np.divide(determinants, scale, out=np.zeros_like(scale), where=scale > 0)
    affinity = np.clip((affinity + affinity.T) / 2, 0.0, 1.0)
    np.fill_diagonal(affinity, 1.0)
    return affinity


def _count_distinct(affinity: FloatArray) -> int:
    seen: list[int] = []
    for index, row in enumerate(affinity):
        if all(1 - row[other] > _SAME_PLANE for other in seen):
            seen.append(index)
    return len(seen)
