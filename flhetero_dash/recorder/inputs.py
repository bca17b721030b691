"""A client's inputs: its records, which of them are held out, points of data space beside them."""

from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.analysis.sampled_inputs import stratified_inputs, systematic_inputs
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray, SampleArray
from flhetero_dash.data.recorded import Records

HELD_OUT, TRAIN = "heldout", "train"


def heldout_split(y: IntArray, share: float = 0.2, seed: int = 0) -> BoolArray:
    """Choose records that a client never trains on: the same share of each class.

    Parameters
    ----------
    y : ndarray of shape (n,)
        Class ids.
    share : float, default=0.2
        Of the records of each class, above 0 and below 1; rounded, so that a class of which there
        is one record is trained on.
    seed : int

    Returns
    -------
    ndarray of bool of shape (n,)
        True where a record is held out.

    Raises
    ------
    ValueError
        If the share is not between 0 and 1.
    """
    if not 0 < share < 1:
        raise ValueError(f"share is {share:g}; expected more than 0 and less than 1")
    rng = np.random.default_rng(seed)
    heldout = np.zeros(len(y), dtype=bool)
    for label in np.unique(y):
        own = rng.permutation(np.flatnonzero(y == label))
        heldout[own[: round(share * len(own))]] = True
    return heldout


def client_records(
    X: SampleArray,
    y: IntArray,
    heldout: BoolArray | None = None,
    *,
    n_parts: int = 5,
    n_each: int = 4,
    n_steps: int = 10,
    seed: int = 0,
) -> Records:
    """Put a client's records together with stratified and systematic inputs of its own.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        At least ``n_parts ** 2`` records, all features in one unit; images as 0..255,
        channel-planar.
    y : ndarray of shape (n,)
        Class ids.
    heldout : ndarray of bool of shape (n,), optional
        Records that the client never trains on. Default: `heldout_split` chooses a fifth.
    n_parts, n_each : int
        Strata along each of two principal axes, and points in each stratum.
    n_steps : int
        Grid points along each of the two axes.
    seed : int
        Of what is drawn.

    Returns
    -------
    Records
        Sampled inputs have the type of `X`: whole numbers are rounded and stay in its range.

    Raises
    ------
    ValueError
        If the lengths differ, or there are fewer records than strata.
    """
    if heldout is None:
        heldout = heldout_split(y, seed=seed)
    for what, array in (("y", y), ("heldout", heldout)):
        if array.shape != (len(X),):
            raise ValueError(f"{what} is {array.shape}, expected ({len(X)},) as there are records")
    rng = np.random.default_rng(seed)
    inputs = {
        "local": X,
        "stratified": _as_stored(stratified_inputs(X, n_parts, n_each, rng), X),
        "systematic": _as_stored(systematic_inputs(X, n_steps), X),
    }
    return Records(inputs, y, np.where(heldout, HELD_OUT, TRAIN))


def _as_stored(points: FloatArray, X: SampleArray) -> npt.NDArray[Any]:
    if X.dtype.kind not in "iu":
        return points.astype(X.dtype)
    low, high = (0, 255) if X.dtype == np.uint8 else (X.min(), X.max())
    return np.clip(np.rint(points), low, high).astype(X.dtype)
