"""Figures for paper, as SVG without any script: what a report holds.

A figure is a base, which figures of the same data have in common and a file need hold once only,
and the marks on it.
"""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.markup import Html, element, joined
from flhetero_dash.figures.rounds import round_axis
from flhetero_dash.figures.theme import Theme
from flhetero_dash.figures.timeline import value_axis

WIDTH, HEIGHT = 520, 152
LEFT, RIGHT, TOP, BOTTOM = 48, 14, 24, 36
MOST_MARKED = 80  # rounds; of more, the points would hide the line
MOST_TICKS = 12
Band = tuple[FloatArray, FloatArray]


@dataclass(frozen=True)
class Drawing:
    """A figure in parts.

    Attributes
    ----------
    width, height : int
        In pixels.
    base, marks : Html
        Content of the SVG.
    title : str
        What is seen, for who cannot see it.
    """

    width: int
    height: int
    base: Html
    marks: Html
    title: str


@dataclass(frozen=True)
class _Axes:
    """From rounds and values to pixels."""

    n_rounds: int
    lowest: float
    highest: float

    def x(self, shown_round: float) -> float:
        share = (shown_round - 0.6) / (self.n_rounds - 0.2)
        return LEFT + share * (WIDTH - LEFT - RIGHT)

    def y(self, value: float) -> float:
        share = (value - self.lowest) / ((self.highest - self.lowest) or 1.0)
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def printed_timeline(
    values: FloatArray,
    band: Band | None,
    reference: float,
    marked_round: int,
    words: str,
    is_share: bool,
    theme: Theme,
) -> Drawing:
    """Draw a curve by round, with a round marked.

    Parameters
    ----------
    values : ndarray of shape (n_rounds,)
        NaN where a round was not recorded.
    band : pair of ndarray of shape (n_rounds,), or None
        Smallest and largest value among the clients.
    reference : float
        Accuracy of the stand-alone model; NaN: none.
    marked_round : int
        From 0.
    words : str
        What the curve is.
    is_share : bool
        Whether the values are fractions from 0 to 1.
    """
    seen = np.concatenate([values, *(band or ()), [reference]])
    seen = seen[np.isfinite(seen)]
    low, high = (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)
    levels = value_axis(low, high, is_share)
    axes = _Axes(len(values), *levels["range"])
    parts = [_grid(axes, levels["tickvals"], levels["ticktext"], theme)]
    if levels["range"][0] > 0:  # the axis does not begin at 0: a broken line says so
        foot = axes.y(levels["range"][0])
        zigzag = f"M{LEFT} {foot:.0f}v-3l5 -2l-10 -4l5 -2v-3"
        parts.append(element("path", d=zigzag, fill="none", stroke=theme.text, stroke_width=1.5))
    if band is not None:
        parts.append(_band(axes, band, theme))
    if np.isfinite(reference):
        line = f"M{LEFT} {axes.y(reference):.1f}H{WIDTH - RIGHT}"
        dashes = {"stroke_dasharray": "5 4", "stroke": theme.total}
        parts.append(element("path", d=line, fill="none", stroke_width="1.4", **dashes))
    parts.append(_curve(axes, values, theme))
    title = f"{words} by round; round {marked_round + 1} is marked"
    if marked_round < len(values) and np.isfinite(values[marked_round]):
        value = float(values[marked_round])
        title += f": {value:.1%}" if is_share else f": {value:,.0f}"
    return Drawing(WIDTH, HEIGHT, joined(*parts), _mark(axes, values, marked_round, theme), title)


def label(words: str, x: float, y: float, anchor: str, colour: str) -> Html:
    """Write a word into a figure."""
    return element("text", words, x=x, y=y, text_anchor=anchor, fill=colour)


def points(places: FloatArray, size: float, colour: str, cap: str) -> Html:
    """Draw points in one path, which is a tenth of the size of single shapes; round or square."""
    lines = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in places.tolist())
    if not lines:
        return Html()
    return element("path", d=lines, stroke=colour, stroke_width=size, stroke_linecap=cap)


def _grid(axes: _Axes, values: list[float], words: list[str], theme: Theme) -> Html:
    parts = []
    for value, word in zip(values, words, strict=True):
        y = axes.y(value)
        line = f"M{LEFT} {y:.1f}H{WIDTH - RIGHT}"
        parts.append(element("path", d=line, stroke=theme.line))
        parts.append(label(word, LEFT - 8, y + 4, "end", theme.muted))
    for tick in round_axis(1, max(1, axes.n_rounds), MOST_TICKS)["tickvals"]:
        parts.append(label(f"{tick:,}", axes.x(tick), HEIGHT - BOTTOM + 15, "middle", theme.muted))
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(label("communication round", middle, HEIGHT - 4, "middle", theme.muted))
    return joined(*parts)


def _band(axes: _Axes, band: Band, theme: Theme) -> Html:
    low, high = band
    rounds = np.arange(1, len(low) + 1, dtype=float)
    if len(rounds) == 1:  # a bar, as one round has no width
        rounds, low, high = np.array([0.9, 1.1]), np.repeat(low, 2), np.repeat(high, 2)
    there = [*zip(rounds, high, strict=True), *zip(rounds[::-1], low[::-1], strict=True)]
    corners = [f"{axes.x(x):.1f} {axes.y(y):.1f}" for x, y in there if np.isfinite(y)]
    return element("path", d="M" + "L".join(corners) + "z", fill=theme.line) if corners else Html()


def _curve(axes: _Axes, values: FloatArray, theme: Theme) -> Html:
    line, is_drawn, places = "", False, []
    for at, value in enumerate(values.tolist()):
        if np.isfinite(value):
            places.append((axes.x(at + 1), axes.y(value)))
            line += f"{'L' if is_drawn else 'M'}{places[-1][0]:.1f} {places[-1][1]:.1f}"
        is_drawn = bool(np.isfinite(value))
    if not places:
        return Html()
    curve = element("path", d=line, fill="none", stroke=theme.inconsistent, stroke_width=2)
    is_few = len(values) <= MOST_MARKED
    return joined(
        curve, points(np.array(places), 6, theme.inconsistent, "round") if is_few else Html()
    )


def _mark(axes: _Axes, values: FloatArray, marked: int, theme: Theme) -> Html:
    if marked >= axes.n_rounds:
        return Html()
    x, words = axes.x(marked + 1), f"round {marked + 1:,}"
    width = 6.4 * len(words) + 8
    left = min(max(x - width / 2, 0), WIDTH - width)
    parts = [
        element("path", d=f"M{x:.1f} {TOP - 4}V{HEIGHT - BOTTOM}", stroke=theme.text),
        element("rect", x=left, y=TOP - 20, width=width, height=17, rx=3, fill=theme.text),
        label(words, left + width / 2, TOP - 7, "middle", theme.panel),
    ]
    if np.isfinite(values[marked]):
        y = axes.y(float(values[marked]))
        ring = element("circle", cx=x, cy=y, r=6, fill="none", stroke=theme.text, stroke_width=2)
        parts.append(ring)
    return joined(*parts)
