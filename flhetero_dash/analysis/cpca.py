"""Contrastive principal component analysis (cPCA)."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from flhetero_dash.analysis.alpha_choice import automatic_alpha
from flhetero_dash.analysis.moments import (
    Centering,
    PairMoments,
    explained_shares,
    pair_moments,
    project_rows,
)
from flhetero_dash.arrays import FloatArray, SampleArray


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
        _require_features(X, len(self.center), "X")
        return project_rows(X, self.center, self.directions)


def contrastive_plane(
    target: SampleArray,
    background: SampleArray,
    alpha: float | None,
    orient_to: FloatArray | None = None,
    centering: Centering = "target",
) -> ContrastivePlane:
    """Find the contrastive plane, with a given or an automatic contrast.

    Parameters
    ----------
    target : ndarray of shape (n_target, n_features)
        Records to describe, at least one; all features in one unit (here: pixel intensity).
    background : ndarray of shape (n_background, n_features)
        Records whose variation should be suppressed; without any the plane is that of PCA.
    alpha : float or None
        Contrast, dimensionless, at least 0. None chooses it: 40 candidates are sorted into 5
        groups of like planes; of the third group the most central candidate is taken.
    orient_to : ndarray of shape (2, n_features), optional
        Reference directions: of the sign flips and the exchange of the two directions the
        closest to it is returned, so that neighbouring views look alike. Without it the largest
        entry of each direction is positive and the most contrastive direction comes first.
    centering : {'target', 'own'}, default='target'
        Mean on which the background is centred: the target's, as HetVis does, so that a
        background that sits elsewhere counts as variation to suppress; or its own, as the
        reference package of Abid et al. does.

    Returns
    -------
    ContrastivePlane

    Raises
    ------
    ValueError
        If the target is empty, the sets have different features, a value is not finite, or
        ``alpha`` is negative or not finite.

    References
    ----------
    Abid et al. (2018), Nature Communications 9:2134.
    """
    _check(target, background, alpha)
    if orient_to is not None and np.shape(orient_to) != (2, target.shape[1]):
        raise ValueError(
            f"orient_to has shape {np.shape(orient_to)}, expected (2, {target.shape[1]})"
        )
    # Many small products: more threads than one cost more than they bring.
    with threadpool_limits(1, user_api="blas"):
        moments = pair_moments(target, background, centering)
        used, note = _contrast(moments, background, alpha, centering)
        directions = _signed(moments.lift(moments.leading(used, 2)))
    if len(directions) < 2:
        missing = np.zeros((2 - len(directions), target.shape[1]))
        directions = np.concatenate([directions, missing])
        note = _joined(note, "The records vary along fewer than two directions.")
    if orient_to is not None:
        directions = _oriented(directions, orient_to)
    return ContrastivePlane(
        alpha=used,
        directions=directions,
        center=moments.center,
        explained_target=explained_shares(target, directions),
        explained_background=explained_shares(background, directions),
        note=note,
    )


def contrastive_directions(
    target: SampleArray,
    background: SampleArray,
    alpha: float,
    n_components: int = 2,
    centering: Centering = "target",
) -> FloatArray:
    """Find directions along which the target varies but the background does not.

    Parameters
    ----------
    target, background, centering
        As for `contrastive_plane`.
    alpha : float
        Contrast parameter, dimensionless, at least 0; 0 is ordinary PCA of the target.
    n_components : int, default=2
        Number of directions.

    Returns
    -------
    ndarray of shape (n_components, n_features)
        Orthonormal rows, most contrastive first, the largest entry of each positive; fewer rows
        when the records vary along fewer directions.

    Raises
    ------
    ValueError
        As `contrastive_plane`.

    References
    ----------
    Abid et al. (2018), Nature Communications 9:2134.
    """
    _check(target, background, alpha)
    moments = pair_moments(target, background, centering)
    return _signed(moments.lift(moments.leading(alpha, n_components)))


def principal_plane(X: SampleArray) -> FloatArray:
    """Find the two directions along which the records vary most (ordinary PCA).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        At least one record.

    Returns
    -------
    ndarray of shape (2, n_features)
        Orthonormal rows, the largest entry of each positive; a row of zeros where the records
        vary along fewer than two directions.

    Raises
    ------
    ValueError
        If there is no record or a value is not finite.
    """
    return contrastive_plane(X, X[:0], alpha=0.0).directions


def _check(target: SampleArray, background: SampleArray, alpha: float | None) -> None:
    if target.ndim != 2 or len(target) == 0:
        raise ValueError(
            f"target has shape {target.shape}, expected (n_target, n_features) with a record"
        )
    _require_features(background, target.shape[1], "background")
    if alpha is not None and not (np.isfinite(alpha) and alpha >= 0):
        raise ValueError(f"alpha is {alpha}; it must be finite and at least 0")


def _require_features(X: SampleArray, n_features: int, name: str) -> None:
    if X.ndim != 2 or X.shape[1] != n_features:
        raise ValueError(f"{name} has shape {X.shape}, expected {n_features} features")


def _contrast(
    moments: PairMoments, background: SampleArray, alpha: float | None, centering: Centering
) -> tuple[float, str]:
    """Contrast to use, and what the reader should know about it."""
    if len(background) == 0:
        return 0.0, "No contrast: the background is empty, so this is PCA of the target."
    note = ""
    if len(background) == 1:
        if centering == "own":
            return 0.0, "No contrast: one background record does not vary; this is PCA."
        note = "The background is one record: its distance to the target's mean is suppressed."
    if alpha is None:
        used, choice = automatic_alpha(moments)
        return used, _joined(note, choice)
    left = np.abs(moments.target - alpha * moments.background).max(initial=0.0)
    if alpha > 0 and left <= 1e-12 * np.abs(moments.target).max(initial=0.0):
        return 0.0, _joined(note, "At this contrast nothing is left of the target; this is PCA.")
    return float(alpha), note


def _signed(directions: FloatArray) -> FloatArray:
    """Turn each direction so that its largest entry is positive."""
    if len(directions) == 0:
        return directions
    peaks = np.take_along_axis(directions, np.abs(directions).argmax(axis=1)[:, None], axis=1)
    return directions * np.sign(peaks)


def _oriented(directions: FloatArray, reference: FloatArray) -> FloatArray:
    """Of the sign flips and the exchange of the two directions, the closest to the reference."""
    cosines = directions @ reference.T
    kept = np.abs(np.diag(cosines)).sum()
    exchanged = np.abs(np.diag(cosines[::-1])).sum()
    if exchanged > kept:
        directions, cosines = directions[::-1], cosines[::-1]
    return directions * np.where(np.diag(cosines) < 0, -1.0, 1.0)[:, None]


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
