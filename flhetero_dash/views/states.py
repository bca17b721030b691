"""What a panel shows when it cannot show its answer: the reason, in words."""

from collections.abc import Callable
from typing import TypeVar

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import WorkersError
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import NotChosenError

Shown = TypeVar("Shown")


def or_message(show: Callable[[], Shown], say: Callable[[str], Shown]) -> Shown:
    """Show an answer, or say why there is none; the rest of the page is not touched.

    Nothing chosen (the frame says why) leaves the panel blank.
    """
    try:
        return show()
    except NotChosenError:
        return say("")
    except (NothingToShowError, DataError, WorkersError) as reason:
        return say(str(reason))
