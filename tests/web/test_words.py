"""Labels of records over HTTP: what is said, and what a stranger may ask for."""

import pytest
from flask import Flask

from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import ClientRound
from flhetero_dash.settings import Settings
from flhetero_dash.web.words import add_routes

FOLDER = "/records/mnist/Client-0"


@pytest.fixture(scope="module")
def queries(published, tmp_path_factory) -> Queries:
    settings = Settings(data_dir=published, cache_dir=tmp_path_factory.mktemp("cache"))
    return Queries.over(Sources(settings, JobsHere()))


@pytest.fixture(scope="module")
def client(queries):
    server = Flask("words")
    add_routes(server, queries.records)
    return server.test_client()


@pytest.mark.parametrize("shown", [6, 9])
def test_the_labels_are_those_of_the_round(client, queries, shown):
    both = compared(queries.records._sources.reader, ClientRound("mnist", "Client-0", shown - 1))
    assert both.y_true is not None
    assert client.get(f"{FOLDER}/local/{shown}/7.json").get_json() == [
        ["record", "7"],
        ["ground truth", f"digit-{both.y_true[7]}"],
        ["federated", f"digit-{both.y_global[7]}"],
        ["stand-alone", f"digit-{both.y_local[7]}"],
    ]


def test_sampled_inputs_have_no_ground_truth(client):
    words = client.get(f"{FOLDER}/stratified/6/7.json").get_json()
    assert [term for term, _ in words] == ["record", "federated", "stand-alone"]


@pytest.mark.parametrize(
    "path",
    [
        "local/6/500.json", "local/6/-1.json", "local/0/7.json", "local/99/7.json",
        "local/nonsense/7.json", "nonsense/6/7.json", "local/6/x.json",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(client, path):
    assert client.get(f"{FOLDER}/{path}").status_code == 404
    assert client.get("/records/none/Client-0/local/6/7.json").status_code == 404
