"""Records that the benchmark runs on: real digits, and pictures in colour that are made up."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.fft

from flhetero_dash.arrays import IntArray
from preprocess.typographic import handwritten_digits

Pictures = npt.NDArray[np.uint8]
_STORED_SIDE = 28
_CHANNELS = 3
# Of the two models whose outputs are compared: little, so that they are often wrong.
_TRAINED_ON = 60


@lru_cache(maxsize=2)
def digits(n: int, side: int) -> tuple[Pictures, IntArray]:
    """Give real digits (n, side * side) and their labels.

    There are 5,000; further ones are copies of these, shifted by up to two pixels.
    """
    pictures, labels = _stored()
    pictures = pictures.reshape(-1, _STORED_SIDE, _STORED_SIDE)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(pictures))
    step = -(-_STORED_SIDE // side)
    parts: list[Pictures] = []
    for start in range(0, n, len(order)):
        own = order[: n - start]
        part = pictures[own]
        if start:
            shifts = rng.integers(-2, 3, (len(own), 2))
            part = np.stack([np.roll(p, s, (0, 1)) for p, s in zip(part, shifts, strict=True)])
        parts.append(part[:, ::step, ::step].reshape(len(own), -1))
    whole = np.concatenate(parts)
    return np.ascontiguousarray(whole), labels[np.resize(order, n)]


@lru_cache(maxsize=1)
def _stored() -> tuple[Pictures, IntArray]:
    return handwritten_digits()  # as text: reading them takes a second


def two_outputs(pictures: Pictures, labels: IntArray, seed: int) -> tuple[IntArray, IntArray]:
    """Give what two poor models say: each takes the nearest mean of a few records by class."""
    rng = np.random.default_rng(seed)
    outputs = []
    for _ in range(2):
        own = rng.choice(len(pictures), min(_TRAINED_ON, len(pictures) // 2), replace=False)
        classes = np.unique(labels[own])
        means = np.stack([pictures[own[labels[own] == c]].mean(axis=0) for c in classes])
        keys = np.square(means).sum(axis=1) - 2 * pictures.astype(np.float64) @ means.T
        outputs.append(classes[keys.argmin(axis=1)])
    return outputs[0], outputs[1]


def inconsistent_rows(pictures: Pictures, labels: IntArray, m: int, seed: int) -> IntArray:
    """Draw m records on which two poor models disagree; if these are too few, others too."""
    first, second = two_outputs(pictures, labels, seed)
    rng = np.random.default_rng(seed)
    chance = rng.random(len(labels)) + (first == second)
    return np.sort(np.argsort(chance)[:m])


@lru_cache(maxsize=1)
def colour_pictures(n: int, side: int, m: int) -> tuple[Pictures, IntArray]:
    """Give pictures (n, 3 * side * side) with the spectrum of photographs, and m rows of them.

    These rows are like the others, but vary less in coarse and more in fine structure.
    """
    rng = np.random.default_rng(1)
    rows = np.sort(rng.choice(n, m, replace=False))
    at = np.hypot(*np.meshgrid(np.arange(side), np.arange(side))) + 1
    channel = np.linalg.qr(rng.normal(size=(_CHANNELS, _CHANNELS)))[0] * [1.0, 0.5, 0.25]
    made = np.empty((n, _CHANNELS * side * side), dtype=np.uint8)
    special = np.zeros(n, dtype=bool)
    special[rows] = True
    for start in range(0, n, 1_000):  # a block at a time: little memory
        fine = np.where(special[start : start + 1_000], 1.1, 1.5)[:, None, None, None]
        noise = rng.normal(size=(len(fine), _CHANNELS, side, side)) / at**fine
        smooth = scipy.fft.idctn(noise, axes=(2, 3), norm="ortho") * side
        mixed = np.einsum("cd,ndxy->ncxy", channel, smooth)
        made[start : start + 1_000] = np.clip(128 + 60 * mixed, 0, 255).reshape(len(fine), -1)
    return made, rows


def shape_of(X: npt.NDArray[np.generic], m: int | None = None) -> str:
    """Describe a size for the table."""
    kind = "8-bit" if X.dtype == np.uint8 else "floats"
    beside = "" if m is None else f", m = {m:,}"
    return f"{len(X):,} x {X.shape[1]:,} {kind}{beside}"


def median_of(values: Sequence[float]) -> float:
    """Give the median as a plain number."""
    return float(np.median(values))
