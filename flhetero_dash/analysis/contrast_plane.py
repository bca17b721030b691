"""A contrastive plane, and how its two directions are turned."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.moments import project_rows
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray


@dataclass(frozen=True)
class ContrastivePlane:
    """A plane that shows what varies in the target but not in the background.

    Attributes
    ----------
    alpha : float
        Contrast that was used, at least 0; 0 is ordinary PCA of the target.
    directions : ndarray of shape (2, n_features)
        Orthonormal rows; a row of zeros where the records vary along fewer than two directions.
    center : ndarray of shape (n_features,)
        Mean of the target.
    explained_target, explained_background : ndarray of shape (2,)
        Share of the set's variance about its own mean along each direction, from 0 to 1; NaN
        for a set that does not vary.
    note : str
        What the reader should know about this plane; mostly empty.
    """

    alpha: float
    directions: FloatArray
    center: FloatArray
    explained_target: FloatArray
    explained_background: FloatArray
    note: str

    def project(self, X: SampleArray) -> FloatArray:
        """Coordinates in the plane, of shape (n_samples, 2); the target's mean is at 0, 0."""
        if X.ndim != 2 or X.shape[1] != len(self.center):
            raise ValueError(f"X has shape {X.shape}, expected {len(self.center)} features")
        return project_rows(X, self.center, self.directions)


def signed(directions: FloatArray) -> FloatArray:
    """Turn each direction so that its largest entry is positive."""
    if len(directions) == 0:
        return directions
    peaks = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return directions * np.sign(peaks)


def oriented(directions: FloatArray, reference: FloatArray) -> tuple[FloatArray, IntArray]:
    """Of the sign flips and the exchange of the two directions, give the closest to a reference.

    Returns
    -------
    tuple
        The directions, and of which rows they are.
    """
    cosines = directions @ reference.T
    kept = np.abs(np.diag(cosines)).sum()
    exchanged = np.abs(np.diag(cosines[::-1])).sum()
    order = np.array([1, 0] if exchanged > kept else [0, 1])
    signs = np.where(np.diag(cosines[order]) < 0, -1.0, 1.0)
    return directions[order] * signs[:, None], order
