"""Figure of the attribute distribution: how often each value occurs, by class."""

import html
from typing import Any

import numpy as np
import plotly.graph_objects as go

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.figures.theme import Theme, template
from flhetero_dash.figures.words import in_lines

LETTERS = 38  # below the axis of the narrowest panel, side by side
MOST_NAMED = 8  # categories; more have their names upright
CLASSES = ("total", "consistent", "inconsistent")
EMPTY_SHIFT = {"inconsistent": 3, "consistent": 11}  # pixels above the axis


def attribute_distribution(
    edges: FloatArray,
    shares: dict[str, FloatArray],
    counts: dict[str, IntArray],
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
        scale) is left out of the lines and marked by a cross at the axis.
    counts : dict of str to ndarray of int, shape (n_bins,)
        Records of the same.
    names : tuple of str, or None
        Names of the bins of a categorical attribute.
    attribute : str
    per_class : bool
        Whether the fractions are of each class or of the scope.
    log : bool
    """
    # Dashes and patterns tell the classes apart where colours do not.
    colours = {
        "total": (theme.total, "dot", 1.2, "|"),
        "consistent": (theme.consistent, "5px,3px", 2, "/"),
        "inconsistent": (theme.inconsistent, "solid", 2, ""),
    }
    words = _bin_words(edges) if names is None else [html.escape(name) for name in names]
    places = (edges[:-1] + edges[1:]) / 2 if names is None else np.arange(float(len(words)))
    traces, crosses = [], []
    # Lines: the important one last, on top. Bars: in the order of the legend, side by side.
    for name in CLASSES if names is None else CLASSES[::-1]:
        colour, dash, width, pattern = colours[name]
        hover = [
            f"{name}<br>{word}: {share:.1%} ({count:,})"
            for word, share, count in zip(words, shares[name], counts[name], strict=True)
        ]
        if names is None:
            line = {"color": colour, "width": width, "dash": dash}
            traces.append(_steps(edges, shares[name], name, line, hover, log))
        else:
            traces.append(_category_bars(shares[name], name, colour, pattern, hover))
        if name in EMPTY_SHIFT:
            empty = np.flatnonzero(np.isnan(shares[name]))
            crosses += _empty(places[empty], [words[at] for at in empty], name, colour)
    layout = _axes(attribute, names, per_class, log)
    layout |= {"template": template(theme), "barmode": "group", "annotations": crosses}
    # In one piece: a figure that is changed step by step takes several times as long to make.
    return go.Figure({"data": traces, "layout": layout})


def _axes(
    attribute: str, names: tuple[str, ...] | None, per_class: bool, log: bool
) -> dict[str, Any]:
    return {
        "margin": {"t": 6, "l": 54, "r": 10, "b": 38},
        # The chooser says what the categories are of; their names need the room.
        "xaxis": {"title": {"text": html.escape(attribute)}, "automargin": False}
        if names is None
        else {"automargin": True} | _category_names(names),
        "yaxis": {
            "title": {"text": "of class" if per_class else "of scope"},
            "type": "log" if log else "linear",
            "tickformat": "~%" if log else ".0%",
            "rangemode": "tozero",
            "nticks": 4,  # the panel is low
            "automargin": False,
            "ticklabelstandoff": 3,  # the lowest number beside the first below the axis
        },
    }


def _category_names(names: tuple[str, ...]) -> dict[str, Any]:
    """Write names below their bars, in lines as narrow as the bars; of many upright."""
    is_upright = len(names) > MOST_NAMED
    width = 24 if is_upright else max(5, LETTERS // len(names))
    lines = [in_lines(name, width, 1 if is_upright else 3) for name in names]
    # Labels of places: names that look like numbers would be sorted.
    return {
        "tickvals": list(range(len(names))),
        "ticktext": ["<br>".join(html.escape(line) for line in of_name) for of_name in lines],
        "tickangle": -90 if is_upright else 0,
        "tickfont": {"size": 10},
    }


def _bin_words(edges: FloatArray) -> list[str]:
    return [f"{low:.4g} to {high:.4g}" for low, high in zip(edges[:-1], edges[1:], strict=True)]


def _steps(
    edges: FloatArray,
    shares: FloatArray,
    name: str,
    line: dict[str, object],
    hover: list[str],
    log: bool,
) -> dict[str, Any]:
    """Draw each bin from border to border, so that one beside an empty bin is whole too."""
    trace = {
        "type": "scatter",
        "x": np.repeat(edges, 2)[1:-1],
        "y": np.repeat(shares, 2),
        "name": name,
        "mode": "lines",
        "line": line,
        "hovertext": [words for words in hover for _ in range(2)],
        "hoverinfo": "text",
    }
    if name != "inconsistent" or log:
        return trace
    return trace | {"fill": "tozeroy", "fillcolor": _see_through(str(line["color"]))}


def _category_bars(
    shares: FloatArray, name: str, colour: str, pattern: str, hover: list[str]
) -> dict[str, Any]:
    return {
        "type": "bar",
        "x": list(range(len(shares))),
        "y": shares,
        "name": name,
        "marker": {
            "color": colour,
            "line": {"color": colour, "width": 1},
            "pattern": {"shape": pattern, "fillmode": "replace", "size": 5, "solidity": 0.35},
        },
        "hovertext": hover,
        "hoverinfo": "text",
    }


def _empty(places: FloatArray, words: list[str], name: str, colour: str) -> list[dict[str, Any]]:
    """Put a cross where a class has no record: a log scale has no place for it."""
    cross = {
        "xref": "x",
        "y": 0,
        "yref": "paper",
        "yshift": EMPTY_SHIFT[name],
        "text": "×",
        "showarrow": False,
        "font": {"size": 9, "color": colour},
    }
    return [
        cross | {"x": place, "hovertext": f"{name}: nobody at {word}"}
        for place, word in zip(places.tolist(), words, strict=True)
    ]


def _see_through(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.18)"
