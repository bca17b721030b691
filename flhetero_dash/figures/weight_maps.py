"""Figure of contrastive directions as pictures: the weight of every pixel."""

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.pictures import as_pictures
from flhetero_dash.figures.theme import Theme, diverging
from flhetero_dash.figures.words import percent


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
    titles = [f"cPC{at + 1} · {percent(explained[at])}" for at in (0, 1)]
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.04, subplot_titles=titles)
    named = f"pixel (row %{{y}}, column %{{x}}){', ' + channel if channel else ''}"
    for at in (0, 1):
        figure.add_trace(
            go.Heatmap(
                z=np.asarray(maps[at], dtype=np.float32),
                zmin=-largest,
                zmax=largest,
                colorscale=diverging(theme),
                showscale=at == 1,
                colorbar={
                    "thickness": 8,
                    "outlinewidth": 0,
                    "tickvals": [-largest, 0, largest],
                    "ticktext": [f"−{largest:.2g}", "0", f"{largest:.2g}"],
                },
                hovertemplate=f"{named}<br>weight %{{z:.3g}}<extra></extra>",
            ),
            row=1,
            col=at + 1,
        )
        if marked is not None:
            figure.add_trace(_mark(*marked, theme), row=1, col=at + 1)
    as_pictures(figure, 2, theme)
    return figure


def _mark(row: int, column: int, theme: Theme) -> go.Scatter:
    return go.Scatter(
        x=[column],
        y=[row],
        mode="markers",
        marker={
            "symbol": "square-open",
            "size": 10,
            "color": theme.text,
            "line": {"width": 2},
        },
        hoverinfo="skip",
    )
