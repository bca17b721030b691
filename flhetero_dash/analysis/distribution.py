"""How one attribute is distributed among consistent and inconsistent records."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.arrays import BoolArray, FloatArray, IntArray, SampleArray


@dataclass(frozen=True)
class AttributeDistribution:
    """Histogram of a numeric attribute over the records of one scope.

    Attributes
    ----------
    edges : ndarray of shape (n_bins + 1,)
        Borders of the bins, in the attribute's unit; the last bin includes its upper border.
    consistent, inconsistent : ndarray of int, shape (n_bins,)
        Records in each bin.
    cohens_d : float
        Mean of the inconsistent records minus that of the consistent ones, in pooled standard
        deviations; NaN when a class is empty or nothing varies.
    ks : float
        Kolmogorov-Smirnov distance of the two classes, from 0 to 1; NaN when one is empty.
    """

    edges: FloatArray
    consistent: IntArray
    inconsistent: IntArray
    cohens_d: float
    ks: float

    @property
    def total(self) -> IntArray:
        """Records of both classes in each bin, shape (n_bins,)."""
        return self.consistent + self.inconsistent


@dataclass(frozen=True)
class CategoryDistribution:
    """Counts of a categorical attribute over the records of one scope.

    Attributes
    ----------
    consistent, inconsistent : ndarray of int, shape (n_categories,)
        Records of each category.
    distance : float
        Total variation distance of the two classes, from 0 to 1; NaN when one is empty.
    """

    consistent: IntArray
    inconsistent: IntArray
    distance: float

    @property
    def total(self) -> IntArray:
        """Records of both classes in each category, shape (n_categories,)."""
        return self.consistent + self.inconsistent


def attribute_distribution(
    values: SampleArray,
    inconsistent: BoolArray,
    value_range: tuple[float, float],
    n_bins: int = 20,
) -> AttributeDistribution:
    """Count a numeric attribute in equal bins, by class.

    Parameters
    ----------
    values : ndarray of shape (n_scope,)
        The attribute of the records in scope; may be empty.
    inconsistent : ndarray of bool, shape (n_scope,)
    value_range : tuple of float
        Smallest and largest value in the whole data set, not in the scope, so that scopes can be
        compared. Equal ones give a single bin of width 1.
    n_bins : int, default=20

    Returns
    -------
    AttributeDistribution

    Raises
    ------
    ValueError
        If there is not one class per value, no bin, or a value outside the range.
    """
    _require_classes(values, inconsistent)
    low, high = (float(bound) for bound in value_range)
    if n_bins < 1 or not low <= high:
        raise ValueError(f"n_bins is {n_bins}, range {low} to {high}; expected a bin and a range")
    outside = ~((values >= low) & (values <= high))
    if outside.any():
        raise ValueError(f"{np.count_nonzero(outside)} values lie outside {low} to {high}")
    edges = np.linspace(low, high, n_bins + 1) if low < high else np.array([low - 0.5, low + 0.5])
    numbers = np.asarray(values, dtype=np.float64)
    differing, agreeing = numbers[inconsistent], numbers[~inconsistent]
    return AttributeDistribution(
        edges,
        np.histogram(agreeing, edges)[0],
        np.histogram(differing, edges)[0],
        cohens_d(differing, agreeing),
        ks_distance(differing, agreeing),
    )


def category_distribution(
    codes: IntArray, inconsistent: BoolArray, n_categories: int
) -> CategoryDistribution:
    """Count a categorical attribute, by class.

    Parameters
    ----------
    codes : ndarray of int, shape (n_scope,)
        Category of each record in scope, from 0 to ``n_categories - 1``; may be empty.
    inconsistent : ndarray of bool, shape (n_scope,)
    n_categories : int

    Returns
    -------
    CategoryDistribution

    Raises
    ------
    ValueError
        If there is not one class per code, or a code is out of range.
    """
    _require_classes(codes, inconsistent)
    if len(codes) and (codes.min() < 0 or codes.max() >= n_categories):
        raise ValueError(
            f"categories run from {codes.min()} to {codes.max()}, expected 0 to {n_categories - 1}"
        )
    agreeing = np.bincount(codes[~inconsistent], minlength=n_categories)
    differing = np.bincount(codes[inconsistent], minlength=n_categories)
    distance = float("nan")
    if agreeing.sum() and differing.sum():
        gap = agreeing / agreeing.sum() - differing / differing.sum()
        distance = float(np.abs(gap).sum() / 2)
    return CategoryDistribution(agreeing, differing, distance)


def cohens_d(a: FloatArray, b: FloatArray) -> float:
    """Difference of the means of ``a`` and ``b`` in pooled standard deviations, or NaN."""
    if len(a) == 0 or len(b) == 0 or len(a) + len(b) < 3:
        return float("nan")
    squares = np.square(a - a.mean()).sum() + np.square(b - b.mean()).sum()
    pooled = np.sqrt(squares / (len(a) + len(b) - 2))
    return float((a.mean() - b.mean()) / pooled) if pooled > 0 else float("nan")


def ks_distance(a: FloatArray, b: FloatArray) -> float:
    """Largest gap between the cumulative shares of ``a`` and ``b``; NaN when one is empty."""
    if len(a) == 0 or len(b) == 0:
        return float("nan")
    # Few values repeat often, and ascending ones are found faster.
    places = np.unique(np.concatenate([a, b]))
    below_a = np.searchsorted(np.sort(a), places, side="right") / len(a)
    below_b = np.searchsorted(np.sort(b), places, side="right") / len(b)
    return float(np.abs(below_a - below_b).max())


def default_attribute(directions: FloatArray) -> int:
    """Feature with the largest absolute weight in any of the directions (k, n_features)."""
    return int(np.abs(directions).max(axis=0).argmax())


def _require_classes(values: SampleArray, inconsistent: BoolArray) -> None:
    if values.ndim != 1 or values.shape != inconsistent.shape:
        raise ValueError(
            f"values have shape {values.shape}, classes {inconsistent.shape}; "
            "expected one class for each value"
        )
