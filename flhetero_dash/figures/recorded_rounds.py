"""Figure of the rounds whose files are on disk: a row for each kind of file."""

import html
from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from flhetero_dash.figures.rounds import round_axis
from flhetero_dash.figures.theme import Theme, template

WIDE = 60  # rounds; of more, gaps between them would hide them


def recorded_rounds(there: Mapping[str, Sequence[bool]], theme: Theme) -> go.Figure:
    """Draw a square for each round that is there, and a cross for each that is missing.

    Parameters
    ----------
    there : mapping of str to sequence of bool, of length n_rounds
        Whether the file of the round is there, by kind of file.
    """
    n_rounds = max((len(rounds) for rounds in there.values()), default=0)
    names = [html.escape(name, quote=False) for name in there]
    shown = list(range(1, n_rounds + 1))
    gap = 1 if n_rounds <= WIDE else 0
    figure = go.Figure(
        go.Heatmap(
            x=shown,
            y=names,
            z=[[1 if is_there else None for is_there in rounds] for rounds in there.values()],
            xgap=gap,
            ygap=4,
            colorscale=[[0, theme.consistent], [1, theme.consistent]],
            showscale=False,
            hoverongaps=False,
            hovertemplate="%{y}: round %{x} is there<extra></extra>",
            name="there",
        ),
        layout={"template": template(theme)},
    )
    missing = [
        (number, name)
        for name, rounds in zip(names, there.values(), strict=True)
        for number, is_there in zip(shown, rounds, strict=True)
        if not is_there
    ]
    figure.add_scatter(
        x=[number for number, _ in missing],
        y=[name for _, name in missing],
        mode="markers",
        marker={"symbol": "x-thin", "size": 7, "line": {"width": 1.5, "color": theme.negative}},
        hovertemplate="%{y}: round %{x} is missing<extra></extra>",
        name="missing",
    )
    figure.update_layout(
        xaxis=round_axis(1, max(1, n_rounds), 20) | {"fixedrange": True, "showgrid": False},
        yaxis={
            "autorange": "reversed",
            "fixedrange": True,
            "showgrid": False,
            "categoryorder": "array",
            "categoryarray": names,
            "tickvals": names,  # each of them
        },
    )
    return figure
