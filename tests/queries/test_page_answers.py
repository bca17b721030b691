"""What a page asks for, asked before anybody opens it."""

import logging
import shutil

import pytest

from flhetero_dash.jobs import JobsHere, PoolJobs, WorkerJobs
from flhetero_dash.queries import Queries
from flhetero_dash.queries.page_answers import answer_client, answer_round, prepare
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import ClientRound
from flhetero_dash.settings import Settings


@pytest.fixture
def n_answers(tmp_path):
    return lambda: len(list((tmp_path / "cache" / "results").iterdir()))


def test_the_first_page_is_prepared(published, tmp_path, n_answers):
    prepare(Queries.over(Sources(Settings(published, tmp_path / "cache"), JobsHere())))
    assert n_answers() >= 5


@pytest.mark.parametrize("stopped", [False, True])
def test_nothing_stops_the_start(published, tmp_path, caplog, stopped):
    """Not an empty folder, no Redis, and no end of the server meanwhile."""
    prepare(Queries.over(Sources(Settings(tmp_path / "empty", tmp_path / "cache2"), JobsHere())))
    jobs = PoolJobs(1) if stopped else WorkerJobs("redis://127.0.0.1:1/0")
    jobs.stop()
    with caplog.at_level(logging.WARNING):
        prepare(Queries.over(Sources(Settings(published, tmp_path / "cache"), jobs)))
    assert ("the first page is not prepared: Redis does not" in caplog.text) is not stopped


def test_a_gap_and_a_damaged_file_are_told_apart(published, tmp_path):
    shutil.copytree(published, tmp_path / "broken")
    outputs = tmp_path / "broken" / "history" / "mnist" / "outputs"
    (outputs / "Client-0_Server_r3.npz").write_bytes(b"")
    (outputs / "Client-1_Server_r2.npz").unlink()
    queries = Queries.over(Sources(Settings(tmp_path / "broken", tmp_path / "cache"), JobsHere()))
    gap = answer_round(queries, ClientRound("mnist", "Client-1", 2))
    assert "were not recorded in round 3" in str(gap.gap)
    assert gap.problems == ()
    for answered in (
        answer_round(queries, ClientRound("mnist", "Client-0", 3)),
        answer_client(queries, ClientRound("mnist", "Client-0", 3)),
    ):
        assert answered.gap is None
        assert "Client-0_Server_r3.npz" in answered.problems[0]
    whole = answer_round(queries, ClientRound("mnist", "Client-0", 4))
    assert (whole.gap, whole.problems) == (None, ())
