"""Figure of Grad-CAM: where both models look, by convolution layer."""

import html
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.pictures import as_pictures
from flhetero_dash.figures.theme import Theme

MODELS = ("Federated", "Stand-alone")
N_ABREAST = 2  # layers in one row
LONGEST_LAYER = 12  # of a layer's name in a title; the hover text has the whole
ROW_HEIGHT = 92  # pixels of one row of many


@dataclass(frozen=True)
class _Place:
    """Where a map stands: row and column from 1."""

    row: int
    column: int


def gradcam_maps(
    federated: FloatArray,
    standalone: FloatArray,
    layers: tuple[str, ...],
    theme: Theme,
    picture: str | None = None,
) -> go.Figure:
    """Draw the heat maps of both models side by side, for each layer, on one colour scale.

    Parameters
    ----------
    federated, standalone : ndarray of shape (n_layers, height, width)
        From 0 to 1.
    layers : tuple of str
    picture : str, optional
        Data address of the record's picture, which the maps are laid over.
    """
    n_pairs = min(N_ABREAST, len(layers))
    n_rows = -(-len(layers) // n_pairs)
    figure = make_subplots(
        rows=n_rows,
        cols=2 * n_pairs,
        horizontal_spacing=0.04 / n_pairs,
        vertical_spacing=0.3 / n_rows if n_rows > 1 else 0,
        subplot_titles=_titles(layers, 2 * n_pairs * n_rows),
    )
    largest = max(float(federated.max()), float(standalone.max())) or 1.0
    for at, layer in enumerate(layers):
        for column, (model, maps) in enumerate(zip(MODELS, (federated, standalone), strict=True)):
            place = _Place(at // n_pairs + 1, 2 * (at % n_pairs) + column + 1)
            if picture is not None:
                image = go.Image(source=picture, hoverinfo="skip")
                figure.add_trace(image, row=place.row, col=place.column)
            overlay = _map(maps[at], largest, f"{model} · {layer}", theme, picture is not None)
            overlay.showscale = at == 0 and column == 1
            figure.add_trace(overlay, row=place.row, col=place.column)
    as_pictures(figure, 2 * n_pairs * n_rows, theme, 10)
    figure.update_layout(margin={"t": 34})
    if n_rows > 1:  # else as high as there is room
        figure.update_layout(height=n_rows * ROW_HEIGHT + 34)
    return figure


def _titles(layers: tuple[str, ...], n_panels: int) -> list[str]:
    titles = [
        f"{model}<br>{html.escape(_shortened(layer))}" for layer in layers for model in MODELS
    ]
    return titles + [""] * (n_panels - len(titles))


def _map(
    heat: FloatArray, largest: float, name: str, theme: Theme, see_through: bool
) -> go.Heatmap:
    red, green, blue = (int(theme.inconsistent[at : at + 2], 16) for at in (1, 3, 5))
    ground = f"rgba({red},{green},{blue},0)" if see_through else theme.panel
    peak = f"rgba({red},{green},{blue},0.85)" if see_through else theme.inconsistent
    return go.Heatmap(
        z=np.asarray(heat, dtype=np.float32),
        zmin=0,
        zmax=largest,
        colorscale=[[0.0, ground], [1.0, peak]],
        name=html.escape(name),
        colorbar={
            "thickness": 8,
            "outlinewidth": 0,
            "tickvals": [0, largest],
            "ticktext": ["0", f"{largest:.2f}"],
        },
        hovertemplate="row %{y}, column %{x}: %{z:.2f}<extra>%{fullData.name}</extra>",
    )


def _shortened(layer: str) -> str:
    """Keep the end of a layer's name: it is what differs."""
    return layer if len(layer) <= LONGEST_LAYER else "…" + layer[1 - LONGEST_LAYER :]
