"""The selection and its form in the URL."""

from dataclasses import fields
from typing import Any, cast

import pytest

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
    NotChosenError,
    OverviewChoice,
    ProjectionChoice,
    RecordChoice,
    anticipation,
    changed,
    parameter_of,
    parameters_in,
    parameters_of,
    search_of,
)
from flhetero_dash.selection.forms import FORMS
from flhetero_dash.selection.own import digest_of, read_records, records_text

CHOSEN = [
    ClientRound("my data & more", "Client/0?", 9, "stratified"),
    ProjectionChoice("conv1", (2, 5), "cosine"),
    OverviewChoice(None, "consistent"),
    OverviewChoice(12.3456789012),
    OverviewChoice(1e-7),
    OverviewChoice(1e22),
    CurveChoice("inconsistent"),
    ClusterChoice(None, "single"),
    Focus(3, (1, 7), "0123456789abcdef" * 2),
    ContrastChoice("gradcam", 2.5, 2),
    GradCamChoice("record", "truth", "published", 0),
    AttributeChoice(0),
    DistributionChoice("selection", "log", "scope"),
    MatrixChoice(10, "off", "enrichment", "all"),
    RecordChoice(0),
    ClientRound("Klinik Süd", "100 % + ü = \U0001f600", 0),
]


@pytest.mark.parametrize("choice", CHOSEN, ids=lambda choice: type(choice).__name__)
def test_a_choice_survives_the_url(choice):
    parameters = parameters_of(search_of([choice]))
    assert type(choice).checked(parameters) == choice


def test_every_field_of_every_record_survives_the_url():
    tried: dict[Any, set[str]] = {type(choice): set() for choice in CHOSEN}
    for choice in CHOSEN:
        tried[type(choice)] |= {
            field.name
            for field in fields(cast(Any, choice))
            if getattr(choice, field.name) != field.default
        }
    in_url = {
        kind: {field.name for field in fields(cast(Any, kind)) if FORMS[field.name].in_url}
        for kind in CHOICES
    }
    assert tried == in_url


def test_a_whole_state_survives_the_url():
    state = [next(choice for choice in CHOSEN if type(choice) is kind) for kind in CHOICES]
    parameters = parameters_of(search_of(state))
    assert [kind.checked(parameters) for kind in CHOICES] == state


def test_each_record_has_its_store_and_each_field_its_parameter():
    assert len({kind.STORE for kind in CHOICES}) == len(CHOICES)
    names = [parameter_of(field.name) for kind in CHOICES for field in fields(cast(Any, kind))]
    # The panel of heat maps looks at the record under verification, too.
    assert [name for name in names if names.count(name) > 1] == ["record", "record"]
    assert len(set(names)) == len(names) - 1


def test_common_numbers_are_written_as_one_would():
    assert OverviewChoice(2.5).as_json() == {"alpha": "2.5"}
    assert OverviewChoice(20.0).as_json() == {"alpha": "20"}
    assert OverviewChoice(None).as_json() == {"alpha": "auto"}


def test_rounds_and_clusters_are_shown_from_one():
    search = search_of([ClientRound("d", "c", 9), ProjectionChoice("", (0, 4)), Focus(cluster=1)])
    assert search == "?dataset=d&client=c&round=10&rounds=1-5&cluster=2"


def test_defaults_are_not_written():
    for kind in CHOICES[1:]:
        assert kind().as_json() == {}
        assert kind.checked(None) == kind()
        assert kind.checked({}) == kind()


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        (OverviewChoice, {"alpha": "nan"}),
        (OverviewChoice, {"alpha": "inf"}),
        (OverviewChoice, {"alpha": "-1"}),
        (OverviewChoice, {"alpha": ["10"]}),
        (OverviewChoice, {"top": "both"}),
        (ClusterChoice, {"k": "0"}),
        (ClusterChoice, {"k": "2.5"}),
        (ClusterChoice, {"linkage": {"a": 1}}),
        (Focus, {"cluster": "0", "cell": "1"}),
        (Focus, {"cell": "1-2-3"}),
        (ProjectionChoice, {"rounds": "5-2"}),
        (MatrixChoice, {"squares": "1"}),
        (AttributeChoice, {"attribute": "1" * 30}),
        (DistributionChoice, {"scope": ""}),
        (OverviewChoice, {"alpha": ""}),
        (OverviewChoice, {"alpha": "1" * 5_000}),
        (ClusterChoice, {"k": None}),
        (ContrastChoice, {"channel": "3", "explain": "CPCA"}),
        (MatrixChoice, {"squares": "61", "points": "true"}),
        (ProjectionChoice, {"layer": "x" * 201}),
        (ProjectionChoice, {"rounds": "0-3"}),
        (ProjectionChoice, {"layer": "\ud800"}),
        (CurveChoice, {"curve": True}),
        (RecordChoice, {"record": 5}),  # a number is none of our texts
        (RecordChoice, {"record": "-1"}),
        (RecordChoice, {"record": "٣"}),  # a digit, but none that we write
        (RecordChoice, "nonsense"),
        (RecordChoice, [1, 2]),
    ],
)
def test_nonsense_gives_the_default(kind, parameters):
    assert kind.checked(parameters) == kind()


def test_alpha_zero_stays_zero():
    assert OverviewChoice.checked({"alpha": "0"}).alpha == 0


@pytest.mark.parametrize(
    "data",
    [
        None,
        3,
        [],
        {},
        {"dataset": "d"},
        {"dataset": 1, "client": []},
        {"dataset": "d", "client": "c", "round": "0"},
        {"dataset": "d", "client": "x" * 201, "round": "1"},
        {"dataset": "", "client": "c", "round": "1"},
        "dataset",
        [["dataset", "d"]],
    ],
)
def test_nothing_chosen_is_told(data):
    with pytest.raises(NotChosenError, match="not a ClientRound"):
        ClientRound.checked(data)


def test_unknown_parameters_and_doubles_are_dropped():
    assert parameters_of("?client=a&client=b&evil=1&round=3") == {"client": "a", "round": "3"}
    assert parameters_of(None) == {}
    assert parameters_of("client=%FF&round=%zz&k=&=&&alpha") == {"client": "\ufffd", "round": "%zz"}


@pytest.mark.parametrize("search", [{"client": "a"}, ["?client=a"], 3, b"?client=a", ""])
def test_what_is_no_query_string_chooses_nothing(search):
    assert parameters_of(search) == {}


def test_an_endless_link_chooses_nothing_rather_than_half_of_it():
    longest = "\U0001f600" * 200
    search = search_of([ClientRound(longest, longest, 11), ProjectionChoice(longest)])
    assert parameters_of(search)["round"] == "12"
    assert parameters_of("?round=12&client=" + "x" * 10_000) == {}


def test_half_a_character_is_refused_everywhere():
    """JSON can carry it, a URL and a file name cannot."""
    assert parameters_of("?client=\ud800&round=3") == {"round": "3"}
    assert changed(STATE, {"client": "\ud800"}) == STATE
    assert changed(STATE, {"client": "x" * 10_000}) == STATE
    with pytest.raises(NotChosenError):
        ClientRound.checked({"dataset": "d", "client": "\udfff", "round": "1"})


STATE = {
    "dataset": "d", "client": "c", "round": "3", "cluster": "2", "record": "5", "attribute": "7",
    "alpha": "4", "k": "6",
}  # fmt: skip


@pytest.mark.parametrize(
    ("parameters", "intent"),
    [
        ({"record": "5"}, {"cluster": "1"}),  # the largest, which is the default
        ({"record": "5", "cluster": "2"}, {"cluster": "02"}),
        ({"record": "5", "attribute": "3"}, {"linkage": "average"}),
        ({"record": "5", "attribute": "3"}, {"contrast": "auto"}),
        ({"record": "5", "cluster": "2", "k": "8"}, {"k": None}),
    ],
)
def test_choosing_what_the_default_is_forgets_nothing(parameters, intent):
    assert changed(parameters, intent).items() >= {"record": "5"}.items()
    assert changed(parameters, intent).get("attribute") == parameters.get("attribute")


def test_any_cluster_takes_the_place_of_a_cell():
    assert changed({"cell": "7-2", "record": "5"}, {"cluster": "1"}) == {"cluster": "1"}


@pytest.mark.parametrize(
    ("intent", "gone"),
    [
        ({"client": "other"}, {"cluster", "record", "attribute"}),
        ({"dataset": "other"}, {"client", "round", "cluster", "record", "attribute"}),
        ({"round": "4"}, {"cluster", "attribute"}),
        ({"cluster": "1"}, {"record", "attribute"}),
        ({"cell": "1-2"}, {"cluster", "record", "attribute"}),
        ({"k": "auto"}, {"cluster", "record", "attribute"}),
        ({"inputs": "stratified"}, {"cluster", "record", "attribute"}),
        ({"linkage": "single"}, {"cluster", "record", "attribute"}),
        ({"contrast": "3"}, {"attribute"}),
        ({"channel": "1"}, {"attribute"}),
        ({"record": "9"}, set()),
        ({"alpha": "auto"}, set()),
    ],
)
def test_what_a_change_makes_meaningless_is_forgotten(intent, gone):
    after = changed(STATE, intent)
    assert set(STATE) - set(after) == gone
    assert after.items() >= intent.items()


def test_a_cell_and_a_cluster_exclude_each_other():
    assert "cell" not in changed({"cell": "1-2"}, {"cluster": "3"})
    assert "cluster" not in changed({"cluster": "3"}, {"cell": "1-2"})


def test_a_range_of_rounds_and_a_layer_belong_to_a_training():
    state = {"rounds": "2-5", "layer": "conv1", "cell": "1-2"}
    assert changed(state, {"dataset": "other"}) == {"dataset": "other"}
    assert changed(state, {"client": "other"}) == {"layer": "conv1", "client": "other"}
    assert changed(state, {"round": "3"}) == state | {"round": "3"}


def test_the_parameters_given_are_not_changed():
    before = dict(STATE)
    changed(STATE, {"client": "other", "alpha": None})
    assert before == STATE


def test_choosing_what_is_chosen_changes_nothing():
    assert changed(STATE, {"client": "c", "round": "3"}) == STATE


def test_an_intent_may_remove_and_keep():
    assert "alpha" not in changed(STATE, {"alpha": None})
    assert changed(STATE, {"round": "4", "cluster": "1"})["cluster"] == "1"


@pytest.mark.parametrize(
    "intent",
    [
        None,
        3,
        "client",
        ["client"],
        {"client": ["x"]},
        {"client": {"client": "x"}},
        {"evil": "1"},
        {"__class__": "x"},
        {"round": 4},
        {"round": True},
        {"": ""},
        {},
    ],
)
def test_a_hostile_intent_changes_nothing(intent):
    assert changed(STATE, intent) == STATE


def test_own_records_are_written_as_runs_and_never_into_a_link():
    text = records_text([7, 3, 4, 5, 3, 12])
    assert text == "3-5,7,12"
    assert read_records(text) == (3, 4, 5, 7, 12)
    focus = Focus(own="0" * 32, own_records=(3, 4, 5))
    assert focus.as_json() == {"own": "0" * 32, "own-records": "3-5"}
    assert Focus.checked(focus.as_json()) == focus
    assert "own-records" not in search_of([focus])
    assert parameters_of("?own-records=3-5") == {}
    assert changed({}, {"own-records": "3-5"}) == {}


@pytest.mark.parametrize("text", ["", "a", "3-", "7-3", "1,,2", "-1", "0-999999999", "1.5", "٣"])
def test_what_are_no_record_numbers_is_refused(text):
    with pytest.raises(ValueError, match="record"):
        read_records(text)


def test_a_digest_names_records_of_one_table():
    digests = {
        digest_of(*table, text)
        for table in (("d", "c", "local"), ("d", "c", "stratified"), ("d", "b", "local"))
        for text in ("1-3", "1-4")
    }
    assert len(digests) == 6
    assert {len(digest) for digest in digests} == {32}


def test_own_records_cluster_and_cell_replace_each_other():
    own = {"own": "0" * 32, "record": "3"}
    assert changed({"cell": "1-2", "cluster": "3", "record": "1"}, {"own": "0" * 32}) == {
        "own": "0" * 32
    }
    assert changed(own, {"cluster": "1"}) == {"cluster": "1"}
    assert changed(own, {"cell": "1-2"}) == {"cell": "1-2"}
    assert changed(own, {"round": "4"})["own"] == "0" * 32  # the same records in another round
    assert changed(own, {"client": "other"}) == {"client": "other"}


def test_what_is_foreseen_is_what_is_decided():
    rules = anticipation()
    assert set(rules["stores"]) == {kind.STORE for kind in CHOICES}
    standards = {name: text for store in rules["stores"].values() for name, text in store.items()}
    assert standards["round"] is None  # it has no default
    assert standards["attribute"] is None  # and so has what no text stands for
    assert (standards["contrast"], standards["alpha"], standards["cluster"]) == ("auto", "10", "1")
    # A default is not written, so its text and its absence are the same choice.
    for kind in CHOICES[1:]:
        given = {name: text for name, text in rules["stores"][kind.STORE].items() if text}
        assert kind.checked(given) == kind()
    assert rules["forgotten"]["cell"] == ("cluster", "own", "record", "attribute")
    # A record is that of Instance Verification; whether it is explained the server decides.
    assert "record" not in rules["stores"][GradCamChoice.STORE]


def test_the_browsers_stores_are_read_as_a_link_is():
    stores = [{"dataset": "d", "client": "c"}, {"own": "a" * 32, "own-records": "1-3"}, {}]
    assert parameters_in(stores) == {"dataset": "d", "client": "c", "own": "a" * 32}
    assert parameters_in([{"dataset": "d"}, None]) == {}
    assert parameters_in([{"dataset": 7, "client": "\ud800", "nonsense": "x"}]) == {}
