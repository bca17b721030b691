"""Every colour of the figures, and the Plotly templates made of them.

The same values stand as CSS variables in `assets/00-tokens.css`; a test compares the two.
"""

import html
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import plotly.graph_objects as go

ThemeName = Literal["light", "dark"]
FONT = "Inter, 'Segoe UI', system-ui, -apple-system, 'DejaVu Sans', sans-serif"


@dataclass(frozen=True)
class Theme:
    """Colours by meaning; the meanings are the same on every page."""

    panel: str
    text: str
    muted: str
    line: str
    inconsistent: str  # inconsistent, selected, lost: the one warm hue
    consistent: str
    total: str
    gained: str
    positive: str
    negative: str
    faint: str  # early rounds


LIGHT = Theme(
    panel="#ffffff",
    text="#1d2230",
    muted="#5b6372",
    line="#e4e7ec",
    inconsistent="#b4530f",
    consistent="#828c9d",
    total="#3d4a63",
    gained="#1f6aa5",
    positive="#1f6aa5",
    negative="#b3303f",
    faint="#d5d9e0",
)
DARK = Theme(
    panel="#1b202b",
    text="#e8ebf1",
    muted="#a2abba",
    line="#323a49",
    inconsistent="#f0903f",
    consistent="#7d8798",
    total="#c3cbd9",
    gained="#6db3ea",
    positive="#6db3ea",
    negative="#f07a86",
    faint="#3d4658",
)
THEMES = {"light": LIGHT, "dark": DARK}


def theme_named(name: object) -> Theme:
    """Give a theme by what the browser calls it; light when it sends nonsense."""
    return DARK if name == "dark" else LIGHT


@lru_cache(maxsize=4)
def template(theme: Theme) -> go.layout.Template:
    """Give the look that all figures share."""
    axis = {
        "gridcolor": theme.line,
        "linecolor": theme.line,
        "zerolinecolor": theme.line,
        "tickfont": {"size": 11, "color": theme.muted},
        "title": {"font": {"size": 11, "color": theme.muted}, "standoff": 6},
        "automargin": True,
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 12, "color": theme.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "showlegend": False,
            "hoverlabel": {
                "bgcolor": theme.panel,
                "bordercolor": theme.line,
                "font": {"color": theme.text, "family": FONT, "size": 12},
            },
            "modebar": {
                "bgcolor": "rgba(0,0,0,0)",
                "color": theme.muted,
                "activecolor": theme.inconsistent,
            },
            "dragmode": "pan",
        }
    )


def diverging(theme: Theme) -> list[list[object]]:
    """Give the colour scale of weights: negative, the panel's ground at 0, positive."""
    return [[0.0, theme.negative], [0.5, theme.panel], [1.0, theme.positive]]


def empty_figure(message: str, theme: Theme) -> go.Figure:
    """Draw nothing but the reason why; the message is wrapped by hand, as Plotly does not."""
    return go.Figure(
        layout={
            "template": template(theme),
            "xaxis": {"visible": False},
            "yaxis": {"visible": False},
            "annotations": [
                {
                    "text": "<br>".join(_lines(message)),
                    "showarrow": False,
                    "xref": "paper",
                    "yref": "paper",
                    "x": 0.5,
                    "y": 0.5,
                    "font": {"color": theme.muted, "size": 12},
                }
            ],
        }
    )


def _lines(message: str, width: int = 44) -> list[str]:
    lines = [""]
    for word in message.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [html.escape(line) for line in lines]
