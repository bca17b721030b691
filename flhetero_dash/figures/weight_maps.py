"""Figures of contrastive directions: weights as pictures, or as sorted bars."""

import html
from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.pictures import pictures_layout
from flhetero_dash.figures.theme import Theme, diverging, template
from flhetero_dash.figures.words import percent

LONGEST_NAME = 13  # of an attribute beside its bar; the hover text has the whole
N_BARS = 12  # attributes in the sorted list of a direction


def weight_maps(
    maps: FloatArray,
    marked: tuple[int, int] | None,
    explained: FloatArray,
    theme: Theme,
    channel: str = "",
) -> go.Figure:
    """Draw the weights of both directions as pictures, on one symmetric colour scale.

    Parameters
    ----------
    maps : ndarray of shape (2, height, width)
    marked : tuple of int, or None
        Row and column of the attribute whose distribution is shown.
    explained : ndarray of shape (2,)
        Share of variance of each direction.
    channel : str, optional
        Name of the colour channel, for the names of the attributes.
    """
    largest = float(np.abs(maps).max()) or 1.0
    named = f"pixel (row %{{y}}, column %{{x}}){', ' + channel if channel else ''}"
    bar = {
        "thickness": 8,
        "outlinewidth": 0,
        "tickvals": [-largest, 0, largest],
        "ticktext": [f"−{largest:.2g}", "0", f"{largest:.2g}"],
    }
    traces: list[dict[str, Any]] = []
    for at in (0, 1):
        axes = {"xaxis": f"x{at + 1}", "yaxis": f"y{at + 1}"}
        traces.append(
            {
                "type": "heatmap",
                "z": np.asarray(maps[at], dtype=np.float32),
                "zmin": -largest,
                "zmax": largest,
                "colorscale": diverging(theme),
                "showscale": at == 1,
                "colorbar": bar,
                "hovertemplate": f"{named}<br>weight %{{z:.3g}}<extra></extra>",
                **axes,
            }
        )
        if marked is not None:
            traces.append(_mark(*marked, theme) | axes)
    titles = [f"cPC{at + 1} · {percent(explained[at])}" for at in (0, 1)]
    return go.Figure({"data": traces, "layout": pictures_layout(titles, theme)})


def _mark(row: int, column: int, theme: Theme) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": [column],
        "y": [row],
        "mode": "markers",
        "marker": {
            "symbol": "square-open",
            "size": 10,
            "color": theme.text,
            "line": {"width": 2},
        },
        "hoverinfo": "skip",
    }


def weight_bars(
    directions: FloatArray,
    names: tuple[str, ...],
    explained: FloatArray,
    theme: Theme,
    marked: int | None = None,
) -> go.Figure:
    """Draw the largest weights of both directions as sorted bars of named attributes.

    The bar of the attribute `marked`, whose distribution is shown, has an outline and a bold
    name, where it is among them. Both directions have one symmetric scale.
    """
    titles = [f"cPC{at + 1} · {percent(explained[at])}" for at in (0, 1)]
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.44, subplot_titles=titles)
    largest = float(np.abs(directions).max()) or 1.0
    for at in (0, 1):
        order = np.argsort(-np.abs(directions[at]), kind="stable")[:N_BARS][::-1]
        weights = directions[at][order]
        figure.add_trace(
            go.Bar(
                x=weights,
                y=list(range(len(order))),
                orientation="h",
                marker={
                    "color": [theme.positive if w >= 0 else theme.negative for w in weights],
                    "line": {
                        "color": theme.text,
                        "width": [2 if index == marked else 0 for index in order],
                    },
                },
                customdata=[int(index) for index in order],
                hovertext=[html.escape(names[index]) for index in order],
                hovertemplate="%{hovertext}: %{x:.3g}<extra></extra>",
            ),
            row=1,
            col=at + 1,
        )
        # Names are labels of places: as places of their own, equal (shortened) names would
        # share one, and numbers would be sorted.
        figure.update_yaxes(
            tickvals=list(range(len(order))),
            tickfont={"size": 10},
            ticktext=[_label(names[index], index == marked) for index in order],
            row=1,
            col=at + 1,
        )
    figure.update_layout(template=template(theme), margin={"t": 24})
    figure.update_xaxes(range=[-1.05 * largest, 1.05 * largest], nticks=4, zeroline=True)
    figure.update_annotations(font={"size": 11, "color": theme.muted})
    return figure


def _label(name: str, is_marked: bool) -> str:
    short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
    escaped = html.escape(short)
    return f"<b>{escaped}</b>" if is_marked else escaped
