"""The selection and its form in the URL."""

from urllib.parse import urlencode

import pytest

from flhetero_dash.selection import (
    CHOICES,
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    MatrixChoice,
    NotChosenError,
    OverviewChoice,
    ProjectionChoice,
    RecordChoice,
    changed,
    parameters_of,
    search_of,
)

CHOSEN = [
    ClientRound("my data & more", "Client/0?", 9, "stratified"),
    ProjectionChoice("conv1", (2, 5)),
    OverviewChoice(None, "consistent"),
    ClusterChoice(None, "single"),
    Focus(3, (1, 7)),
    ContrastChoice("gradcam", 2.5, 2),
    AttributeChoice(0, "selection", "log", "scope"),
    MatrixChoice(10, "off"),
    RecordChoice(0),
]


@pytest.mark.parametrize("choice", CHOSEN, ids=lambda choice: type(choice).__name__)
def test_a_choice_survives_the_url(choice):
    parameters = parameters_of(search_of([choice]))
    assert type(choice).checked(parameters) == choice


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
        (AttributeChoice, {"attribute": "1" * 30, "scope": ""}),
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


@pytest.mark.parametrize("data", [None, 3, [], {}, {"dataset": "d"}, {"dataset": 1, "client": []}])
def test_nothing_chosen_is_told(data):
    with pytest.raises(NotChosenError, match="not a ClientRound"):
        ClientRound.checked(data)


def test_unknown_parameters_and_doubles_are_dropped():
    assert parameters_of("?client=a&client=b&evil=1&round=3") == {"client": "a", "round": "3"}
    assert parameters_of(None) == {}
    assert (
        parameters_of("?" + urlencode({"client": "x" * 10_000})).get("client", "") != "x" * 10_000
    )


STATE = {
    "dataset": "d", "client": "c", "round": "3", "cluster": "2", "record": "5", "attribute": "7",
    "alpha": "4", "k": "6",
}  # fmt: skip


@pytest.mark.parametrize(
    ("intent", "gone"),
    [
        ({"client": "other"}, {"cluster", "record", "attribute"}),
        ({"dataset": "other"}, {"client", "round", "cluster", "record", "attribute"}),
        ({"round": "4"}, {"cluster", "attribute"}),
        ({"cluster": "1"}, {"record", "attribute"}),
        ({"cell": "1-2"}, {"cluster", "record", "attribute"}),
        ({"k": "auto"}, {"cluster", "record", "attribute"}),
        ({"record": "9"}, set()),
        ({"alpha": "auto"}, set()),
    ],
)
def test_what_a_change_makes_meaningless_is_forgotten(intent, gone):
    after = changed(STATE, intent)
    assert set(STATE) - set(after) == gone
    assert after.items() >= intent.items()


def test_choosing_what_is_chosen_changes_nothing():
    assert changed(STATE, {"client": "c", "round": "3"}) == STATE


def test_an_intent_may_remove_and_keep():
    assert "alpha" not in changed(STATE, {"alpha": None})
    assert changed(STATE, {"round": "4", "cluster": "1"})["cluster"] == "1"


@pytest.mark.parametrize(
    "intent", [None, 3, "client", ["client"], {"client": ["x"]}, {"evil": "1"}]
)
def test_a_hostile_intent_changes_nothing(intent):
    assert changed(STATE, intent) == STATE
