"""What one fit of cPCA keeps, so that it answers any contrast (see docs/cpca.md)."""

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from flhetero_dash.analysis.alpha_choice import automatic_alpha
from flhetero_dash.analysis.array_space import Array, ArraySpace, NumpySpace
from flhetero_dash.analysis.contrast_plane import ContrastivePlane, oriented, signed
from flhetero_dash.analysis.moments import Centering, PairMoments, leading_vectors
from flhetero_dash.arrays import FloatArray

# Share of a covariance that is rounding.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class ContrastiveFit:
    """Covariances within a small space that holds the plane of each contrast.

    Attributes
    ----------
    center : ndarray of shape (n_features,)
        Mean of the target.
    basis : ndarray of shape (n_basis, n_features)
        Orthonormal rows, mostly 60 to 100.
    target, background : ndarray of shape (n_basis, n_basis)
        Covariances, in squared units of the features.
    background_shift : ndarray of shape (n_basis,)
        Way from the target's mean to the background's.
    totals : ndarray of shape (2,)
        Variance of target and background about their own means, summed over all features; NaN
        for a set that does not vary.
    n_background : int
    centering : {'target', 'own'}
        Mean on which the background is centred.
    largest_alpha : float
        Up to here the space holds the planes; infinite if it is the whole space.
    """

    center: FloatArray
    basis: FloatArray
    target: FloatArray
    background: FloatArray
    background_shift: FloatArray
    totals: FloatArray
    n_background: int
    centering: Centering
    largest_alpha: float

    def leading(self, alpha: float, n_components: int) -> FloatArray:
        """Leading eigenvectors at a contrast, as rows over the basis."""
        return leading_vectors(self.target - alpha * self.background, n_components)

    def plane(self, alpha: float, orient_to: FloatArray | None = None) -> ContrastivePlane:
        """Give the plane of one contrast.

        Parameters
        ----------
        alpha : float
            At least 0 and at most `largest_alpha`.
        orient_to : ndarray of shape (2, n_features), optional
            As for `contrastive_plane`.

        Raises
        ------
        ValueError
            If ``alpha`` is negative, not finite or larger than the fit answers.
        """
        check_alpha(alpha)
        used, note = self._used(alpha)
        if used > self.largest_alpha:
            raise ValueError(
                f"alpha is {alpha}; this fit answers up to {self.largest_alpha:g}: "
                "use contrastive_plane"
            )
        return self._drawn(used, note, orient_to)

    def automatic(self, orient_to: FloatArray | None = None) -> ContrastivePlane:
        """Give the plane of the contrast that `automatic_alpha` chooses."""
        none, note = self._without_contrast()
        if none:
            return self._drawn(0.0, note, orient_to)
        with threadpool_limits(1):  # threads that wait for each other
            alpha, choice = automatic_alpha(self)
        return self._drawn(alpha, _joined(note, choice), orient_to)

    def _used(self, alpha: float) -> tuple[float, str]:
        """Contrast to use, and what the reader should know about it."""
        none, note = self._without_contrast()
        if none:
            return 0.0, note
        left = np.abs(self.target - alpha * self.background).max(initial=0.0)
        if alpha > 0 and left <= _ROUNDING * np.abs(self.target).max(initial=0.0):
            return 0.0, _joined(
                note, "At this contrast nothing is left of the target; this is PCA."
            )
        return float(alpha), note

    def _without_contrast(self) -> tuple[bool, str]:
        if self.n_background == 0:
            return True, "No contrast: the background is empty, so this is PCA of the target."
        if self.n_background > 1:
            return False, ""
        if self.centering == "own":
            return True, "No contrast: one background record does not vary; this is PCA."
        return (
            False,
            "The background is one record: its distance to the target's mean is suppressed.",
        )

    def _drawn(self, alpha: float, note: str, orient_to: FloatArray | None) -> ContrastivePlane:
        vectors = self.leading(alpha, 2)
        directions = signed(vectors @ self.basis)
        if missing := 2 - len(directions):
            vectors = np.concatenate([vectors, np.zeros((missing, vectors.shape[1]))])
            directions = np.concatenate([directions, np.zeros((missing, len(self.center)))])
            note = _joined(note, "The records vary along fewer than two directions.")
        shares = self._shares(vectors)
        if orient_to is not None:
            directions, order = oriented(directions, orient_to)
            shares = shares[:, order]
        return ContrastivePlane(alpha, directions, self.center, shares[0], shares[1], note)

    def _shares(self, vectors: FloatArray) -> FloatArray:
        """Share of each set's variance about its own mean, of shape (2, n_vectors)."""
        along_target = ((vectors @ self.target) * vectors).sum(axis=1)
        along_background = ((vectors @ self.background) * vectors).sum(axis=1)
        if self.centering == "target":
            shifts = np.square(vectors @ self.background_shift)
            along_background = along_background - _shift_weight(self.n_background) * shifts
        shares = np.stack([along_target, along_background]) / self.totals[:, None]
        return np.asarray(np.clip(shares, 0.0, 1.0))


def whole_fit(moments: PairMoments, n_background: int, centering: Centering) -> ContrastiveFit:
    """Keep all coordinates: any contrast can be asked for, each at its full price."""
    basis = np.eye(len(moments.target))
    return fit_within(moments, basis, n_background, centering, np.inf, NumpySpace())


def check_alpha(alpha: float) -> None:
    """Raise ValueError unless the contrast is finite and at least 0."""
    if not (np.isfinite(alpha) and alpha >= 0):
        raise ValueError(f"alpha is {alpha}; it must be finite and at least 0")


def fit_within(
    moments: PairMoments,
    basis: Array,
    n_background: int,
    centering: Centering,
    largest_alpha: float,
    space: ArraySpace,
) -> ContrastiveFit:
    """Keep what orthonormal rows over the moments' coordinates span."""
    inner = [
        space.host((basis @ space.array(whole)) @ basis.mT)
        for whole in (moments.target, moments.background)
    ]
    rows = space.host(basis)
    return ContrastiveFit(
        moments.center,
        moments.lift(rows),
        inner[0],
        inner[1],
        rows @ moments.background_shift,
        _totals(moments, n_background, centering),
        n_background,
        centering,
        largest_alpha,
    )


def _totals(moments: PairMoments, n_background: int, centering: Centering) -> FloatArray:
    target, background = float(np.trace(moments.target)), float(np.trace(moments.background))
    own = background
    if centering == "target":
        own -= _shift_weight(n_background) * float(np.square(moments.background_shift).sum())
    if n_background < 2 or own <= _ROUNDING * background:
        own = np.nan
    return np.array([target if target > 0 else np.nan, own])


def _shift_weight(n_background: int) -> float:
    """How often the squared shift is in a covariance about another mean than its own."""
    return n_background / max(n_background - 1, 1)


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
