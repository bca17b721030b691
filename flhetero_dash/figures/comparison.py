"""Figures of the output comparison."""

import base64

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.arrays import BoolArray, FloatArray
from flhetero_dash.figures.planes import plane_name
from flhetero_dash.figures.theme import Theme, template
from flhetero_dash.figures.words import percent

CONSISTENT, INCONSISTENT = "consistent", "inconsistent"


def overview_scatter(
    coordinates: FloatArray,
    inconsistent: BoolArray,
    explained: FloatArray,
    on_top: str,
    theme: Theme,
) -> go.Figure:
    """Draw all inputs in the contrastive plane, one trace for each class.

    Parameters
    ----------
    coordinates : float32 ndarray of shape (n_samples, 2)
    inconsistent : ndarray of shape (n_samples,)
    explained : ndarray of shape (2,)
        Share of the inputs' variance along each axis.
    on_top : str
        The class that is drawn last.
    """
    classes = [
        (CONSISTENT, ~inconsistent, theme.consistent, 0.55, "circle", 5),
        (INCONSISTENT, inconsistent, theme.inconsistent, 0.9, "diamond", 6),
    ]
    if on_top == CONSISTENT:
        classes.reverse()
    traces = []
    for name, mask, colour, opacity, symbol, size in classes:
        points = np.asarray(coordinates[mask], dtype=np.float32)
        traces.append(
            {
                "type": "scattergl",
                "x": np.ascontiguousarray(points[:, 0]),
                "y": np.ascontiguousarray(points[:, 1]),
                "mode": "markers",
                "marker": {"color": colour, "opacity": opacity, "size": size, "symbol": symbol},
                "name": name,
                "hoverinfo": "none",  # the browser shows the record itself beside the pointer
            }
        )
    axis = {"zeroline": False, "nticks": 6}
    layout = {
        "template": template(theme),
        # Which records the traces hold, for what the browser draws above them.
        "meta": {
            "plane": plane_name(coordinates),
            "n_records": len(inconsistent),
            "inconsistent": base64.b64encode(np.packbits(inconsistent).tobytes()).decode(),
        },
        "xaxis": axis | {"title": {"text": f"cPC1 · {percent(explained[0])} of variance"}},
        "yaxis": axis
        | {
            "title": {"text": f"cPC2 · {percent(explained[1])}"},
            "scaleanchor": "x",
        },
    }
    # In one piece: a figure that is changed step by step takes several times as long to make.
    return go.Figure({"data": traces, "layout": layout})
