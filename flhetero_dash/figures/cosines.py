"""Figure of the agreement between the client's and the server's updates, by round."""

import html

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.figures.rounds import mark_round, round_axis
from flhetero_dash.figures.theme import Theme, template

MOST_MARKED = 60  # rounds; of more, the points would hide the line


def cosine_curves(
    cosines: FloatArray,
    without_me: FloatArray | None,
    names: tuple[str, ...],
    layer: int,
    rounds: tuple[int, int],
    selected_round: int,
    theme: Theme,
) -> go.Figure:
    """Draw one line for each layer; the chosen one stands out, its leave-me-out line beside it.

    Parameters
    ----------
    cosines : ndarray of shape (n_layers, n_rounds)
        NaN where a round is missing.
    without_me : ndarray of shape (n_layers, n_rounds), or None
        The same without the client's own part of the server's update.
    names : tuple of str, of length n_layers
    layer : int
        The chosen one.
    rounds : tuple of int
        First and last round drawn, from 0.
    selected_round : int
        From 0.
    """
    first, last = rounds
    shown = np.arange(first, last + 1)
    figure = go.Figure(layout={"template": template(theme)})
    # The chosen one last, above the others.
    for row in sorted(range(len(names)), key=lambda row: row == layer):
        rest = None if without_me is None else without_me[row]
        hovered = hover_words(names[row], cosines[row], rest)[first : last + 1]
        is_chosen = row == layer
        lines = [_line(shown, cosines[row], is_chosen, hovered, theme)]
        if is_chosen and rest is not None:
            lines.append(_line(shown, rest, True, hovered, theme))
            lines[-1].update(name="without this client", line_dash="5px,3px", marker_size=3)
        lines[0].update(name=html.escape(names[row]))
        figure.add_traces(lines)
    is_shown = first <= selected_round <= last
    mark_round(figure, selected_round + 1, last + 1, theme, is_shown=is_shown)
    axis = {"fixedrange": True}
    figure.update_layout(
        margin={"t": 22, "r": 16},
        xaxis=axis | round_axis(first + 1, last + 1, 5),
        yaxis=axis | {"title": {"text": "cosine"}, "range": _range(figure), "nticks": 6}
        | {"zeroline": True, "zerolinecolor": theme.muted},
    )  # fmt: skip
    return figure


def _line(
    shown: IntArray, values: FloatArray, is_chosen: bool, hovered: list[str], theme: Theme
) -> go.Scatter:
    points = "lines+markers" if len(shown) <= MOST_MARKED else "lines"
    alone = "markers" if len(shown) == 1 else "lines"
    return go.Scatter(
        x=shown + 1,
        y=values[shown],
        mode=points if is_chosen else alone,
        line={"color": theme.inconsistent, "width": 2}
        if is_chosen
        else {"color": theme.consistent, "width": 1},
        marker={"size": 5},
        text=hovered,
        hovertemplate="%{text}<extra></extra>",
        customdata=[[int(index) + 1] for index in shown],  # the round that a click means
    )


def hover_words(name: str, cosines: FloatArray, without_me: FloatArray | None) -> list[str]:
    """Write what is shown over each round of a layer."""
    words = []
    for index, cosine in enumerate(cosines):
        lines = [f"{html.escape(name)}, round {index + 1}", f"cosine {cosine_word(cosine)}"]
        if without_me is not None:
            lines.append(f"without this client {cosine_word(without_me[index])}")
        words.append("<br>".join(lines))
    return words


def cosine_word(cosine: float) -> str:
    """Write a cosine; one that is missing says so."""
    return f"{cosine:.3f}" if np.isfinite(cosine) else "not known"


def _range(figure: go.Figure) -> list[float]:
    """From 0, or from below the lowest cosine, to 1."""
    values = np.concatenate([np.asarray(trace.y, dtype=float) for trace in figure.data])
    values = values[np.isfinite(values)]
    lowest = float(values.min()) if len(values) else 1.0
    return [min(0.0, max(-1.05, lowest - 0.05)), 1.05]
