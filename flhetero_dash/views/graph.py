"""A chart as all panels show it."""

from enum import StrEnum
from typing import Any

from dash import dcc, html

from flhetero_dash.views.controls import aria
from flhetero_dash.views.states import covered

# Plotly's own buttons are replaced by those of `assets/chart-tools.js`.
CONFIG: Any = {"displaylogo": False, "displayModeBar": False, "scrollZoom": True}


def graph(graph_id: StrEnum, description: str, *, bare: bool = False) -> html.Div:
    """Make a chart with its text alternative; a `bare` one cannot be zoomed.

    The figure comes from a callback; until then the frame is empty.
    """
    zoom: dict[str, Any] = {} if bare else {"data-zoom": ""}
    return html.Div(
        className="chart",
        role="figure",
        **aria(label=description),
        **zoom,
        **covered(graph_id),
        children=dcc.Graph(
            id=graph_id,
            config=CONFIG | {"scrollZoom": not bare},
            responsive=True,
            clear_on_unhover=True,
            figure={
                "layout": {
                    "xaxis": {"visible": False},
                    "yaxis": {"visible": False},
                    "paper_bgcolor": "rgba(0,0,0,0)",
                    "plot_bgcolor": "rgba(0,0,0,0)",
                }
            },
        ),
    )
