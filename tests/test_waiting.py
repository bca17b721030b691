"""Long answers of the whole app: a page asks again for them, and warm ones are as before."""

import json
from pathlib import Path
from typing import Any

import pytest
from dash import Dash, dcc

from flhetero_dash import views
from flhetero_dash.factory import create_app
from flhetero_dash.jobs import Flights, JobDiedError
from flhetero_dash.jobs import flights as flights_module
from flhetero_dash.selection import ClientRound, ClusterChoice
from flhetero_dash.settings import Settings
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.web.waiting import PAGE_HEADER
from tests.firing import poster

ASSETS = Path(__file__).parents[1] / "assets"
PAGE = {PAGE_HEADER: "1" * 32}
CHOSEN = {"dataset": "mnist", "client": "Client-0", "round": "6"}


@pytest.fixture(scope="module")
def app(published, tmp_path_factory):
    settings = Settings(data_dir=published, cache_dir=tmp_path_factory.mktemp("cache"))
    made = create_app(settings, ASSETS, n_processes=1)
    yield made
    made.server.extensions["flhetero_jobs"].stop()


def asked(app: Dash, n_clusters: str, headers: dict[str, str]) -> Any:
    """Ask for clusters as a browser does."""
    (key,) = [key for key in app.callback_map if "clusters-data." in key]
    specification = app.callback_map[key]
    values = {ClientRound.STORE: CHOSEN, ClusterChoice.STORE: {"k": n_clusters}}
    names = key.strip(".").split("...")
    body = {
        "output": key,
        "outputs": [dict(zip(("id", "property"), one.split("."), strict=True)) for one in names],
        "inputs": [one | {"value": values.get(one["id"])} for one in specification["inputs"]],
        "state": [],
        "changedPropIds": [f"{ClientRound.STORE}.data"],
    }
    return app.server.test_client().post("/_dash-update-component", json=body, headers=headers)


def test_a_page_asks_for_a_cold_answer_until_it_is_there(app, monkeypatch):
    monkeypatch.setattr(flights_module, "PATIENCE_S", 0.05)
    answers = [asked(app, "5", PAGE)]
    assert answers[0].status_code == 202
    assert set(answers[0].get_json()) == {"job", "words", "done", "total"}
    while answers[-1].status_code == 202:
        answers.append(asked(app, "5", PAGE))
    changes = json.loads(answers[-1].get_data())["response"]
    assert len(changes["clusters-data"]["data"]["clusters"]) == 5
    assert Frame.PAGE_ERROR not in changes


def test_who_is_no_page_gets_a_cold_answer_at_once(app, monkeypatch):
    monkeypatch.setattr(flights_module, "PATIENCE_S", 0.05)
    assert asked(app, "6", {}).status_code == 200


def test_a_warm_answer_asks_nobody(app, monkeypatch):
    assert asked(app, "7", {}).status_code == 200

    def never(*_: object) -> None:
        raise AssertionError("a stored answer needs no computation")

    monkeypatch.setattr(Flights, "answer", never)
    assert "clusters-data" in asked(app, "7", PAGE).get_json()["response"]


def test_a_computation_that_ends_its_process_is_told_in_its_panel(app, monkeypatch):
    def die(*_: object) -> None:
        raise JobDiedError

    monkeypatch.setattr(Flights, "answer", die)
    answer = poster(app)(
        "clusters-data", {ClientRound.STORE: CHOSEN, ClusterChoice.STORE: {"k": "9"}}
    )
    assert "memory ran out" in answer["clusters-data"]["data"]["message"]
    assert Frame.PAGE_ERROR not in answer


def test_every_chart_and_board_is_covered_while_it_is_computed():
    parts = [part for panel in views.examine() for part in (panel, *panel._traverse())]
    covered = {
        part.to_plotly_json()["props"]["data-waits-for"]
        for part in parts
        if hasattr(part, "to_plotly_json") and "data-waits-for" in part.to_plotly_json()["props"]
    }
    charts = {str(getattr(part, "id", "")) for part in parts if isinstance(part, dcc.Graph)}
    assert len(charts) == 5
    assert covered >= charts | {"clusters-data", "matrix-data", "instance-data", "monitor-facts"}
