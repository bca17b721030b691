"""The overview for paper: all inputs in a plane, a note's records outlined."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.arrays import BoolArray, FloatArray, IntArray
from flhetero_dash.figures.markup import Html, element, joined
from flhetero_dash.figures.printed import Drawing, label, points
from flhetero_dash.figures.theme import Theme
from flhetero_dash.figures.words import percent

SIDE, MARGIN, FOOT = 300, 12, 22
MOST_CONSISTENT = 2_000
MOST_INCONSISTENT = 2_000
MOST_OUTLINED = 5_000


@dataclass(frozen=True)
class PrintedPlane:
    """The figure, and how many records of each kind are in it of how many."""

    drawing: Drawing
    consistent: tuple[int, int]
    inconsistent: tuple[int, int]
    outlined: tuple[int, int]


def printed_plane(
    coordinates: FloatArray,
    inconsistent: BoolArray,
    explained: FloatArray,
    records: IntArray | None,
    theme: Theme,
) -> PrintedPlane:
    """Draw the plane; of many records some, evenly chosen, but all that are to be outlined.

    Parameters
    ----------
    coordinates : ndarray of shape (n_samples, 2)
    inconsistent : ndarray of shape (n_samples,)
    explained : ndarray of shape (2,)
        Share of the inputs' variance along each axis.
    records : ndarray of int, or None
        To be outlined; None: none.
    """
    places = _pixels(coordinates)
    rows = {is_so: np.flatnonzero(inconsistent == is_so) for is_so in (False, True)}
    dots = _some(rows[False], MOST_CONSISTENT)
    squares = _some(rows[True], MOST_INCONSISTENT)
    wanted = np.zeros(0, dtype=np.int64) if records is None else records
    ringed = _some(wanted, MOST_OUTLINED)
    frame = {"fill": "none", "stroke": theme.line}
    base = joined(
        element("rect", x=0.5, y=0.5, width=SIDE - 1, height=SIDE - 1, rx=4, **frame),
        points(places[dots], 2.6, theme.consistent, "round"),
        points(places[squares], 4.2, theme.inconsistent, "square"),
        label(f"cPC1 · {percent(explained[0])} of variance", SIDE, SIDE + 16, "end", theme.muted),
        label(f"cPC2 (up) · {percent(explained[1])}", 0, SIDE + 16, "start", theme.muted),
    )
    # The outline is a larger point beneath; so a record keeps its own shape and colour.
    is_other = inconsistent[ringed]
    marks = joined(
        points(places[ringed], 10, theme.text, "round"),
        points(places[ringed], 7, theme.panel, "round"),
        points(places[ringed[~is_other]], 3.4, theme.consistent, "round"),
        points(places[ringed[is_other]], 4.2, theme.inconsistent, "square"),
    )
    title = f"Overview plane of {len(places):,} records, {int(inconsistent.sum()):,} inconsistent"
    if records is not None:
        title += f"; the note's {len(records):,} are outlined"
    drawing = Drawing(SIDE, SIDE + FOOT, base, marks if len(ringed) else Html(), title)
    return PrintedPlane(
        drawing,
        (len(dots), len(rows[False])),
        (len(squares), len(rows[True])),
        (len(ringed), len(wanted)),
    )


def swatch(kind: str, theme: Theme) -> Html:
    """Draw a point of the plane, for its legend."""
    centre = np.array([[7.0, 7.0]])
    shapes = {
        "consistent": points(centre, 3.4, theme.consistent, "round"),
        "inconsistent": points(centre, 5, theme.inconsistent, "square"),
        "outlined": joined(
            points(centre, 12, theme.text, "round"), points(centre, 9, theme.panel, "round")
        ),
    }
    return element("svg", shapes[kind], class_="key", width=14, height=14, aria_hidden="true")


def _pixels(coordinates: FloatArray) -> FloatArray:
    """Fit the plane into its frame, both axes on one scale."""
    places = np.asarray(coordinates, dtype=np.float64)
    if not len(places):
        return places
    low, high = places.min(axis=0), places.max(axis=0)
    scale = (SIDE - 2 * MARGIN) / (float((high - low).max()) or 1.0)
    offsets = (places - (low + high) / 2) * scale * [1, -1]
    middle: FloatArray = offsets + SIDE / 2
    return middle


def _some(rows: IntArray, most: int) -> IntArray:
    """Choose rows by chance, but always the same."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False))
