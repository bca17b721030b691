"""Figures of the heterogeneity examination: weight maps and Grad-CAM."""

import html

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.theme import Theme, diverging, template
from flhetero_dash.figures.words import percent

LONGEST_NAME = 13  # of an attribute beside its bar; the hover text has the whole
N_BARS = 12  # attributes in the sorted list of a direction


def weight_maps(
    maps: FloatArray, marked: tuple[int, int] | None, explained: FloatArray, theme: Theme
) -> go.Figure:
    """Draw the weights of both directions as pictures, on one symmetric colour scale.

    Parameters
    ----------
    maps : ndarray of shape (2, height, width)
    marked : tuple of int, or None
        Row and column of the attribute whose distribution is shown.
    explained : ndarray of shape (2,)
        Share of variance of each direction.
    """
    largest = float(np.abs(maps).max()) or 1.0
    titles = [f"cPC{at + 1} · {percent(explained[at])}" for at in (0, 1)]
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.04, subplot_titles=titles)
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
                hovertemplate="row %{y}, column %{x}<br>weight %{z:.3g}<extra></extra>",
            ),
            row=1,
            col=at + 1,
        )
        if marked is not None:
            figure.add_trace(
                go.Scatter(
                    x=[marked[1]],
                    y=[marked[0]],
                    mode="markers",
                    marker={
                        "symbol": "square-open",
                        "size": 10,
                        "color": theme.text,
                        "line": {"width": 2},
                    },
                    hoverinfo="skip",
                ),
                row=1,
                col=at + 1,
            )
    _as_pictures(figure, 2, theme)
    return figure


def weight_bars(
    directions: FloatArray, names: tuple[str, ...], explained: FloatArray, theme: Theme
) -> go.Figure:
    """Draw the largest weights of both directions as sorted bars of named attributes."""
    titles = [f"cPC{at + 1} · {percent(explained[at])}" for at in (0, 1)]
    figure = make_subplots(rows=1, cols=2, horizontal_spacing=0.44, subplot_titles=titles)
    for at in (0, 1):
        order = np.argsort(-np.abs(directions[at]), kind="stable")[:N_BARS][::-1]
        weights = directions[at][order]
        figure.add_trace(
            go.Bar(
                x=weights,
                y=list(range(len(order))),
                orientation="h",
                marker_color=[theme.positive if w >= 0 else theme.negative for w in weights],
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
            ticktext=[html.escape(_shortened(names[index])) for index in order],
            row=1,
            col=at + 1,
        )
    figure.update_layout(template=template(theme), margin={"t": 24})
    figure.update_annotations(font={"size": 11, "color": theme.muted})
    return figure


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"


def gradcam_maps(
    federated: FloatArray, standalone: FloatArray, layers: tuple[str, ...], theme: Theme
) -> go.Figure:
    """Draw the mean heat maps of both models side by side, one row for each layer.

    Parameters
    ----------
    federated, standalone : ndarray of shape (n_layers, height, width)
        From 0 to 1.
    layers : tuple of str
    """
    n_layers = len(layers)
    titles = [
        f"{model} · {html.escape(layer)}"
        for layer in layers
        for model in ("Federated", "Stand-alone")
    ]
    figure = make_subplots(
        rows=n_layers,
        cols=2,
        horizontal_spacing=0.04,
        vertical_spacing=0.12 / n_layers,
        subplot_titles=titles,
    )
    largest = max(float(federated.max()), float(standalone.max())) or 1.0
    for row in range(n_layers):
        for column, maps in enumerate((federated, standalone)):
            figure.add_trace(
                go.Heatmap(
                    z=np.asarray(maps[row], dtype=np.float32),
                    zmin=0,
                    zmax=largest,
                    colorscale=[[0.0, theme.panel], [1.0, theme.inconsistent]],
                    showscale=row == 0 and column == 1,
                    colorbar={
                        "thickness": 8,
                        "outlinewidth": 0,
                        "tickvals": [0, largest],
                        "ticktext": ["0", f"{largest:.2f}"],
                    },
                    hovertemplate="row %{y}, column %{x}<br>%{z:.2f}<extra></extra>",
                ),
                row=row + 1,
                col=column + 1,
            )
    _as_pictures(figure, 2 * n_layers, theme)
    return figure


def _as_pictures(figure: go.Figure, n_panels: int, theme: Theme) -> None:
    """Give all panels square pixels, no axes, and row 0 on top."""
    figure.update_layout(template=template(theme), margin={"t": 22, "b": 4, "l": 4, "r": 4})
    figure.update_annotations(font={"size": 11, "color": theme.muted})
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, autorange="reversed", constrain="domain")
    for panel in range(1, n_panels + 1):
        name = "" if panel == 1 else str(panel)
        figure.layout[f"yaxis{name}"].scaleanchor = f"x{name}"
