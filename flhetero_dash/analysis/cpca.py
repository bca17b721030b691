"""Contrastive principal component analysis (cPCA)."""

import numpy as np
from threadpoolctl import threadpool_limits

from flhetero_dash.analysis.contrast_fit import ContrastiveFit, check_alpha, whole_fit
from flhetero_dash.analysis.contrast_fitting import (
    automatic_plane,
    check_records,
    contrastive_fit,
)
from flhetero_dash.analysis.contrast_plane import ContrastivePlane, signed
from flhetero_dash.analysis.devices import CPU
from flhetero_dash.analysis.moments import Centering, pair_moments
from flhetero_dash.analysis.record_sums import RecordSums
from flhetero_dash.arrays import FloatArray, SampleArray

__all__ = [
    "ContrastiveFit",
    "ContrastivePlane",
    "contrastive_directions",
    "contrastive_fit",
    "contrastive_plane",
    "principal_plane",
]


def contrastive_plane(
    target: SampleArray,
    background: SampleArray,
    alpha: float | None,
    orient_to: FloatArray | None = None,
    centering: Centering = "target",
    *,
    device: str = CPU,
    sums: RecordSums | None = None,
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
    device : str, default='cpu'
        Where the contrast is chosen: see `contrastive_fit`. Who needs further contrasts keeps
        such a fit.
    sums : RecordSums, optional
        Those of the target, so that its records are not summed again.

    Returns
    -------
    ContrastivePlane

    Raises
    ------
    ValueError
        If the target is empty, the sets have different features, a value is not finite, or
        ``alpha`` is negative or not finite, or the sums are of another number of records.

    References
    ----------
    Abid et al. (2018), Nature Communications 9:2134.
    """
    check_records(target, background)
    if orient_to is not None and np.shape(orient_to) != (2, target.shape[1]):
        raise ValueError(
            f"orient_to has shape {np.shape(orient_to)}, expected (2, {target.shape[1]})"
        )
    if alpha is None:
        return automatic_plane(target, background, orient_to, centering, device, sums)
    check_alpha(alpha)
    with threadpool_limits(1, user_api="blas"):
        moments = pair_moments(target, background, centering, sums)
        return whole_fit(moments, len(background), centering).plane(alpha, orient_to)


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
    check_records(target, background)
    check_alpha(alpha)
    moments = pair_moments(target, background, centering)
    return signed(moments.lift(moments.leading(alpha, n_components)))


def principal_plane(X: SampleArray, sums: RecordSums | None = None) -> FloatArray:
    """Find the two directions along which the records vary most (ordinary PCA).

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        At least one record.
    sums : RecordSums, optional
        Those of `X`.

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
    return contrastive_plane(X, X[:0], alpha=0.0, sums=sums).directions
