"""Messages of jobs: what is asked, answered and raised arrives as it was."""

import pickle

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import RemoteError
from flhetero_dash.jobs.marks import (
    SERIALIZER,
    answer_message,
    error_message,
    job_asked_for,
    job_of,
)
from flhetero_dash.selection import ClientRound, NotChosenError
from flhetero_dash.settings import Settings
from tests.jobs import odd_jobs

CHOSEN = ClientRound("mnist", "Client-0", 5, "stratified")


@pytest.fixture
def settings(published, tmp_path):
    return Settings(published, tmp_path)


def test_a_question_and_its_answer_arrive_as_they_were(settings):
    sums = job_of(odd_jobs.sums)
    question = sums.call((settings, CHOSEN, np.arange(4)), {"factor": 0.5})
    job, arguments = job_asked_for(question)
    assert job is sums
    answer = sums.answered(answer_message(job.run(settings, arguments)))
    assert isinstance(answer, odd_jobs.Sums)
    assert (answer.total, answer.note) == (3.0, None)
    assert [part.tolist() for part in answer.parts] == [[0], [1, 2, 3]]


def test_the_settings_are_never_sent(published, tmp_path):
    secret = Settings(published, tmp_path, redis_url="redis://:hidden@a")
    question = job_of(odd_jobs.threads).call((secret,), {})
    assert b"hidden" not in question
    with pytest.raises(TypeError, match="the first argument of a job is the settings"):
        job_of(odd_jobs.threads).call(("no settings",), {})


@pytest.mark.parametrize(
    ("raised", "kind", "words"),
    [
        (odd_jobs.GapError("a gap"), odd_jobs.GapError, "a gap"),
        (DataError("a.npz: cut"), DataError, "a.npz: cut"),
        (KeyError("lost"), KeyError, "'lost'"),
        (NotChosenError("nothing"), ValueError, "nothing"),  # the nearest known one
        (ZeroDivisionError("by zero"), RemoteError, "ZeroDivisionError: by zero"),
        (SystemExit(3), RemoteError, "SystemExit: 3"),
    ],
)
def test_what_is_raised_on_purpose_is_raised_again(raised, kind, words):
    sums = job_of(odd_jobs.sums)
    with pytest.raises(kind) as caught:
        sums.answered(error_message(raised, sums.raises))
    assert type(caught.value) is kind
    assert str(caught.value) == words


def test_a_damaged_answer_is_told(settings):
    message = bytearray(answer_message("done"))
    message[-1] ^= 1
    with pytest.raises(RemoteError, match="damaged on its way"):
        job_of(odd_jobs.threads).answered(bytes(message))


@pytest.mark.parametrize(
    "name",
    [
        "os:system",
        "tests.jobs.odd_jobs:no_job",
        "flhetero_dash.queries.gradcam:_loaded",
        "flhetero_dash.queries.overview:results_of",
        None,
        ["os:system"],
    ],
)
def test_only_marked_functions_are_jobs(name):
    with pytest.raises(ValueError, match="is no job; mark it with @job"):
        job_asked_for(SERIALIZER.dumps({"job": name, "arguments": {"a": 1}}))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"cos\nsystem\n(S'touch hacked'\ntR.",
        pickle.dumps({"job": "os:system", "arguments": {}}),
        SERIALIZER.dumps({"job": "os:system"}),
        SERIALIZER.dumps("os:system"),
        SERIALIZER.dumps({"job": "os:system", "arguments": [1]}),
    ],
)
def test_what_is_no_message_is_refused(message):
    with pytest.raises(ValueError, match="the message"):
        job_asked_for(message)


def test_a_function_that_is_no_job_is_told():
    with pytest.raises(ValueError, match=r"odd_jobs:no_job is no job"):
        job_of(odd_jobs.no_job)


def test_what_is_neither_plain_nor_an_array_is_not_sent(settings):
    with pytest.raises(TypeError, match="neither plain nor an array"):
        job_of(odd_jobs.sums).call((settings, CHOSEN, {1, 2}), {})
