"""Whether files have changed: others after a change, the same without, an answer to anything."""

import shutil

import pytest
from flask import Flask

from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.settings import Settings
from flhetero_dash.web import news

CHOSEN = "/news?dataset=mnist&client=Client-1&round=4"
OUTPUTS = "history/mnist/outputs/Client-1_Server_r{}.npz"


@pytest.fixture
def data_dir(published, tmp_path):
    shutil.copytree(published, tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def ask(data_dir, tmp_path):
    settings = Settings(data_dir=data_dir, cache_dir=tmp_path / "cache")
    server = Flask("news")
    news.add_routes(server, Queries.over(Sources(settings, JobsHere())).federation)
    client = server.test_client()
    return lambda address=CHOSEN: client.get(address)


def test_without_a_change_the_answer_is_the_same(ask):
    first = ask()
    assert first.get_json() == ask().get_json()
    assert first.headers["Cache-Control"] == "no-store"


def test_another_round_is_news_of_the_client_and_its_own_of_the_round(ask, data_dir):
    before = ask().get_json()
    (data_dir / OUTPUTS.format(7)).unlink()
    other = ask().get_json()
    assert other["client"] != before["client"]
    assert other["round"] == before["round"]
    (data_dir / OUTPUTS.format(3)).unlink()
    assert ask().get_json()["round"] != before["round"]


def test_a_broken_file_and_a_new_dataset_are_news(ask, data_dir):
    before = ask().get_json()
    (data_dir / OUTPUTS.format(3)).write_bytes(b"half")
    assert ask().get_json()["round"] != before["round"]
    broken = ask().get_json()["client"]
    (data_dir / "datasets" / "another").mkdir()
    assert ask().get_json()["client"] != broken


@pytest.mark.parametrize(
    "address",
    ["/news", "/news?dataset=nobody", "/news?dataset=%ff%00&round=-1&client=../..", "/news?%ff"],
)
def test_there_is_an_answer_to_anything(ask, address):
    answer = ask(address)
    assert answer.status_code == 200
    assert set(answer.get_json()) == {"client", "round"}
