"""The pages of the program: their addresses, and the links to them in the header."""

from dash import html

from flhetero_dash.selection import Json
from flhetero_dash.views.controls import aria

WORDS = {"examine": "Examine", "notes": "Notes", "data": "Data"}
FIRST = "examine"
# In which the browser says its address when it asks for the layout (`assets/waiting.js`).
PATH_HEADER = "X-FLHetero-Path"
OF_EXAMINE = "of-examine"  # class of what other pages do not show


def page_of(path: Json) -> str:
    """Give the page that an address is of; the first one for any other."""
    last = path.rstrip("/").rpartition("/")[2] if isinstance(path, str) else ""
    return last if last in WORDS else FIRST


def page_links(shown: str) -> html.Nav:
    """Lay out the links; the browser adds what is chosen (`assets/notes-page.js`)."""
    return html.Nav(
        className="pages",
        children=[
            html.A(word, href=page, **aria(current="page" if page == shown else "false"))
            for page, word in WORDS.items()
        ],
        **aria(label="Pages"),
    )
