"""Figure of the performance timeline."""

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.theme import Theme, template


def timeline(
    values: FloatArray,
    band: tuple[FloatArray, FloatArray] | None,
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
    rounds = np.arange(1, len(values) + 1)
    figure = go.Figure(layout={"template": template(theme)})
    if band is not None:
        figure.add_trace(
            go.Scatter(
                x=np.concatenate([rounds, rounds[::-1]]),
                y=np.concatenate([band[1], band[0][::-1]]),
                fill="toself",
                fillcolor=theme.line,
                line={"width": 0},
                mode="lines",
                hoverinfo="skip",
                name="all clients",
            )
        )
    if reference is not None and np.isfinite(reference):
        figure.add_trace(
            go.Scatter(
                x=[1, len(values)],
                y=[reference, reference],
                mode="lines",
                line={"color": theme.total, "width": 1.2, "dash": "dash"},
                name="stand-alone model",
                hovertemplate="stand-alone model: %{y:.1%}<extra></extra>",
            )
        )
    figure.add_trace(
        go.Scatter(
            x=rounds,
            y=values,
            mode="lines+markers",
            line={"color": theme.inconsistent, "width": 2},
            marker={"size": 6},
            name="this client",
            hovertemplate="round %{x}: %{y:.1%}<extra></extra>"
            if is_share
            else "round %{x}: %{y:.4g}<extra></extra>",
        )
    )
    _mark_round(figure, selected_round, len(values), theme)
    low = _lowest(values, band, reference)
    figure.update_layout(
        margin={"t": 22, "l": 56, "r": 14, "b": 36},
        xaxis={
            "title": {"text": "communication round"},
            "range": [0.6, len(values) + 0.4],
            "dtick": max(1, len(values) // 20),
            "tick0": 1,
            "fixedrange": True,
            "automargin": False,
        },
        yaxis={
            "title": {"text": title},
            "tickformat": ".0%" if is_share else None,
            "range": [low, None],
            "rangemode": "normal" if low else "tozero",
            "nticks": 5,
            "fixedrange": True,
            "automargin": False,
        },
        hovermode="x",
    )
    return figure


def _mark_round(figure: go.Figure, selected_round: int, n_rounds: int, theme: Theme) -> None:
    figure.add_vline(x=selected_round + 1, line={"color": theme.text, "width": 1.5})
    figure.add_annotation(
        x=selected_round + 1,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor="right" if selected_round + 1 == n_rounds > 1 else "center",
        text=f"round {selected_round + 1}",
        showarrow=False,
        font={"color": theme.panel, "size": 11},
        bgcolor=theme.text,
        borderpad=2,
    )


def _lowest(
    values: FloatArray, band: tuple[FloatArray, FloatArray] | None, reference: float | None
) -> float | None:
    """Where the y axis starts: at 0, unless all values are far from it."""
    seen = [
        values,
        *([band[0]] if band else []),
        *([] if reference is None else [np.array([reference])]),
    ]
    together = np.concatenate([np.asarray(part, dtype=float).ravel() for part in seen])
    together = together[np.isfinite(together)]
    if not len(together):
        return 0.0
    low, high = float(together.min()), float(together.max())
    return low - 0.15 * (high - low) if low > 0.5 * high > 0 and high > low else 0.0
