"""The command `warm`: after it, opening a page computes nothing."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash import factory
from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.cache import Results
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    OverviewChoice,
    WhichClient,
)
from flhetero_dash.settings import Settings
from preprocess.__main__ import main
from tests.conftest import kill_all_of, wait_until
from tests.firing import poster

ROOT = Path(__file__).parents[2]
FIRST_PAGE = {"dataset": "mnist", "client": "Client-0", "round": "6"}


@pytest.fixture
def environment(published, tmp_path):
    return {"FLHETERO_DATA_DIR": str(published), "FLHETERO_CACHE_DIR": str(tmp_path / "cache")}


@pytest.fixture
def warm(environment, capsys, monkeypatch):
    """Run the command on the published history: its exit status and what it says."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    def run(*options, dataset="mnist"):
        status = main(["warm", "--dataset", dataset, *options])
        return status, capsys.readouterr().out

    return run


@pytest.fixture
def start(environment):
    """Start the command as a program; nothing of it outlives the test."""
    started = []

    def run(*options, stderr=subprocess.PIPE):
        command = [sys.executable, "-m", "preprocess", "warm", "--dataset", "mnist", *options]
        process = subprocess.Popen(  # noqa: S603 - our own program
            command,
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
            # Whoever runs these tests in the background ignores the signal, and we inherit that.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        started.append(process)
        return process

    yield run
    for process in started:
        kill_all_of(process)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()


class NoJobs(JobsHere):
    """Refuses to compute, and keeps what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    def watched(self, watch, function, *args, **kwargs):  # noqa: ARG002
        self.asked.append((function, args, kwargs))
        raise AssertionError(f"{function} is computed again")


def counts_in(said: str) -> dict[str, int]:
    found = re.findall(r"([\d,]+) (computed|found|with nothing to show|failed)", said)
    return {words: int(number.replace(",", "")) for number, words in found}


def answers_in(folder: Path) -> dict[str, int]:
    """Give each whole entry of a cache and when it was written."""
    results = folder / "results"
    entries = results.iterdir() if results.is_dir() else []
    return {e.name: e.stat().st_mtime_ns for e in entries if not e.name.endswith("__wz_cache")}


def test_a_page_that_is_opened_after_it_computes_nothing(warm, published, tmp_path, monkeypatch):
    status, said = warm("--clients", "Client-0", "--rounds", "6", "--processes", "1")
    assert status == 0
    assert counts_in(said) == {
        "computed": 1, "found": 0, "with nothing to show": 0, "failed": 0
    }  # fmt: skip
    unpacked = sorted((tmp_path / "cache" / "arrays").rglob("*"))
    assert unpacked
    jobs = NoJobs()
    monkeypatch.setattr(factory, "jobs_for", lambda *_: jobs)
    stored = []
    monkeypatch.setattr(Results, "_write", lambda _, key, __: stored.append(key))
    app = factory.create_app(Settings(published, tmp_path / "cache"), ROOT / "assets")
    fire = poster(app)
    client = {name: FIRST_PAGE[name] for name in ("dataset", "client")}
    page = {ClientRound.STORE: FIRST_PAGE, WhichClient.STORE: client}
    of_the_server = [key for key, entry in app.callback_map.items() if "callback" in entry]
    drawn = [
        key
        for key in of_the_server
        if {part["id"] for part in app.callback_map[key]["inputs"]} & page.keys()
    ]
    assert len(drawn) >= 10
    explained = {ContrastChoice.STORE: {"explain": "gradcam"}}
    for output in drawn:
        for choices in ({}, explained):
            answer = fire(output, page | choices)
            assert "page-error" not in str(answer)
    assert jobs.asked == []
    assert stored == []
    assert sorted((tmp_path / "cache" / "arrays").rglob("*")) == unpacked
    another = {ClientRound.STORE: FIRST_PAGE | {"round": "7"}}
    fire(next(key for key in drawn if "overview-scatter" in key), another)
    assert len(jobs.asked) == 1  # so this test would see it


def test_what_is_there_is_found_the_second_time(warm, tmp_path):
    options = ("--clients", "Client-0", "Client-3", "--rounds", "2-3,10", "--processes", "2")
    assert counts_in(warm(*options)[1])["computed"] == 6
    before = answers_in(tmp_path / "cache")
    status, said = warm(*options)
    assert status == 0
    assert counts_in(said) == {
        "computed": 0, "found": 6, "with nothing to show": 0, "failed": 0
    }  # fmt: skip
    assert answers_in(tmp_path / "cache") == before


def test_a_killed_run_goes_on_where_it_was(start, tmp_path):
    options = ("--clients", "Client-0", "--processes")
    killed = start(*options, "1")
    wait_until(lambda: len(answers_in(tmp_path / "cache")) > 12)
    kill_all_of(killed)
    before = answers_in(tmp_path / "cache")
    again = start(*options, "1")
    said, errors = again.communicate()
    assert again.returncode == 0, errors
    counts = counts_in(said)
    assert counts["found"] >= 1
    assert counts["computed"] >= 1
    assert counts["found"] + counts["computed"] == 10
    after = answers_in(tmp_path / "cache")
    assert {name: after[name] for name in before} == before
    assert errors == ""  # no bar where there is no terminal


def test_ctrl_c_ends_it_cleanly(start, tmp_path):
    process = start("--processes", "2")
    wait_until(lambda: len(answers_in(tmp_path / "cache")) > 10)
    os.killpg(process.pid, signal.SIGINT)  # a terminal sends it to all its processes
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.startswith("stopped; rounds of clients: ")
    assert "goes on from here" in said
    assert errors == ""


def test_a_bar_shows_the_progress_on_a_terminal(start):
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    process = start("--clients", "Client-0", "--rounds", "1", stderr=theirs)
    os.close(theirs)
    said, _ = process.communicate()
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    assert "2/2" in shown
    assert "1 computed" in said


@pytest.fixture
def broken(published, tmp_path):
    """Give a copy of the history with one damaged file of outputs, and one that is not there."""
    shutil.copytree(published, tmp_path / "broken")
    outputs = tmp_path / "broken" / "history" / "mnist" / "outputs"
    path = outputs / "Client-0_Server_r3.npz"
    path.write_bytes(path.read_bytes()[:200])
    (outputs / "Client-1_Server_r2.npz").unlink()
    return tmp_path / "broken"


def test_a_bad_round_is_told_and_the_others_go_on(warm, broken, monkeypatch):
    monkeypatch.setenv("FLHETERO_DATA_DIR", str(broken))
    options = ("--clients", "Client-0", "Client-1", "--rounds", "3-5", "--processes", "1")
    status, said = warm(*options)
    assert status == 1
    assert counts_in(said) == {
        "computed": 4, "found": 0, "with nothing to show": 1, "failed": 1
    }  # fmt: skip
    assert re.search(r"^Client-0(, round 4)?: .*Client-0_Server_r3\.npz", said, re.MULTILINE)
    assert "Client-1, round 3: The federated model's outputs on local inputs" in said


def test_by_default_all_recorded_rounds_are_answered(warm, broken, monkeypatch):
    monkeypatch.setenv("FLHETERO_DATA_DIR", str(broken))
    said = warm("--clients", "Client-1", "--processes", "1")[1]
    assert counts_in(said)["computed"] == 9
    assert counts_in(said)["with nothing to show"] == 0


def test_sampled_inputs_are_answered_when_asked_for(warm):
    options = (
        "--clients",
        "Client-0",
        "--rounds",
        "6",
        "--inputs",
        "local",
        "stratified",
        "--processes",
        "1",
    )
    status, said = warm(*options)
    assert status == 0
    assert counts_in(said)["computed"] == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--clients", "Nobody"), "no client 'Nobody'; there are Client-0, Client-1"),
        (("--rounds", "11"), "--rounds 11: the rounds are 1 to 10"),
        (("--rounds", "0"), "--rounds 0: the rounds are 1 to 10"),
        (("--rounds", "3-2"), "--rounds 3-2: the rounds are 1 to 10, the first before the last"),
        (("--rounds", "1,,2"), "--rounds '': expected numbers and ranges, as 1-5,10"),
        (("--rounds", "all"), "--rounds 'all': expected numbers and ranges"),
        (("--inputs", "other"), "no kind of inputs 'other'; there are local"),
    ],
)
def test_what_the_dataset_does_not_have_is_told(warm, tmp_path, options, words):
    status, said = warm(*options)
    assert status == 2
    assert words in said
    assert not (tmp_path / "cache" / "results").exists()


def test_an_unknown_dataset_is_told(warm):
    status, said = warm(dataset="nope")
    assert status == 2
    assert "no dataset 'nope'" in said


@pytest.mark.parametrize("number", ["0", "-1", "two", "1000"])
def test_a_number_of_processes_that_is_none_is_told(warm, capsys, number):
    with pytest.raises(SystemExit) as ended:
        warm("--processes", number)
    assert ended.value.code == 2
    assert "expected a whole number from 1 to 999" in capsys.readouterr().err


def test_workers_do_it_and_the_answers_are_the_same(
    warm, start_worker, redis_url, published, tmp_path, monkeypatch
):
    options = ("--clients", "Client-0", "Client-5", "--rounds", "5-6", "--processes", "1")
    assert warm(*options)[0] == 0
    monkeypatch.setenv("FLHETERO_CACHE_DIR", str(tmp_path / "by-workers"))
    monkeypatch.setenv("REDIS_URL", redis_url)
    worker = start_worker("flhetero_dash.worker", "--concurrency=1")
    status, said = warm(*options)
    assert status == 0
    assert counts_in(said)["computed"] == 4
    kill_all_of(worker)  # what follows needs none
    for client in ("Client-0", "Client-5"):
        chosen = ClientRound("mnist", client, 5)
        here = stored_answers(Settings(published, tmp_path / "cache"), chosen)
        there = stored_answers(Settings(published, tmp_path / "by-workers"), chosen)
        for one, other in zip(here, there, strict=True):
            np.testing.assert_allclose(other, one, atol=1e-5)


def stored_answers(settings: Settings, chosen: ClientRound) -> list[FloatArray | IntArray]:
    queries = Queries.over(Sources(settings, NoJobs()))
    return [
        queries.overview.overview(chosen, OverviewChoice()).coordinates,
        *queries.clusters.clusters(chosen, ClusterChoice()).members,
        queries.contrast.contrast(chosen, ClusterChoice(), Focus(), None).directions,
        queries.gradcam.maps(chosen, ClusterChoice(), Focus()).standalone,
    ]


def test_redis_that_is_not_there_ends_it_with_what_helps(warm, monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://:hidden@127.0.0.1:1/0")
    status, said = warm()
    assert status == 1
    assert "Redis does not answer at redis://***@127.0.0.1:1/0 (setting REDIS_URL)" in said
    assert "hidden" not in said
