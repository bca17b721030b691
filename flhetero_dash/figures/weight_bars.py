"""Figure of contrastive directions as bars: the weight of every named attribute."""

import html

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.theme import Theme, template
from flhetero_dash.figures.words import percent, without_units

LONGEST_NAME = 34  # of an attribute beside its bars; the hover text has the whole
N_BARS = 24  # attributes in the list
ROW_HEIGHT, FRAME_HEIGHT = 11, 40  # pixels: of a name, and of titles and ticks
TICKS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01)  # one of them on either side of 0


def weight_bars(
    directions: FloatArray,
    names: tuple[str, ...],
    explained: FloatArray,
    theme: Theme,
) -> go.Figure:
    """Draw the largest weights as bars: a row for each attribute, a column for each direction.

    Attributes are sorted by the larger of their two absolute weights, so the first is the one
    whose distribution is shown unless another one was chosen. The browser gives the bars of the
    chosen one an outline and a bold name (`assets/attributes.js`). Both directions have one
    symmetric scale.
    """
    titles = [f"cPC{at + 1} · {percent(explained[at])}" for at in (0, 1)]
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.14, subplot_titles=titles
    )
    strength = np.abs(directions).max(axis=0)
    order = np.argsort(-strength, kind="stable")[:N_BARS][::-1]  # rows go up
    for at in (0, 1):
        figure.add_trace(
            _bars(directions[at][order], order.tolist(), names, theme), row=1, col=at + 1
        )
    short = without_units(names)
    # Names are labels of places: as places of their own, equal (shortened) names would share
    # one, and numbers would be sorted.
    figure.update_yaxes(
        tickvals=list(range(len(order))),
        ticktext=[_label(short[index]) for index in order],
        tickfont={"size": 10},
        col=1,
    )
    largest = float(strength.max()) or 1.0
    tick = next((one for one in TICKS if one <= largest), largest)
    figure.update_xaxes(
        range=[-1.05 * largest, 1.05 * largest],
        tickvals=[-tick, 0, tick],
        tickfont={"size": 10},
        zeroline=True,
    )
    figure.update_layout(
        template=template(theme),
        margin={"t": 20, "r": 12, "b": 4},
        bargap=0.25,
        meta={"bars": True, "least_height": ROW_HEIGHT * len(order) + FRAME_HEIGHT},
    )
    figure.update_annotations(font={"size": 10, "color": theme.muted})
    return figure


def _bars(weights: FloatArray, order: list[int], names: tuple[str, ...], theme: Theme) -> go.Bar:
    return go.Bar(
        x=weights,
        y=list(range(len(order))),
        orientation="h",
        marker={
            "color": [theme.positive if w >= 0 else theme.negative for w in weights],
            "line": {"color": theme.text, "width": [0] * len(order)},
        },
        customdata=order,
        hovertext=[html.escape(names[index]) for index in order],
        hovertemplate="%{hovertext}: %{x:.3g}<extra></extra>",
    )


def _label(name: str) -> str:
    return html.escape(name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…")
