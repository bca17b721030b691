"""HTML and SVG as text that cannot be broken by what people wrote: escaped unless made here."""

import html

CONTENTLESS = {"meta", "img", "br"}
Part = str | int | float | None


class Html(str):
    """Markup that was made here; any other text is escaped."""

    __slots__ = ()


def element(tag: str, *content: Part, **attributes: Part) -> Html:
    """Write an element.

    Parameters
    ----------
    tag : str
    *content : str
        Text is shown literally; `Html` is taken as it is; None is left out.
    **attributes : str
        `_` at the end is left out, others become `-`; one that is None is left out.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(_text(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in CONTENTLESS:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{joined(*content)}</{tag}>")


def joined(*content: Part) -> Html:
    """Write one after another."""
    parts = (one if isinstance(one, Html) else html.escape(_text(one)) for one in content)
    return Html("".join(parts))


def _text(value: Part) -> str:
    """Write a value; numbers with one decimal at most, as pixels need no more."""
    if value is None:
        return ""
    return f"{value:.1f}".removesuffix(".0") if isinstance(value, float) else str(value)
