"""The axis of communication rounds, and the mark of the selected one.

The browser moves the marks (`assets/round-mark.js`), so a figure is drawn once for all rounds.
"""

import math
from typing import Any

import plotly.graph_objects as go

from flhetero_dash.figures.theme import Theme

MARK = "round"
RING = 6.5  # pixels


def round_axis(first: int, last: int, most_ticks: int) -> dict[str, Any]:
    """Give an axis of shown rounds, both ends included: ticks at round numbers, and at the ends.

    Parameters
    ----------
    first, last : int
        From 1.
    most_ticks : int
        About how many fit.
    """
    step = nice_step((last - first + 1) / most_ticks)
    inner = range(math.ceil((first + 1) / step) * step, last, step)
    ends_apart = [tick for tick in inner if tick - first > step / 2 and last - tick > step / 2]
    return {
        "title": {"text": "communication round"},
        "range": [first - 0.4, last + 0.4],
        "tickmode": "array",
        "tickvals": sorted({first, *ends_apart, last}),
        "zeroline": False,
    }


def nice_step(least: float) -> int:
    """Give the smallest of 1, 2, 5, 10, 20, 50, ... that is at least `least`."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= least:
                return factor * power
        power *= 10


def mark_round(
    figure: go.Figure, shown: int, last: int, theme: Theme, *, is_shown: bool = True
) -> None:
    """Draw a line with a label at the selected round, as it is shown; `last` is the axis's end."""
    # The names let the browser find them.
    figure.add_vline(x=shown, line={"color": theme.text, "width": 1.5}, name=MARK, visible=is_shown)
    figure.add_annotation(
        name=MARK,
        visible=is_shown,
        x=shown,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if shown == last > 1 else "center",
        text=f"round {shown}",
        showarrow=False,
        font={"color": theme.panel, "size": 11},
        bgcolor=theme.text,
        borderpad=2,
    )


def round_ring(theme: Theme) -> dict[str, Any]:
    """Give the ring around the selected round's point of a path, before it has its place."""
    return {
        "name": MARK,
        "type": "circle",
        "visible": False,
        "xsizemode": "pixel",
        "ysizemode": "pixel",
        "xanchor": 0,
        "yanchor": 0,
        "x0": -RING,
        "x1": RING,
        "y0": -RING,
        "y1": RING,
        "line": {"color": theme.text, "width": 2},
    }
