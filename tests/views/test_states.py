"""A panel that cannot answer says why."""

import pytest
from dash.exceptions import PreventUpdate

from flhetero_dash.data.errors import BeingWrittenError, DataError
from flhetero_dash.jobs import JobCancelledError, JobDiedError, WorkersError
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import NotChosenError
from flhetero_dash.views.states import or_message


def failing(error: Exception):
    def show() -> str:
        raise error

    return show


def test_an_answer_is_shown():
    assert or_message(lambda: "answer", lambda reason: f"why: {reason}") == "answer"


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (DataError("broken.npz: mend it"), "why: broken.npz: mend it"),
        (BeingWrittenError("wait"), "why: wait"),
        (NothingToShowError("a gap"), "why: a gap"),
        (WorkersError("start one"), "why: start one"),
        (JobDiedError("no memory"), "why: no memory"),
        (NotChosenError("not a ClientRound"), "why: "),  # the frame says why
    ],
)
def test_a_reason_is_said(error, words):
    assert or_message(failing(error), lambda reason: f"why: {reason}") == words


def test_what_was_cancelled_leaves_the_panel_as_it_is():
    with pytest.raises(PreventUpdate):
        or_message(failing(JobCancelledError()), lambda reason: reason)


@pytest.mark.parametrize("error", [ValueError("a bug"), KeyError("a bug"), RuntimeError("a bug")])
def test_a_mistake_of_ours_is_not_hidden(error):
    with pytest.raises(type(error)):
        or_message(failing(error), lambda reason: reason)
