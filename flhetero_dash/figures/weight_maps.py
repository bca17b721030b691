"""Figure of contrastive directions as pictures: the weight of every pixel."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.pictures import pictures_layout
from flhetero_dash.figures.theme import Theme, diverging
from flhetero_dash.figures.words import percent


def weight_maps(
    maps: FloatArray,
    first: int,
    explained: FloatArray,
    theme: Theme,
    channel: str = "",
) -> go.Figure:
    """Draw the weights of both directions as pictures, on one symmetric colour scale.

    The browser marks the chosen attribute (`assets/attributes.js`), so the figure is drawn once
    for all of them.

    Parameters
    ----------
    maps : ndarray of shape (2, height, width)
    first : int
        Index of the attribute in row 0, column 0.
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
                "xaxis": f"x{at + 1}",
                "yaxis": f"y{at + 1}",
            }
        )
    titles = [f"cPC{at + 1} · {percent(explained[at])}" for at in (0, 1)]
    layout = pictures_layout(titles, theme)
    layout["meta"] = {"map": {"first": first, "height": maps.shape[1], "width": maps.shape[2]}}
    return go.Figure({"data": traces, "layout": layout})
