"""What a link means for the header, and what the header does to a link."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dash import no_update

from flhetero_dash.data.catalog import DatasetEntry
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.reader import Federation
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.federation import FederationQueries
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import (
    CHOICES,
    ClientRound,
    ClusterChoice,
    Focus,
    GradCamChoice,
    RecordChoice,
    WhichClient,
)
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.frame import _news, intent_of, same_clients
from flhetero_dash.views.frame_state import UNKNOWN_SELECTION, FrameState, header_values, state_of
from flhetero_dash.views.own_selections import own_intent
from flhetero_dash.views.round_controls import replaces_link

VALUES = {"dataset": "d", "client": "c", "inputs": "local", "round": 5}


def federation(n_rounds: int = 10, types: tuple[str, ...] = ("local", "stratified")) -> Federation:
    info = SamplesInfo(
        client_names=("A", "B"), sampling_types=types, label_names=("no", "yes"),
        labels_named=True, kind="image", shape=(2, 2), feature_names=None, categories={},
        has_ground_truth=True, single_files=False,
    )  # fmt: skip
    return Federation("good", info, None, (), None, n_rounds)


class HandMade(FederationQueries):
    """Two datasets, of which one is broken."""

    def __init__(self, known: Federation | None) -> None:
        self.known = known

    def datasets(self) -> tuple[DatasetEntry, ...]:
        if self.known is None:
            return ()
        return (
            DatasetEntry("broken", None, Path("h"), "there are no samples"),
            DatasetEntry("good", Path("d"), Path("h"), None),
        )

    def federation(self, dataset: str) -> Federation:
        if dataset != "good" or self.known is None:
            raise DataError(f"no dataset {dataset!r}")
        return self.known

    def dataset_of(self, parameters: dict[str, str]) -> str:
        if self.known is None:
            raise NothingToShowError("There is no dataset yet.")
        return super().dataset_of(parameters)


def state(parameters: dict[str, str], known: Federation | None = None) -> FrameState:
    return state_of(parameters, HandMade(known or federation()))


class TestState:
    def test_an_empty_link_is_filled_from_the_first_usable_dataset(self):
        found = state({})
        assert found.chosen == ClientRound("good", "A", 9)
        assert found.search == "?dataset=good&client=A&round=10"
        assert [entry["label"] for entry in found.datasets] == ["broken (unusable)", "good"]
        assert (found.clients, found.inputs) == (("A", "B"), ("local", "stratified"))
        assert (found.n_rounds, found.problem) == (10, "")

    def test_everything_in_a_link_is_kept(self):
        link = {"client": "B", "round": "3", "inputs": "stratified", "k": "4", "cluster": "2"}
        found = state(link)
        assert found.chosen == ClientRound("good", "B", 2, "stratified")
        assert found.choices[CHOICES.index(ClusterChoice)] == ClusterChoice(4)
        assert found.choices[CHOICES.index(Focus)] == Focus(1)
        assert found.search == ("?dataset=good&client=B&round=3&inputs=stratified&k=4&cluster=2")

    def test_inputs_that_a_dataset_lacks_become_local_ones(self):
        assert state({"inputs": "systematic"}).chosen == ClientRound("good", "A", 9)

    def test_a_link_to_itself_is_its_own_meaning(self):
        first = state({"client": "B", "alpha": "3", "rounds": "2-4"})
        assert state_of(dict(p.split("=") for p in first.search[1:].split("&")),
                        HandMade(federation())) == first  # fmt: skip

    def test_an_unknown_client_is_told_beside_the_clients_that_there_are(self):
        found = state({"client": "C", "k": "4"})
        assert found.chosen is None
        assert "no client 'C'; there are A, B" in found.problem
        assert found.clients == ("A", "B")
        assert found.search == "?client=C&k=4"  # what was asked for stays, to be mended
        assert found.choices[CHOICES.index(ClusterChoice)] == ClusterChoice(4)

    def test_an_unknown_dataset_has_no_clients(self):
        found = state({"dataset": "broken"})
        assert (found.clients, found.dataset) == ((), "broken")
        assert "no dataset 'broken'" in found.problem

    def test_a_training_without_rounds_is_told(self):
        found = state({}, federation(n_rounds=0))
        assert "no round" in found.problem
        assert found.clients == ("A", "B")

    def test_no_dataset_at_all_is_told(self):
        found = state_of({}, HandMade(None))
        assert found.problem == "There is no dataset yet."
        assert (found.datasets, found.search) == ((), "")


class TestHeader:
    def test_it_shows_the_choice_and_how_far_it_can_step(self):
        values = header_values(state({"round": "10"}))
        assert (values["dataset"], values["client"], values["round"]) == ("good", "A", 10)
        assert (values["max"], values["n_rounds"]) == (10, "/ 10")
        assert (values["at_first"], values["at_last"]) == (False, True)
        assert values["inputs"][1] == {"value": "stratified", "label": "Stratified"}
        first = header_values(state({"round": "1"}))
        assert (first["at_first"], first["at_last"]) == (True, False)

    def test_ten_thousand_clients_are_sent_once(self):
        found = state({})
        values = header_values(found)
        assert values["clients"] == ["A", "B"]
        assert not same_clients(found, None)
        assert not same_clients(found, {"dataset": "other"})
        assert same_clients(found, {"dataset": "good"})
        assert _news(values, {}, keep_clients=False)["clients"] == ["A", "B"]
        assert _news(values, {}, keep_clients=True)["clients"] is no_update

    def test_only_what_the_header_does_not_show_is_written(self):
        before = header_values(state({"round": "4"}))
        after = header_values(state({"round": "5"}))
        news = _news(after, before, keep_clients=True)
        assert {name for name, value in news.items() if value is not no_update} == {"round"}
        # A number that fits no round stands in its field, and is written over.
        typed = _news(after, after | {"round": 99}, keep_clients=True)
        assert typed["round"] == 5

    def test_with_a_problem_nothing_is_chosen_and_nothing_steps(self):
        values = header_values(state({"client": "C"}))
        assert (values["client"], values["round"], values["kind"]) == (None, None, None)
        assert values["at_first"]
        assert values["at_last"]
        assert values["n_rounds"] == ""

    def test_inputs_that_were_sampled_in_another_way_do_no_harm(self):
        values = header_values(state({}, federation(types=("local", "random"))))
        assert values["kind"] == "local"


class TestIntent:
    @pytest.mark.parametrize(
        ("trigger", "intent"),
        [
            (Frame.DATASET, {"dataset": "d"}),
            (Frame.CLIENT, {"client": "c"}),
            (Frame.INPUTS, {"inputs": "local"}),
            (Frame.ROUND, {"round": "5"}),
            (Frame.NEXT, {"round": "3"}),
            (Frame.PREVIOUS, {"round": "1"}),
            (None, {}),
            ("something-else", {}),
        ],
    )
    def test_what_was_done_becomes_an_intent(self, trigger, intent):
        assert intent_of(trigger, VALUES, {"round": "2"}) == intent

    def test_the_first_round_has_none_before_it(self):
        assert intent_of(Frame.PREVIOUS, VALUES, {"round": "1"}) == {"round": "1"}

    @pytest.mark.parametrize("text", ["", "nonsense", "٣", "-2", "1" * 30])
    def test_a_step_from_no_round_is_none(self, text):
        assert intent_of(Frame.NEXT, VALUES, {"round": text}) == {}

    @pytest.mark.parametrize("value", ["", None, "5", 2.5, [5], {"a": 5}])
    def test_a_round_that_is_no_number_is_none(self, value):
        assert intent_of(Frame.ROUND, VALUES | {"round": value}, {"round": "2"}) == {}


def test_a_round_beyond_the_training_becomes_the_last():
    for text in np.array([11, 10**9]).astype(str):
        assert state({"round": str(text)}).chosen == ClientRound("good", "A", 9)


@pytest.mark.parametrize(
    ("intent", "replaces"),
    [
        ({"round": "3", "history": "replace"}, True),
        ({"round": "3"}, False),
        ({"history": ["replace"]}, False),
        ("replace", False),
        (None, False),
    ],
)
def test_only_what_says_so_replaces_the_link(intent, replaces):
    assert replaces_link(intent) is replaces


class TestFrame:
    def test_steps_stay_within_the_rounds(self):
        values = {"dataset": "d", "client": "c", "inputs": "local", "round": 5}
        assert intent_of(Frame.PREVIOUS, values, {"round": "1"}) == {"round": "1"}
        assert intent_of(Frame.NEXT, values, {"round": "1"}) == {"round": "2"}
        assert intent_of(Frame.NEXT, values, {}) == {}
        assert intent_of(Frame.ROUND, values, {}) == {"round": "5"}
        assert intent_of(Frame.ROUND, values | {"round": ""}, {}) == {}
        assert intent_of(Frame.CLIENT, values, {}) == {"client": "c"}
        assert intent_of(None, values, {}) == {}


def test_a_name_that_fits_no_link_is_told_in_words():
    long = "x" * 201
    known = federation()
    named = replace(known, samples=replace(known.samples, client_names=(long,)))
    shown = state({"dataset": "good"}, named)
    assert shown.chosen is None
    assert "a name of 201 characters does not fit into a link" in shown.problem


def test_records_selected_by_hand_become_a_digest_that_the_link_carries():
    chosen = ClientRound("good", "A", 3)
    intent, held = own_intent({"own-records": "5,3-4", "number": 7}, {}, chosen.as_json())
    (digest,) = held
    assert (intent, held[digest]) == ({"own": digest}, "3-5")
    found = state_of(
        {"own": digest, "client": "A", "round": "4"}, HandMade(federation()), lambda *_: "3-5"
    )
    assert found.choices[CHOICES.index(Focus)] == Focus(own=digest, own_records=(3, 4, 5))
    assert f"own={digest}" in found.search
    assert "own-records" not in found.search
    assert found.problem == ""


def test_what_hangs_on_the_client_alone_is_drawn_anew_when_the_training_goes_on():
    early, late = ({"round": "1"}, {"round": "2"})
    assert state(early).client == state(late).client  # no round changes it
    longer = state(late, federation(n_rounds=11))
    assert longer.client != state(late).client
    assert WhichClient.checked(longer.client) == WhichClient("good", "A")


@pytest.mark.parametrize(
    ("words", "record"),
    [
        ({"explain": "gradcam", "cam": "record"}, 7),
        ({"explain": "gradcam"}, None),
        ({"cam": "record"}, None),
    ],
)
def test_the_panel_of_heat_maps_knows_a_record_only_while_it_shows_it(words, record):
    found = state({"record": "7", **words})
    explained, verified = (found.choices[CHOICES.index(x)] for x in (GradCamChoice, RecordChoice))
    assert isinstance(explained, GradCamChoice)
    assert explained.record == record
    assert verified == RecordChoice(7)
    assert found.search.count("record=7") == 1


def test_a_selection_that_is_not_known_is_told_and_a_cluster_shown():
    found = state({"own": "0" * 32})
    assert found.choices[CHOICES.index(Focus)] == Focus(own="0" * 32)
    assert found.problem == UNKNOWN_SELECTION
    assert found.chosen is not None
