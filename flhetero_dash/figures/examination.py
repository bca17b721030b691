"""Figure of the heterogeneity examination: the attribute distribution."""

import html

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.theme import Theme, template


def attribute_distribution(
    edges: FloatArray,
    shares: dict[str, FloatArray],
    names: tuple[str, ...] | None,
    attribute: str,
    per_class: bool,
    log: bool,
    theme: Theme,
) -> go.Figure:
    """Draw how often each value of one attribute occurs, per class.

    Parameters
    ----------
    edges : ndarray of shape (n_bins + 1,)
    shares : dict of str to ndarray of shape (n_bins,)
        Of "consistent", "inconsistent" and "total": fractions; NaN (an empty bin on a log
        scale) is left out.
    names : tuple of str, or None
        Names of the bins of a categorical attribute.
    attribute : str
    per_class : bool
        Whether the fractions are of each class or of the scope.
    log : bool
    """
    colours = {
        "total": (theme.total, "dot", 1.2),
        "consistent": (theme.consistent, "solid", 2),
        "inconsistent": (theme.inconsistent, "solid", 2),
    }
    figure = go.Figure(layout={"template": template(theme)})
    for name, (colour, dash, width) in colours.items():
        if names is None:
            line = {"color": colour, "width": width, "dash": dash, "shape": "hv"}
            figure.add_trace(_steps(edges, shares[name], name, line))
        else:
            figure.add_trace(_category_bars(names, shares[name], name, colour))
    figure.update_layout(
        barmode="group",
        margin={"t": 6, "l": 54, "r": 10, "b": 38},
        xaxis={"title": {"text": html.escape(attribute)}, "automargin": names is not None},
        yaxis={
            "title": {"text": "share of class" if per_class else "share of scope"},
            "type": "log" if log else "linear",
            "tickformat": ".1%" if log else ".0%",
            "rangemode": "tozero",
            "automargin": False,
        },
    )
    if names is not None:  # labels of places, as in `weight_bars`
        figure.update_xaxes(
            tickvals=list(range(len(names))), ticktext=[html.escape(name) for name in names]
        )
    return figure


def _steps(edges: FloatArray, shares: FloatArray, name: str, line: dict[str, object]) -> go.Scatter:
    is_filled = name == "inconsistent"
    return go.Scatter(
        x=edges,
        y=np.append(shares, shares[-1]),
        name=name,
        mode="lines",
        line=line,
        fill="tozeroy" if is_filled else None,
        fillcolor=_see_through(str(line["color"])) if is_filled else None,
        hovertemplate=f"{name}<br>from %{{x:.4g}}: %{{y:.1%}}<extra></extra>",
    )


def _category_bars(names: tuple[str, ...], shares: FloatArray, name: str, colour: str) -> go.Bar:
    return go.Bar(
        x=list(range(len(names))),
        y=shares,
        name=name,
        marker_color=colour,
        hovertext=[html.escape(word) for word in names],
        hovertemplate=f"{name}<br>%{{hovertext}}: %{{y:.1%}}<extra></extra>",
    )


def _see_through(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
