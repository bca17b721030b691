"""The app as a whole: its wiring, a trip through each panel, and hostile browsers."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from dash import Dash

from flhetero_dash.data.errors import DataError
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.factory import create_app
from flhetero_dash.selection import (
    CHOICES,
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    CurveChoice,
    DistributionChoice,
    Focus,
    GradCamChoice,
    MatrixChoice,
    OverviewChoice,
    ProjectionChoice,
    RecordChoice,
)
from flhetero_dash.selection.forms import FORMS
from flhetero_dash.settings import Settings
from flhetero_dash.views import contrast_answers, contrast_maps
from flhetero_dash.views.frame import Ids as Frame
from tests.firing import Fire, poster

ASSETS = Path(__file__).parents[1] / "assets"
CHOSEN = {"dataset": "mnist", "client": "Client-0", "round": "6"}
MOST_COMPONENTS = 300


@pytest.fixture(scope="module")
def app(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dash]:
    settings = Settings(data_dir=published, cache_dir=tmp_path_factory.mktemp("cache"))
    made = create_app(settings, ASSETS, n_processes=1)
    yield made
    made.server.extensions["flhetero_jobs"].stop()


@pytest.fixture(scope="module")
def fire(app: Dash) -> Fire:
    """Fire the callback that has an output, as the browser does; give what it changes."""
    return poster(app)


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


def test_a_whole_link_is_left_as_it_is(fire):
    # Else every page load would make an entry in the browser's history.
    search = "?dataset=mnist&client=Client-0&round=6"
    answer = fire(Frame.N_ROUNDS, {Frame.URL: search}, f"{Frame.URL}.search")
    assert Frame.URL not in answer


def test_an_intent_changes_the_link_and_only_its_store(fire):
    search = "?dataset=mnist&client=Client-0&round=6&record=3"
    values = {
        Frame.URL: search,
        ClientRound.STORE: CHOSEN,
        RecordChoice.STORE: {"record": "3"},
        "frame-intent": {"cluster": "2", "number": 1},
        **{
            choice.STORE: {}
            for choice in (
                ProjectionChoice, CurveChoice, OverviewChoice, ClusterChoice, Focus,
                ContrastChoice, AttributeChoice, DistributionChoice, MatrixChoice,
            )
        },
    }  # fmt: skip
    answer = fire(Frame.N_ROUNDS, values, "frame-intent.data")
    assert answer[Frame.URL]["search"] == "?dataset=mnist&client=Client-0&round=6&cluster=2"
    assert answer[Focus.STORE]["data"] == {"cluster": "2"}
    assert answer[RecordChoice.STORE]["data"] == {}  # it was of another selection
    assert ClientRound.STORE not in answer


def test_a_drag_replaces_the_link_and_a_click_makes_a_new_one(fire):
    values = {Frame.URL: "?dataset=mnist&client=Client-0&round=6", ClientRound.STORE: CHOSEN}
    click = values | {"frame-intent": {"round": "8", "number": 1}}
    answer = fire(Frame.N_ROUNDS, click, "frame-intent.data")
    assert answer[Frame.URL]["search"] == "?dataset=mnist&client=Client-0&round=8"
    assert "frame-replaced" not in answer
    drag = values | {"frame-intent": {"round": "8", "history": "replace", "number": 2}}
    answer = fire(Frame.N_ROUNDS, drag, "frame-intent.data")
    assert answer["frame-replaced"]["data"] == "?dataset=mnist&client=Client-0&round=8"
    assert Frame.URL not in answer
    assert answer[ClientRound.STORE]["data"]["round"] == "8"


def test_the_monitor_draws_what_was_chosen(fire):
    drawn = fire("monitor-projection", stored())
    assert drawn["monitor-title"]["children"] == "Parameter projection"
    chosen = {ProjectionChoice.STORE: {"process": "cosine", "layer": "Conv1", "rounds": "3-7"}}
    drawn = fire("monitor-projection", stored(**chosen))
    assert drawn["monitor-title"]["children"] == "Cosine over rounds"
    figure = drawn["monitor-projection"]["figure"]
    assert figure["data"][-1]["name"] == "Conv1"
    assert numbers(figure["data"][-1]["x"]) == [3, 4, 5, 6, 7]


def test_an_unknown_dataset_is_told_and_the_others_stay(fire):
    values = stored(**{Frame.URL: "?dataset=../../etc/passwd"})
    answer = fire(Frame.N_ROUNDS, values, f"{Frame.URL}.search")
    assert "no dataset" in answer[Frame.PROBLEM]["children"]
    assert answer[Frame.DATASET]["data"] == [{"value": "mnist", "label": "mnist"}]
    assert answer[ClientRound.STORE]["data"] is None


@pytest.mark.parametrize("shown", [6, 10])
def test_the_overview_counts_and_draws(fire, published_answers, shown):
    labels = published_answers[f"Client-0/{shown - 1}"]["labels"]["consistencyLabel"]
    answer = fire("overview-scatter", stored(**{ClientRound.STORE: CHOSEN | {"round": str(shown)}}))
    for button, is_consistent in (("overview-inconsistent", False), ("overview-consistent", True)):
        count = answer[button]["children"][1]["props"]["children"]
        assert count == str(labels.count(is_consistent))
    traces = answer["overview-scatter"]["figure"]["data"]
    assert [trace["name"] for trace in traces] == ["consistent", "inconsistent"]
    assert answer["overview-alpha"]["value"] == 10


def test_the_clusters_hold_every_inconsistent_record(fire, published_answers):
    labels = published_answers["Client-0/5"]["labels"]["consistencyLabel"]
    answer = fire("clusters-data", stored(**{ClusterChoice.STORE: {"k": "12"}}))
    clusters = answer["clusters-data"]["data"]["clusters"]
    assert len(clusters) == 12
    assert sum(cluster["size"] for cluster in clusters) == labels.count(False)
    for cluster in clusters:
        assert all(-0.2 <= place <= 1.2 for point in cluster["hull"] for place in point)


@pytest.mark.parametrize("shown", ["6", "10"])
def test_all_panels_mean_the_same_records(fire, published_answers, shown):
    labels = published_answers[f"Client-0/{int(shown) - 1}"]["labels"]["consistencyLabel"]
    inconsistent = [record for record, consistent in enumerate(labels) if not consistent]
    values = stored(**{
        ClientRound.STORE: CHOSEN | {"round": shown},
        ClusterChoice.STORE: {"k": "12", "linkage": "single"},
        CurveChoice.STORE: {"curve": "inconsistent"},
    })  # fmt: skip
    sizes = [c["size"] for c in fire("clusters-data", values)["clusters-data"]["data"]["clusters"]]
    assert sum(sizes) == len(inconsistent)
    assert sizes == sorted(sizes, reverse=True)
    cells = fire("matrix-data", values)["matrix-data"]["data"]["cells"]
    assert sorted(record for cell in cells for record in cell["records"]) == inconsistent
    assert sum(cell["n_selected"] for cell in cells) == sizes[0]
    assert len(fire("overview-marked", values)["overview-marked"]["data"]["records"]) == sizes[0]
    selected = fire("overview-marked", values)["overview-marked"]["data"]["records"]
    assert set(selected) <= set(inconsistent)
    assert verified(fire, values)["record"] == selected[0]
    title = fire("contrast-maps", values)["contrast-title"]["children"]
    assert title.startswith(f"{sizes[0]} selected records")
    effect = json.dumps(fire("distribution-chart", values)["distribution-effect"])
    assert f"inconsistent {len(inconsistent)}" in effect
    (curve,) = fire("timeline-chart", values)["timeline-chart"]["figure"]["data"]
    counts = curve["y"]
    assert curve["name"] == "this client"
    assert numbers(counts)[int(shown) - 1] == len(inconsistent)


def numbers(written: Any) -> list[float]:
    """Read what Plotly writes for an array: a list, or bytes in base 64."""
    if isinstance(written, list):
        return written
    raw = base64.b64decode(written["bdata"])
    return [float(value) for value in np.frombuffer(raw, dtype=written["dtype"])]


@pytest.mark.parametrize("shown", [6, 10])
def test_clusters_by_single_linkage_have_the_published_sizes(fire, published_answers, shown):
    published = published_answers[f"Client-0/{shown - 1}"]["cluster_12"]["clusterList"]
    chosen = {
        ClientRound.STORE: CHOSEN | {"round": str(shown)},
        ClusterChoice.STORE: {"k": "12", "linkage": "single"},
    }
    answer = fire("clusters-data", stored(**chosen))
    sizes = [cluster["size"] for cluster in answer["clusters-data"]["data"]["clusters"]]
    assert sizes == sorted((cluster["heteroSize"] for cluster in published), reverse=True)
    assert answer["clusters-number"]["value"] == 12


def verified(fire, values: dict[str, Any]) -> Any:
    """Give what Instance Verification knows of the record it shows."""
    return fire("instance-data", values)["instance-data"]["data"]


def test_the_marks_are_the_selection_and_its_first_record_is_verified(fire):
    clusters = fire("clusters-data", stored())["clusters-data"]["data"]["clusters"]
    for number, cluster in enumerate(clusters, 1):
        focus = {Focus.STORE: {"cluster": str(number)}}
        marked = fire("overview-marked", stored(**focus))["overview-marked"]["data"]
        assert len(marked["records"]) == cluster["size"]
        assert verified(fire, stored(**focus))["record"] == marked["records"][0]


def test_a_cell_of_the_matrix_selects_what_it_counts(fire):
    matrix = fire("matrix-data", stored())["matrix-data"]["data"]
    cell = max(matrix["cells"], key=lambda one: len(one["records"]))
    pair = matrix["truths"][cell["column"]], matrix["outputs"][cell["row"]]
    focus = stored(**{Focus.STORE: {"cell": f"{pair[0]}-{pair[1]}"}})
    chosen = fire("matrix-data", focus)["matrix-data"]["data"]
    assert chosen["chosen"] == list(pair)
    marked = fire("overview-marked", focus)["overview-marked"]["data"]
    assert sorted(marked["records"]) == sorted(cell["records"])
    title = fire("contrast-maps", focus)["contrast-title"]["children"]
    assert title.startswith(f"{len(cell['records'])} selected")


def test_a_pixel_clicked_is_the_attribute_drawn(fire):
    click = {"points": [{"x": 8, "y": 14, "curveNumber": 0}]}
    intent = fire("frame-intent", stored(**{"contrast-maps": click}), "contrast-maps.clickData")
    chosen = stored(**{AttributeChoice.STORE: intent["frame-intent"]["data"]})
    figure = fire("distribution-chart", chosen)["distribution-chart"]["figure"]
    assert figure["layout"]["xaxis"]["title"]["text"] == "pixel (row 14, column 8)"


def test_grad_cam_takes_the_place_of_the_weights(fire):
    answer = fire("contrast-maps", stored(**{ContrastChoice.STORE: {"explain": "gradcam"}}))
    assert "Round 6, mean over" in answer["contrast-title"]["children"]
    assert answer["contrast-alpha-row"]["hidden"] is True
    assert answer["contrast-maps"]["style"] == {"height": "100%"}
    titles = [note["text"] for note in answer["contrast-maps"]["figure"]["layout"]["annotations"]]
    models = [title.partition("<br>")[0] for title in titles]
    assert models == ["Federated", "Stand-alone"] * 2


def test_grad_cam_of_another_round_replaces_figure_and_title(fire):
    seen = {}
    for shown in ("6", "10"):
        chosen = {ClientRound.STORE: CHOSEN | {"round": shown}}
        cam = {ContrastChoice.STORE: {"explain": "gradcam"}}
        single = {GradCamChoice.STORE: {"cam": "record", "record": "3"}}
        answer = fire("contrast-maps", stored(**chosen, **cam, **single))
        assert answer["contrast-title"]["children"].startswith(f"Round {shown}, record 3: ")
        maps = [t for t in answer["contrast-maps"]["figure"]["data"] if t["type"] == "heatmap"]
        assert [len(numbers(one["z"])) for one in maps] == [784] * 4  # whole, not one pixel
        seen[shown] = [numbers(one["z"]) for one in maps]
    assert seen["6"][0] != seen["10"][0]  # the federated model's
    assert seen["6"][1] == seen["10"][1]  # the stand-alone model's


def test_grad_cam_of_a_round_without_a_checkpoint_leaves_no_map(fire, monkeypatch):
    monkeypatch.setattr(HistoryReader, "checkpoint", lambda *_: None)
    answer = fire("contrast-maps", stored(**{ContrastChoice.STORE: {"explain": "gradcam"}}))
    figure = answer["contrast-maps"]["figure"]
    assert figure["data"] == []
    assert "checkpoint of Server" in figure["layout"]["annotations"][0]["text"]
    assert answer["contrast-title"]["children"] == ""


@pytest.mark.parametrize("alpha", ["0", "3.5"])
def test_the_contrasts_alpha_is_its_own_and_zero_stays_zero(fire, alpha):
    own = {ContrastChoice.STORE: {"contrast": alpha}, OverviewChoice.STORE: {"alpha": "77"}}
    answer = fire("contrast-maps", stored(**own))
    assert answer["contrast-alpha"]["value"] == float(alpha)
    assert answer["contrast-auto"]["aria-pressed"] == "false"
    clusters = fire("clusters-data", stored(**own))["clusters-data"]["data"]["clusters"]
    assert len(clusters) == 8  # and no number of clusters


def test_the_panel_of_a_record_has_its_rounds_and_neighbours(fire):
    shown = verified(fire, stored(**{RecordChoice.STORE: {"record": "3"}}))
    assert shown["record"] == 3
    assert len(shown["rounds"]["cells"]) == 10
    assert shown["rounds"]["selected"] == 5
    assert len(shown["nearest"]["records"]) == 6
    assert 3 not in [one["record"] for one in shown["nearest"]["records"]]


def test_an_open_sheet_lists_the_selection_and_a_closed_one_nothing(fire):
    answer = fire("sheet-data", stored(**{"sheet-is-open": 1}))
    marked = fire("overview-marked", stored())["overview-marked"]["data"]
    assert answer["sheet-data"]["data"]["records"] == marked["records"]
    assert f"({len(marked['records'])})" in answer["sheet-title"]["children"]
    assert fire("sheet-data", stored())["sheet-data"]["data"] == {}


def test_sampled_inputs_show_no_truth_and_choose_no_cell(fire):
    chosen = stored(**{ClientRound.STORE: CHOSEN | {"inputs": "stratified"}})
    shown = verified(fire, chosen)
    assert "/stratified.png?ids=" in shown["picture"]
    assert ["Truth", "no ground truth", None] in shown["facts"]
    assert fire("matrix-data", chosen)["matrix-data"]["data"]["can_select"] is False
    clusters = fire("clusters-data", chosen)["clusters-data"]["data"]["clusters"]
    assert {cluster["federated"] for cluster in clusters} == {None}


@pytest.mark.parametrize("curve", ["accuracy", "total", "loss", "inconsistent"])
def test_each_curve_of_the_timeline_has_all_rounds(fire, curve):
    answer = fire("timeline-chart", stored(**{CurveChoice.STORE: {"curve": curve}}))
    traces = {trace["name"]: trace for trace in answer["timeline-chart"]["figure"]["data"]}
    assert len(numbers(traces["this client"]["y"])) == 10
    assert ("stand-alone model" in traces) == (curve == "accuracy")


def test_every_other_panel_answers(fire):
    maps = fire("contrast-maps", stored())
    assert "selected records against" in maps["contrast-title"]["children"]
    matrix = fire("matrix-data", stored())["matrix-data"]["data"]
    assert matrix["can_select"] is True
    assert all(name.startswith("digit-") for name in matrix["names"].values())
    near = fire("matrix-neighbours", stored())["matrix-neighbours"]["data"]
    assert near["plane"] == matrix["plane"]
    assert len(near["near"]) == 10
    assert fire("distribution-chart", stored())["distribution-effect"]["children"]
    assert "record" in verified(fire, stored())
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
    "contrast-maps", "matrix-data", "distribution-chart", "instance-data", "timeline-chart",
    "monitor-projection", "monitor-facts", "overview-scatter", "overview-marked", "clusters-data",
    "sheet-data",
]  # fmt: skip


@pytest.mark.parametrize("output", PANELS)
@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: str(value)[:30])
def test_hostile_stores_do_no_harm(fire, output, value):
    answer = fire(output, stored(**{ClientRound.STORE: value, Focus.STORE: value}))
    assert Frame.PAGE_ERROR not in answer


@pytest.mark.parametrize("output", PANELS)
@pytest.mark.parametrize(
    "text",
    ["0", "-1", "1e-320", "0-0", "\x00", "\ud800", "gradcam", "<script>", None, 1, {"a": 1}],
    ids=repr,
)  # fmt: skip
def test_a_hostile_word_in_every_field_does_no_harm(fire, output, text):
    every = dict.fromkeys((form.parameter for form in FORMS.values()), text)
    values = {choice.STORE: every for choice in CHOICES}
    answer = fire(output, values | {ClientRound.STORE: CHOSEN, Frame.THEME: text})
    assert Frame.PAGE_ERROR not in answer


def test_only_the_named_hosts_are_answered(published, tmp_path):
    settings = Settings(data_dir=published, cache_dir=tmp_path, trusted_hosts=("study.example",))
    client = create_app(settings, ASSETS, n_processes=1).server.test_client()
    for address in ("/", "/health", "/records/mnist/Client-0/local.png?ids=1"):
        assert client.get(address, headers={"Host": "study.example"}).status_code == 200
        assert client.get(address, headers={"Host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "value",
    [
        *HOSTILE,
        {"points": [dict.fromkeys(("curveNumber", "x", "y"), float("inf"))]},
        {"points": [{"curveNumber": -5, "pointIndex": 10**9}]},
    ],
)
def test_hostile_clicks_propose_nothing(fire, value):
    for output, graph in (("frame-intent", "contrast-maps"),):
        answer = fire(output, stored(**{graph: value}), f"{graph}.clickData")
        assert Frame.PAGE_ERROR not in answer
        assert answer.get(output, {}).get("data", {}) == {}


OTHERS = CHOICES[1:]
WRONG: list[Any] = [
    "x" * 100_000,
    [{"k": "1"}],
    {"k": "NaN", "alpha": "1e999", "contrast": "-inf", "round": "NaN", "layer": ["x"]},
    {"cluster": "999999999", "cell": "999999999-0", "record": "999999999", "rounds": "9-9999"},
    {"attribute": "999999999", "squares": "60", "channel": "2", "curve": "../..", "scope": {}},
    {"alpha": "1e300", "contrast": "1e300", "k": "999999999", "attribute": "783"},
]


@pytest.mark.parametrize("output", PANELS)
@pytest.mark.parametrize("value", WRONG, ids=lambda value: str(value)[:40])
def test_hostile_choices_of_a_real_client_do_no_harm(fire, output, value):
    values = stored(**{choice.STORE: value for choice in OTHERS}, **{Frame.THEME: value})
    assert Frame.PAGE_ERROR not in fire(output, values)


@pytest.mark.parametrize(
    "search",
    [
        None, 7, [], {"a": 1}, "?" + "x" * 1_000_000, "?dataset=a%00b", "?client=..", "?round=NaN",
        "?dataset=%ED%A0%80", "?dataset=\ud800", "?client=\ud800", "?round=%D9%A3",
    ],
    ids=lambda value: ascii(value)[:30],
)  # fmt: skip
def test_a_hostile_link_is_read_as_far_as_it_goes(fire, search):
    answer = fire(Frame.N_ROUNDS, {Frame.URL: search}, f"{Frame.URL}.search")
    assert Frame.PAGE_ERROR not in answer
    assert answer[Frame.DATASET]["data"] == [{"value": "mnist", "label": "mnist"}]
    problem, chosen = answer[Frame.PROBLEM]["children"], answer.get(ClientRound.STORE)
    assert bool(problem) == (chosen is None or chosen["data"] is None)


@pytest.mark.parametrize("value", [*HOSTILE, {"client": ["x"], "round": {"a": 1}}])
@pytest.mark.parametrize(
    "trigger",
    [f"{Frame.CLIENT}.value", f"{Frame.ROUND}.value", "frame-intent.data", '{"a":1}.data'],
)
def test_a_hostile_header_or_intent_changes_nothing(fire, value, trigger):
    name = trigger.partition(".")[0]
    search = "?dataset=mnist&client=Client-0&round=6"
    answer = fire(Frame.N_ROUNDS, {Frame.URL: search, name: value}, trigger)
    assert Frame.PAGE_ERROR not in answer
    client = answer.get(Frame.CLIENT, {}).get("value")  # absent: shown already
    assert client in {"Client-0", None}


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"{}", b"[" * 100_000, b'{"output": "no.such", "inputs": []}'],
    ids=lambda body: body[:12].decode(),
)
def test_a_request_that_is_none_gets_no_details(app, body):
    response = app.server.test_client().post(
        "/_dash-update-component", data=body, content_type="application/json"
    )
    assert response.status_code >= 400
    assert b"Traceback" not in response.get_data()
    assert str(ASSETS.parent).encode() not in response.get_data()


def test_a_request_without_end_is_refused(app):
    response = app.server.test_client().post(
        "/_dash-update-component", data=b"x" * (5 << 20), content_type="application/json"
    )
    assert response.status_code == 413


def test_what_no_panel_expected_ends_as_words_on_the_page(fire, monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(contrast_answers, "weights_figure", fail)
    answer = fire("contrast-maps", stored())
    words = answer[Frame.PAGE_ERROR]["children"]
    assert "ZeroDivisionError" in words
    assert "secret" not in words
    assert "contrast-maps" not in answer  # the panel stays as it was


def test_a_file_that_no_panel_expected_to_be_broken_is_named_on_the_page(fire, monkeypatch):
    def fail(*_: object) -> None:
        raise DataError("samples.npz: is cut short")

    monkeypatch.setattr(contrast_maps, "or_message", fail)
    answer = fire("contrast-maps", stored())
    assert answer[Frame.PAGE_ERROR]["children"] == "samples.npz: is cut short"


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


def test_without_the_redis_of_the_settings_the_panels_say_what_to_start(published, tmp_path):
    settings = Settings(published, tmp_path, redis_url="redis://:hidden@127.0.0.1:1/0")
    answer = poster(create_app(settings, ASSETS))("clusters-data", stored())
    message = answer["clusters-data"]["data"]["message"]
    assert message.startswith("Redis does not answer at redis://***@127.0.0.1:1/0")
    assert "unset REDIS_URL to compute on this machine" in message
