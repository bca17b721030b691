"""Answers that take long, over HTTP: told how far, asked for again, cancelled; and by whom."""

import threading

import pytest
from flask import Flask

from flhetero_dash.jobs import Flights, JobCancelledError, StillComputingError
from flhetero_dash.jobs import flights as flights_module
from flhetero_dash.jobs.progress import Told
from flhetero_dash.web.waiting import PAGE_HEADER, add_routes

ONE, TWO = ({PAGE_HEADER: digit * 32} for digit in "12")


@pytest.fixture
def may_end():
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def client(tmp_path, monkeypatch, may_end):
    """Give a server whose one answer comes when it may."""
    monkeypatch.setattr(flights_module, "PATIENCE_S", 0.05)
    server, flights = Flask("waiting"), Flights(tmp_path)

    def compute(watch):
        watch.tell(Told("Ranking", 3, 10))
        while not may_end.wait(0.01):
            if watch.is_cancelled():
                raise JobCancelledError
        return "done"

    add_routes(server, flights)
    server.get("/answer")(lambda: flights.answer("key", compute))
    return server.test_client()


def test_a_page_is_told_how_far_its_answer_is_and_gets_it_when_it_asks_again(client, may_end):
    told = client.get("/answer", headers=ONE)
    assert told.status_code == 202
    answer = told.get_json()
    assert len(answer.pop("job")) == 32
    assert answer == {"words": "Ranking", "done": 3, "total": 10}
    may_end.set()
    assert client.get("/answer").get_data(as_text=True) == "done"
    assert client.get("/answer", headers=ONE).status_code == 200


def test_who_sends_no_number_of_a_page_waits_for_the_answer(client, may_end):
    client.get("/answer", headers=ONE)  # the number does not outlive its request
    threading.Timer(0.2, may_end.set).start()
    assert client.get("/answer").get_data(as_text=True) == "done"


def test_cancelling_ends_it_unless_another_page_waits(client):
    job = client.get("/answer", headers=ONE).get_json()["job"]
    client.get("/answer", headers=TWO)
    address = f"/jobs/{job}/cancel"
    assert client.post(address, headers=ONE).get_json() == {"ended": False}
    assert client.post(address, headers=TWO).get_json() == {"ended": True}
    assert client.post(address, headers=TWO).get_json() == {"ended": False}


@pytest.mark.parametrize(
    "headers",
    [{}, {PAGE_HEADER: ""}, {PAGE_HEADER: "../" * 8}, {PAGE_HEADER: "G" * 32},
     {PAGE_HEADER: "1" * 33}, {PAGE_HEADER: "background"}],
)  # fmt: skip
def test_nobody_cancels_without_the_number_of_a_page(client, headers):
    job = client.get("/answer", headers=ONE).get_json()["job"]
    assert client.post(f"/jobs/{job}/cancel", headers=headers).status_code == 400


def test_another_site_cannot_send_the_number(client):
    """A browser asks before it sends such a header; no answer allows it."""
    job = client.get("/answer", headers=ONE).get_json()["job"]
    asked = client.options(
        f"/jobs/{job}/cancel",
        headers={
            "Origin": "https://evil.example",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": PAGE_HEADER,
        },
    )
    assert not [name for name, _ in asked.headers if name.startswith("Access-Control")]
    assert client.get(f"/jobs/{job}/cancel", headers=ONE).status_code == 405


@pytest.mark.parametrize("job", ["..", "%2e%2e%2f%2e%2e", "x" * 32, "1" * 31, "1" * 33, "1" * 9999])
def test_what_is_no_job_is_refused(client, job, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    assert client.post(f"/jobs/{job}/cancel", headers=ONE).status_code == 404
    assert sorted(tmp_path.rglob("*")) == before


def test_an_unknown_job_leaves_nothing_behind(client, tmp_path):
    answer = client.post(f"/jobs/{'f' * 32}/cancel", headers=ONE)
    assert answer.get_json() == {"ended": False}
    assert list(tmp_path.iterdir()) == []


def test_a_computation_that_waits_for_its_turn_says_so():
    assert StillComputingError("1", None).told.words == "Waiting for a free process"
