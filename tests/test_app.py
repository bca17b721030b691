"""The app as a whole: its wiring, a trip through each panel, and hostile browsers."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from dash import Dash

from flhetero_dash.factory import create_app
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    CurveChoice,
    Focus,
    MatrixChoice,
    OverviewChoice,
    ProjectionChoice,
    RecordChoice,
)
from flhetero_dash.settings import Settings
from flhetero_dash.views.frame import Ids as Frame

ASSETS = Path(__file__).parents[1] / "assets"
CHOSEN = {"dataset": "mnist", "client": "Client-0", "round": "6"}
MOST_COMPONENTS = 300
Fire = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def app(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dash]:
    settings = Settings(data_dir=published, cache_dir=tmp_path_factory.mktemp("cache"))
    made = create_app(settings, ASSETS, n_processes=1)
    yield made
    made.server.extensions["flhetero_jobs"].stop()


@pytest.fixture(scope="module")
def fire(app: Dash) -> Fire:
    """Fire the callback that has an output, as the browser does; give what it changes."""

    def post(output: str, values: dict[str, Any], trigger: str | None = None) -> dict[str, Any]:
        (key,) = [key for key in app.callback_map if f"{output}." in key or key == output]
        specification = app.callback_map[key]

        def filled(parts: Any) -> list[dict[str, Any]]:
            return [part | {"value": values.get(part["id"])} for part in parts]

        names = key.strip(".").split("...")
        outputs = [dict(zip(("id", "property"), name.split("."), strict=True)) for name in names]
        body = {
            "output": key,
            "outputs": outputs if key.startswith("..") else outputs[0],
            "inputs": filled(specification["inputs"]),
            "state": filled(specification["state"]),
            "changedPropIds": [trigger or f"{ClientRound.STORE}.data"],
        }
        response = app.server.test_client().post("/_dash-update-component", json=body)
        assert response.status_code in {200, 204}, response.get_data(as_text=True)[:500]
        if response.status_code == 204:
            return {}
        answer = json.loads(response.get_data())
        side: dict[str, Any] = answer.get("sideUpdate") or {}
        changes: dict[str, Any] = answer.get("response") or {}
        return changes | side

    return post


def stored(**others: Any) -> dict[str, Any]:
    return {ClientRound.STORE: CHOSEN, Frame.THEME: "light"} | others


def ids_of(component: Any) -> list[str]:
    return [part.id for part in (component, *component._traverse()) if getattr(part, "id", None)]


def test_every_id_that_a_callback_names_is_on_the_page_once(app):
    there = ids_of(app.validation_layout)
    assert len(there) == len(set(there))
    named = set()
    for key, callback in app.callback_map.items():
        named |= {part["id"] for part in [*callback["inputs"], *callback["state"]]}
        named |= {part.split(".")[0] for part in key.strip(".").split("...")}
    named = {name for name in named if not name.startswith("_") and len(name) < 60 and "-" in name}
    assert named <= set(there)


def test_the_page_has_few_components(app):
    n_components = sum(1 for part in app.layout()._traverse() if hasattr(part, "to_plotly_json"))
    assert 60 < n_components < MOST_COMPONENTS


def test_health_and_page_answer(app):
    client = app.server.test_client()
    assert client.get("/health").get_data() == b"OK"
    assert client.get("/").status_code == 200


def test_the_frame_fills_a_link(fire):
    answer = fire(Frame.N_ROUNDS, {Frame.URL: "?client=Client-3"}, f"{Frame.URL}.search")
    assert answer[Frame.URL]["search"] == "?dataset=mnist&client=Client-3&round=10"
    assert answer[ClientRound.STORE]["data"]["client"] == "Client-3"
    assert answer[Frame.N_ROUNDS]["children"] == "/ 10"
    assert answer[Frame.NEXT]["disabled"] is True
    assert answer[Frame.PROBLEM]["children"] == ""


def test_an_intent_changes_the_link_and_only_its_store(fire):
    search = "?dataset=mnist&client=Client-0&round=6&record=3"
    values = {
        Frame.URL: search,
        ClientRound.STORE: CHOSEN,
        RecordChoice.STORE: {"record": "3"},
        "clusters-intent": {"cluster": "2", "number": 1},
        **{
            choice.STORE: {}
            for choice in (
                ProjectionChoice, CurveChoice, OverviewChoice, ClusterChoice, Focus,
                ContrastChoice, AttributeChoice, MatrixChoice,
            )
        },
    }  # fmt: skip
    answer = fire(Frame.N_ROUNDS, values, "clusters-intent.data")
    assert answer[Frame.URL]["search"] == "?dataset=mnist&client=Client-0&round=6&cluster=2"
    assert answer[Focus.STORE]["data"] == {"cluster": "2"}
    assert answer[RecordChoice.STORE]["data"] == {}  # it was of another selection
    assert ClientRound.STORE not in answer


def test_an_unknown_dataset_is_told_and_the_others_stay(fire):
    values = stored(**{Frame.URL: "?dataset=../../etc/passwd"})
    answer = fire(Frame.N_ROUNDS, values, f"{Frame.URL}.search")
    assert "no dataset" in answer[Frame.PROBLEM]["children"]
    assert answer[Frame.DATASET]["data"] == [{"value": "mnist", "label": "mnist"}]
    assert answer[ClientRound.STORE]["data"] is None


def test_the_overview_counts_and_draws(fire, published_answers):
    labels = published_answers["Client-0/5"]["labels"]["consistencyLabel"]
    answer = fire("overview-scatter", stored())
    assert answer["overview-inconsistent"]["children"][1]["props"]["children"] == str(
        labels.count(False)
    )
    traces = answer["overview-scatter"]["figure"]["data"]
    assert [trace["name"] for trace in traces] == ["consistent", "inconsistent"]
    assert answer["overview-alpha"]["value"] == 10


def test_a_click_on_the_overview_proposes_the_record(fire, published_answers):
    labels = published_answers["Client-0/5"]["labels"]["consistencyLabel"]
    click = {"points": [{"curveNumber": 1, "pointIndex": 2}]}
    answer = fire(
        "overview-intent", stored(**{"overview-scatter": click}), "overview-scatter.clickData"
    )
    third = [record for record, consistent in enumerate(labels) if not consistent][2]
    assert answer["overview-intent"]["data"] == {"record": str(third)}


def test_the_clusters_hold_every_inconsistent_record(fire, published_answers):
    labels = published_answers["Client-0/5"]["labels"]["consistencyLabel"]
    answer = fire("clusters-data", stored(**{ClusterChoice.STORE: {"k": "12"}}))
    clusters = answer["clusters-data"]["data"]["clusters"]
    assert len(clusters) == 12
    assert sum(cluster["size"] for cluster in clusters) == labels.count(False)
    for cluster in clusters:
        assert all(-0.2 <= place <= 1.2 for point in cluster["hull"] for place in point)


def test_every_other_panel_answers(fire):
    maps = fire("contrast-maps", stored())
    assert "selected records against" in maps["contrast-title"]["children"]
    matrix = fire("matrix-data", stored())["matrix-data"]["data"]
    assert matrix["can_select"] is True
    assert all(name.startswith("digit-") for name in matrix["columns"])
    assert fire("distribution-chart", stored())["distribution-effect"]["children"]
    assert "of" in fire("instance-picture", stored())["instance-position"]["children"]
    assert fire("timeline-chart", stored())["timeline-legend"]["children"]
    assert fire("monitor-projection", stored())["monitor-cosines"]["children"]
    assert "mnist" in json.dumps(fire("monitor-facts", stored()))


HOSTILE: list[Any] = [
    None,
    7,
    [],
    "x" * 1_000_000,
    {"dataset": "../../etc/passwd", "client": "..", "round": "1"},
    {"dataset": "mnist", "client": "../Client-0", "round": "1"},
    {"dataset": ["mnist"], "client": {"a": 1}, "round": "NaN"},
    {"dataset": "mnist", "client": "Client-0", "round": "9999"},
]
PANELS = [
    "contrast-maps", "matrix-data", "distribution-chart", "instance-picture", "timeline-chart",
    "monitor-projection", "monitor-facts", "overview-scatter", "overview-marked", "clusters-data",
]  # fmt: skip


@pytest.mark.parametrize("output", PANELS)
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: str(value)[:30])
def test_hostile_stores_do_no_harm(fire, output, value):
    answer = fire(output, stored(**{ClientRound.STORE: value, Focus.STORE: value}))
    assert Frame.PAGE_ERROR not in answer


@pytest.mark.parametrize(
    "value", [*HOSTILE, {"points": [{"curveNumber": -5, "pointIndex": 10**9}]}]
)
def test_hostile_clicks_propose_nothing(fire, value):
    for output, graph in (
        ("overview-intent", "overview-scatter"),
        ("contrast-intent", "contrast-maps"),
    ):
        answer = fire(output, stored(**{graph: value}), f"{graph}.clickData")
        assert answer.get(output, {}).get("data", {}) == {}


def test_what_no_panel_expected_ends_as_words_on_the_page(fire, monkeypatch):
    from flhetero_dash.views import contrast_maps

    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(contrast_maps, "weights_figure", fail)
    answer = fire("contrast-maps", stored())
    words = answer[Frame.PAGE_ERROR]["children"]
    assert "ZeroDivisionError" in words
    assert "secret" not in words


def test_pictures_are_served_and_kept(app):
    client = app.server.test_client()
    response = client.get("/records/mnist/Client-0/local.png?ids=3,0")
    assert response.mimetype == "image/png"
    assert response.get_data()[:8] == b"\x89PNG\r\n\x1a\n"
    again = client.get(
        "/records/mnist/Client-0/local.png?ids=3,0",
        headers={"If-None-Match": response.headers["ETag"]},
    )
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/records/mnist/Client-0/local.png", 400),
        ("/records/mnist/Client-0/local.png?ids=-1", 400),
        ("/records/mnist/Client-0/local.png?ids=1;2", 400),
        ("/records/mnist/Client-0/local.png?ids=" + ",".join(["1"] * 257), 400),
        ("/records/mnist/Client-0/local.png?ids=999999", 404),
        ("/records/mnist/Client-0/passwd.png?ids=1", 404),
        ("/records/mnist/..%2f..%2fetc/local.png?ids=1", 404),
        ("/records/%2e%2e/Client-0/local.png?ids=1", 404),
    ],
)
def test_hostile_addresses_of_pictures_are_refused(app, address, status):
    response = app.server.test_client().get(address)
    assert response.status_code == status or b"DashRenderer" in response.get_data()
    assert response.mimetype != "image/png"
