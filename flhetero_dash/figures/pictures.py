"""How panels of a figure become pictures: square pixels, no axes, row 0 on top."""

import base64
import io
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go
from PIL import Image

from flhetero_dash.figures.theme import Theme, template


def as_pictures(figure: go.Figure, n_panels: int, theme: Theme, title_size: float = 11) -> None:
    """Give all panels square pixels, no axes, and row 0 on top."""
    figure.update_layout(template=template(theme), margin={"t": 22, "b": 4, "l": 4, "r": 4})
    figure.update_annotations(font={"size": title_size, "color": theme.muted})
    figure.update_xaxes(visible=False, constrain="domain")
    figure.update_yaxes(visible=False, autorange="reversed", constrain="domain")
    for panel in range(1, n_panels + 1):
        name = "" if panel == 1 else str(panel)
        figure.layout[f"yaxis{name}"].scaleanchor = f"x{name}"


def pictures_layout(titles: list[str], theme: Theme, space: float = 0.04) -> dict[str, Any]:
    """Lay out panels abreast as pictures, each under its title.

    All in one dict: a figure that is changed step by step takes five times as long to make.
    """
    side = (1 - space * (len(titles) - 1)) / len(titles)
    layout: dict[str, Any] = {
        "template": template(theme),
        "margin": {"t": 22, "b": 4, "l": 4, "r": 4},
        "annotations": [],
    }
    for at, title in enumerate(titles):
        left = at * (side + space)
        x, y = (name + ("" if at == 0 else str(at + 1)) for name in "xy")
        hidden = {"visible": False, "constrain": "domain"}
        layout[f"xaxis{x[1:]}"] = hidden | {"domain": [left, left + side], "anchor": y}
        layout[f"yaxis{y[1:]}"] = hidden | {
            "domain": [0, 1],
            "anchor": x,
            "autorange": "reversed",
            "scaleanchor": x,
        }
        layout["annotations"].append(
            {
                "text": title,
                "x": left + side / 2,
                "y": 1,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "center",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 11, "color": theme.muted},
            }
        )
    return layout


def picture_address(picture: npt.NDArray[np.uint8]) -> str:
    """Write a picture as a data address (PNG), for a figure that must hold it itself."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def shrunk(picture: npt.NDArray[np.uint8], side: int) -> npt.NDArray[np.uint8]:
    """Make a picture smaller, if its longer side has more pixels than `side`."""
    height, width = picture.shape[:2]
    longest = max(height, width)
    if longest <= side:
        return picture
    size = (max(1, width * side // longest), max(1, height * side // longest))
    return np.asarray(Image.fromarray(picture).resize(size))
