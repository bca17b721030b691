"""Drawings in a file, each base of which it holds once."""

from flhetero_dash.figures.markup import Html, element
from flhetero_dash.figures.printed import Drawing


class Drawings:
    """Writes drawings; of those with a base that was written before, only the marks."""

    def __init__(self) -> None:
        self._known: dict[Html, str] = {}

    def svg(self, drawing: Drawing) -> Html:
        """Write one as SVG, which has its words in it."""
        known = self._known.get(drawing.base)
        if known is None:
            known = self._known[drawing.base] = f"base-{len(self._known) + 1}"
            base = element("g", drawing.base, id=known)
        else:
            base = element("use", href=f"#{known}")
        return element(
            "svg",
            element("title", drawing.title),
            base,
            drawing.marks,
            role="img",
            viewBox=f"0 0 {drawing.width} {drawing.height}",
            width=drawing.width,
            height=drawing.height,
        )
