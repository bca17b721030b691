"""How panels of a figure become pictures: square pixels, no axes, row 0 on top."""

import base64
import io

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


def picture_address(picture: npt.NDArray[np.uint8]) -> str:
    """Write a picture as a data address (PNG), for a figure that must hold it itself."""
    stream = io.BytesIO()
    Image.fromarray(picture).save(stream, "png")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
