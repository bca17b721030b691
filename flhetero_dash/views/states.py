"""What a panel shows when it cannot show its answer: the reason, in words, or how far it is."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, TypeVar

from dash.exceptions import PreventUpdate

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import JobCancelledError, JobDiedError, WorkersError
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import NotChosenError

Shown = TypeVar("Shown")


def covered(output: StrEnum) -> dict[str, Any]:
    """Give the attributes of what shows an output: `assets/covers.js` covers it meanwhile."""
    return {"data-waits-for": str(output)}


def or_message(show: Callable[[], Shown], say: Callable[[str], Shown]) -> Shown:
    """Show an answer, or say why there is none; the rest of the page is not touched.

    Nothing chosen (the frame says why) leaves the panel blank.
    """
    try:
        return show()
    except NotChosenError:
        return say("")
    except (NothingToShowError, DataError, WorkersError, JobDiedError) as reason:
        return say(str(reason))
    except JobCancelledError:
        raise PreventUpdate from None  # the browser says so, over what the panel shows
