"""Figure of the performance timeline."""

import math
from typing import Any

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.rounds import mark_round, round_axis
from flhetero_dash.figures.theme import Theme, template

Band = tuple[FloatArray, FloatArray]
MOST_MARKED = 80  # rounds; of more, the points would hide the line
MOST_TICKS = 20
N_LEVELS = 4  # about as many ticks on the y axis; so few, for it is low


def timeline(
    values: FloatArray,
    band: Band | None,
    reference: float | None,
    selected_round: int,
    title: str,
    is_share: bool,
    theme: Theme,
) -> go.Figure:
    """Draw one curve by round, the band of all clients behind it, and the round's marker.

    Parameters
    ----------
    values : ndarray of shape (n_rounds,)
        NaN where a round was not recorded.
    band : pair of ndarray of shape (n_rounds,), or None
        Smallest and largest value among the clients.
    reference : float, or None
        Accuracy of the stand-alone model.
    selected_round : int
        From 0.
    title : str
        Of the y axis.
    is_share : bool
        Whether the values are fractions from 0 to 1.
    """
    n_rounds = len(values)
    # The browser takes the number of rounds from here, for its marker.
    figure = go.Figure(layout={"template": template(theme), "meta": {"rounds": n_rounds}})
    if reference is not None and not np.isfinite(reference):
        reference = None
    if band is not None:
        figure.add_trace(_band(band, theme))
    if reference is not None:
        figure.add_trace(_reference(reference, n_rounds, theme))
    figure.add_trace(_curve(values, band, is_share, theme))
    mark_round(figure, selected_round + 1, n_rounds, theme)
    lowest, highest = _extent(values, band, reference)
    levels = value_axis(lowest, highest, is_share)
    axis = {"fixedrange": True, "automargin": False}
    figure.update_layout(
        margin={"t": 22, "l": 56, "r": 14, "b": 36},
        xaxis=axis | round_axis(1, n_rounds, MOST_TICKS),
        yaxis=axis | {"title": {"text": title}} | levels,
        hovermode="x",
    )
    if levels["range"][0] > 0:
        _break_axis(figure, theme)
    return figure


def _curve(values: FloatArray, band: Band | None, is_share: bool, theme: Theme) -> go.Scatter:
    form = ".1%" if is_share else ".4g"
    words = f"round %{{x}}: %{{y:{form}}}"
    if band is not None:
        words += f"<br>all clients %{{customdata[0]:{form}}} to %{{customdata[1]:{form}}}"
    return go.Scatter(
        x=np.arange(1, len(values) + 1),
        y=values,
        mode="lines+markers" if len(values) <= MOST_MARKED else "lines",
        line={"color": theme.inconsistent, "width": 2},
        marker={"size": 6},
        name="this client",
        customdata=None if band is None else np.stack(band, axis=1).tolist(),
        hovertemplate=words + "<extra></extra>",
    )


def _band(band: Band, theme: Theme) -> go.Scatter:
    rounds = np.arange(1, len(band[0]) + 1)
    low, high = band
    if len(rounds) == 1:  # a bar, as one round has no width
        rounds, low, high = np.array([0.95, 1.05]), np.repeat(low, 2), np.repeat(high, 2)
    return go.Scatter(
        x=np.concatenate([rounds, rounds[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=theme.line,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        name="all clients",
    )


def _reference(accuracy: float, n_rounds: int, theme: Theme) -> go.Scatter:
    """A point at every round, so that each can be pointed at; beyond both ends, for one round."""  # noqa: D401
    return go.Scatter(
        x=[0.6, *range(1, n_rounds + 1), n_rounds + 0.4],
        y=[accuracy] * (n_rounds + 2),
        mode="lines",
        line={"color": theme.total, "width": 1.2, "dash": "dash"},
        name="stand-alone model",
        hovertemplate="stand-alone model: %{y:.1%}<extra></extra>",
    )


def value_axis(lowest: float, highest: float, is_share: bool) -> dict[str, Any]:
    """Give an axis from 0, or from near the values when 0 is far off: then "0" is its lowest tick.

    Between that tick and the next one the axis is broken, and no value is drawn there.
    """
    is_far = lowest > 0.5 * highest > 0 and highest > lowest
    floor = lowest if is_far else min(0.0, lowest)
    span = (highest - floor) or 1.0
    step = _nice(span / (0.6 * N_LEVELS if is_far else N_LEVELS))
    first = math.floor(floor / step + 1e-9) if is_far else math.ceil(floor / step)
    levels = [index * step for index in range(first, math.floor((highest + span / 50) / step) + 1)]
    top = highest + 0.06 * span
    words = [_word(level, step, is_share) for level in levels]
    ticks = {"tickmode": "array", "zeroline": not is_far}
    if not is_far:
        return ticks | {"tickvals": levels, "ticktext": words, "range": [floor, top]}
    bottom = levels[0] - 0.4 * (top - levels[0])
    if bottom <= 0:  # so little is left out that it can as well be drawn
        return value_axis(0.0, highest, is_share)
    words = ["0%" if is_share else "0", *words]
    return ticks | {"tickvals": [bottom, *levels], "ticktext": words, "range": [bottom, top]}


def _nice(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= least * 0.999)


def _word(level: float, step: float, is_share: bool) -> str:
    """Write a tick with as many decimals as its step needs."""
    unit = 100 if is_share else 1
    decimals = max(0, -math.floor(math.log10(step * unit) + 1e-9))
    decimals += not math.isclose(round(step * unit, decimals), step * unit)  # 2.5 needs one more
    return f"{level * unit:,.{decimals}f}{'%' if is_share else ''}"


def _break_axis(figure: go.Figure, theme: Theme) -> None:
    """Draw the axis between 0 and the first value as a broken line."""
    place = {
        "type": "path",
        "xref": "paper",
        "yref": "paper",
        "xsizemode": "pixel",
        "ysizemode": "pixel",
        "xanchor": 0,
        "yanchor": 0,
    }
    zigzag = "M0,0 L0,3 L5,5 L-5,9 L0,11 L0,14"
    figure.add_shape(place | {"path": zigzag, "line": {"color": theme.text, "width": 1.5}})


def _extent(values: FloatArray, band: Band | None, reference: float | None) -> tuple[float, float]:
    """Smallest and largest of all that is drawn; 0 and 1 when that is nothing."""
    seen = [values, *(band or ()), *([] if reference is None else [np.array([reference])])]
    together = np.concatenate([np.asarray(part, dtype=float).ravel() for part in seen])
    together = together[np.isfinite(together)]
    if not len(together):
        return 0.0, 1.0
    return float(together.min()), float(together.max())
