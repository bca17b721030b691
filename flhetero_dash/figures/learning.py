"""Figure of the models' paths in parameter space."""

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.analysis.trajectory import ParameterProjection
from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.cosines import cosine_word
from flhetero_dash.figures.rounds import round_ring
from flhetero_dash.figures.theme import Theme, template
from flhetero_dash.figures.words import percent

SERVER_SIZE = 5
HOVER = (
    "round %{customdata[0]}<br>cosine %{customdata[1]}"
    "<br>client's step %{customdata[2]}<extra></extra>"
)


def parameter_projection(
    paths: ParameterProjection,
    cosines: FloatArray,
    rounds: tuple[int, int],
    theme: Theme,
    without_me: FloatArray | None = None,
) -> go.Figure:
    """Draw the server's path and, from it, an arrow to the client's point of each round.

    The ring around the selected round waits for its place.

    Parameters
    ----------
    paths : ParameterProjection
    cosines : ndarray of shape (n_rounds,)
        Agreement of the client's update with the server's; the colour of the arrows.
    rounds : tuple of int
        First and last round drawn, from 0.
    without_me : ndarray of shape (n_rounds,), optional
        The cosine without the client's own part; told on hover.
    """
    first, last = rounds
    nowhere = np.full(2, np.nan)
    initial = nowhere if paths.initial is None else paths.initial
    starts = np.vstack([initial, paths.server[:-1]])  # where each round's local training began
    lowest = lowest_cosine(cosines)
    figure = go.Figure(layout={"template": template(theme)})
    for index in range(first, last + 1):
        ends = starts[index], paths.client[index]
        if np.isfinite(ends).all():
            figure.add_trace(_arrow(*ends, cosines[index], lowest, theme))
    hovered = _hovered(paths.client - starts, cosines, without_me)[first : last + 1]
    figure.add_traces(_server_path(paths.server, rounds, hovered, theme))
    figure.add_trace(_client_points(paths.client[first : last + 1], hovered))
    if first == 0:
        square = {"symbol": "square-open", "size": 8, "color": theme.muted}
        figure.add_trace(_point(initial, "initial parameters", 0, square))
    shares = [percent(share) for share in paths.explained]
    axis = {"zeroline": False}
    figure.update_layout(
        shapes=[round_ring(theme)],
        xaxis=axis | {"title": {"text": f"PC1 · {shares[0]} of variance"}, "nticks": 4},
        yaxis=axis | {"title": {"text": f"PC2 · {shares[1]}"}, "scaleanchor": "x", "nticks": 6},
    )
    return figure


def lowest_cosine(cosines: FloatArray) -> float:
    """Where the colours of the arrows end; 0 when no cosine is known."""
    return float(np.nanmin(cosines)) if np.isfinite(cosines).any() else 0.0


def _server_path(
    server: FloatArray, rounds: tuple[int, int], hovered: list[list[object]], theme: Theme
) -> list[go.Scatter]:
    """Draw the path, dotted over rounds that are missing."""
    first, last = rounds
    path = server[first : last + 1]
    whole = go.Scatter(
        x=path[:, 0],
        y=path[:, 1],
        mode="lines+markers",
        line={"color": theme.total, "width": 1},
        marker={
            "size": SERVER_SIZE,
            "color": list(range(first, last + 1)),
            "colorscale": [[0.0, theme.faint], [1.0, theme.total]],
        },
        name="server",
        customdata=hovered,
        hovertemplate=HOVER,
    )
    if np.isfinite(path).all():
        return [whole]
    over_gaps = go.Scatter(
        x=path[:, 0],
        y=path[:, 1],
        mode="lines",
        connectgaps=True,
        line={"color": theme.muted, "width": 1, "dash": "dot"},
        name="rounds that are missing",
        hoverinfo="skip",
    )
    return [over_gaps, whole]


def _client_points(places: FloatArray, hovered: list[list[object]]) -> go.Scatter:
    """Let the heads of the arrows be pointed at and clicked."""
    return go.Scatter(
        x=places[:, 0],
        y=places[:, 1],
        mode="markers",
        marker={"size": 9, "opacity": 0},
        name="client",
        customdata=hovered,
        hovertemplate=HOVER,
    )


def _point(place: FloatArray, name: str, round_index: int, marker: dict[str, object]) -> go.Scatter:
    return go.Scatter(
        x=[place[0]],
        y=[place[1]],
        mode="markers",
        marker=marker,
        name=name,
        # What a click on it means; without, its place on the axis would be taken for a round.
        customdata=[[round_index + 1]],
        hovertemplate=f"{name}<extra></extra>",
    )


def _arrow(
    start: FloatArray, end: FloatArray, cosine: float, lowest: float, theme: Theme
) -> go.Scatter:
    is_known = bool(np.isfinite(cosine))
    share = (1 - cosine) / (1 - lowest) if is_known and lowest < 1 else 0.0
    colour = _between(theme.consistent, theme.inconsistent, share)
    return go.Scatter(
        x=[start[0], end[0]],
        y=[start[1], end[1]],
        mode="lines+markers",
        line={"color": colour, "width": 1.5, "dash": "solid" if is_known else "dot"},
        marker={"symbol": ["circle", "arrow"], "size": [0, 8], "angleref": "previous"},
        hoverinfo="skip",
        name="client's local training",
    )


def _hovered(
    steps: FloatArray, cosines: FloatArray, without_me: FloatArray | None
) -> list[list[object]]:
    """Round, cosines and distance in words, for each round; lists, as arrays reach no click."""
    rows: list[list[object]] = []
    for index, (step, cosine) in enumerate(zip(steps, cosines, strict=True)):
        length = float(np.linalg.norm(step))
        words = cosine_word(cosine)
        if without_me is not None:
            words += f"<br>without this client {cosine_word(without_me[index])}"
        far = f"{length:.3g} in this plane" if np.isfinite(length) else "not known"
        rows.append([index + 1, words, far])
    return rows


def _between(start: str, end: str, share: float) -> str:
    pairs = [(int(start[at : at + 2], 16), int(end[at : at + 2], 16)) for at in (1, 3, 5)]
    mixed = [round(low + (high - low) * min(max(share, 0.0), 1.0)) for low, high in pairs]
    return f"rgb({mixed[0]},{mixed[1]},{mixed[2]})"
