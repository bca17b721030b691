"""Histories with gaps, and files that do not fit each other: an answer or a reason, never a bug."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    MatrixChoice,
    OverviewChoice,
    ProjectionChoice,
    RecordChoice,
)
from flhetero_dash.settings import Settings

CHOSEN = ClientRound("study", "A", 1)
CLUSTERS, FOCUS, CONTRAST = ClusterChoice(), Focus(), ContrastChoice()
Y_LOCAL = np.arange(30) % 3
INCONSISTENT = np.arange(30) >= 24  # the last six
Y_GLOBAL = np.where(INCONSISTENT, (Y_LOCAL + 1) % 3, Y_LOCAL)


class Study:
    """A small history of two clients and two rounds; tests change its files, then ask."""

    def __init__(self, root: Path) -> None:
        rng = np.random.default_rng(1)
        self.root = root
        self.home, self.history = root / "datasets" / "study", root / "history" / "study"
        self.samples: dict[str, Any] = {
            "client_names": np.array(["A", "B"]),
            "sampling_types": np.array(["local"]),
            "label_names": np.array(["low", "mid", "high"]),
            "type": np.array("tabular"),
            "shape": np.array([4]),
            "local": rng.normal(size=(2, 30, 4)),
            "ground_truth": np.stack([Y_LOCAL, Y_LOCAL]),
        }
        curve = np.array([[0.5, 0.6], [0.5, 0.7]])
        self.put("validation.npz", client_names=self.samples["client_names"], val_acc=curve)
        for client in "AB":
            self.put(f"outputs/{client}_local.npz", local=Y_LOCAL)
            for round_index in (0, 1):
                self.put(f"outputs/{client}_Server_r{round_index}.npz", local=Y_GLOBAL)

    def put(self, name: str, **arrays: Any) -> None:
        path = self.history / name
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **arrays)

    def queries(self) -> Queries:
        self.home.mkdir(parents=True, exist_ok=True)
        np.savez(self.home / "samples.npz", **self.samples)
        return Queries.over(Sources(Settings(self.root, self.root / "cache"), JobsHere()))


@pytest.fixture
def study(tmp_path) -> Study:
    return Study(tmp_path)


QUESTIONS: dict[str, Callable[[Queries], object]] = {
    "overview": lambda q: q.overview.overview(CHOSEN, OverviewChoice()),
    "clusters": lambda q: q.clusters.thumbnails(CHOSEN, CLUSTERS, OverviewChoice()),
    "contrast": lambda q: q.contrast.contrast(CHOSEN, CLUSTERS, FOCUS, None),
    "matrix": lambda q: q.matrix.matrix(CHOSEN, CLUSTERS, FOCUS, CONTRAST, MatrixChoice()),
    "record": lambda q: q.records.verified(CHOSEN, CLUSTERS, FOCUS, RecordChoice()),
    "distribution": lambda q: q.distribution.distribution(CHOSEN, CLUSTERS, FOCUS, 0, "all"),
}


def test_an_ordinary_study_is_answered(study):
    queries = study.queries()
    for ask in QUESTIONS.values():
        assert ask(queries) is not None
    assert queries.learning.disagreement(CHOSEN).n_inconsistent.tolist() == [6, 6]
    assert queries.learning.disagreement(CHOSEN).standalone_accuracy == 1


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_round_without_outputs_says_which_rounds_have_them(study, name):
    (study.history / "outputs" / "A_Server_r1.npz").unlink()
    with pytest.raises(NothingToShowError, match=r"not recorded in round 2\. Recorded: 1\."):
        QUESTIONS[name](study.queries())


@pytest.mark.parametrize("name", QUESTIONS)
def test_without_a_standalone_model_there_is_nothing_to_compare_with(study, name):
    (study.history / "outputs" / "A_local.npz").unlink()
    with pytest.raises(NothingToShowError, match=r"outputs/A_local\.npz"):
        QUESTIONS[name](study.queries())


def test_a_gap_is_no_number(study):
    (study.history / "outputs" / "A_Server_r0.npz").unlink()
    counted = study.queries().learning.disagreement(CHOSEN)
    np.testing.assert_allclose(counted.n_inconsistent, [np.nan, 6])


def test_many_rounds_are_told_by_their_ends(study):
    study.put(
        "validation.npz",
        client_names=study.samples["client_names"],
        val_acc=np.full((2, 20), 0.5),
    )
    for round_index in range(2, 15):
        study.put(f"outputs/A_Server_r{round_index}.npz", local=Y_GLOBAL)
    late = ClientRound("study", "A", 19)
    with pytest.raises(NothingToShowError, match="15 rounds from 1 to 15 have them"):
        study.queries().overview.overview(late, OverviewChoice())


def test_when_both_models_agree_there_is_no_matrix_and_no_cluster(study):
    study.put("outputs/A_Server_r1.npz", local=Y_LOCAL)
    queries = study.queries()
    assert not queries.overview.overview(CHOSEN, OverviewChoice()).inconsistent.any()
    assert queries.clusters.thumbnails(CHOSEN, CLUSTERS, OverviewChoice()) == []
    assert len(queries.clusters.selected(CHOSEN, CLUSTERS, FOCUS)) == 0
    with pytest.raises(NothingToShowError, match="both models agree"):
        QUESTIONS["matrix"](queries)
    with pytest.raises(NothingToShowError, match="No record is selected"):
        QUESTIONS["contrast"](queries)
    with pytest.raises(NothingToShowError, match="Click a point of the overview"):
        QUESTIONS["record"](queries)


@pytest.mark.parametrize(("kind", "shown"), [("image", 2), ("tabular", 1)])
def test_without_a_selection_the_attribute_that_varies_most_is_shown(study, kind, shown):
    study.put("outputs/A_Server_r1.npz", local=Y_LOCAL)
    study.samples["type"] = np.array(kind)
    study.samples["local"][:, :, 0] = 7
    study.samples["local"][:, :, 2] *= 50  # of a table a unit, which says nothing
    chosen = study.queries().distribution.attribute(
        CHOSEN, CLUSTERS, FOCUS, CONTRAST, AttributeChoice()
    )
    assert chosen == shown


def test_without_ground_truth_nothing_is_right_or_wrong(study):
    del study.samples["ground_truth"]
    queries = study.queries()
    (first, *_) = queries.clusters.thumbnails(CHOSEN, CLUSTERS, OverviewChoice())
    assert first.federated_accuracy is None
    assert queries.records.verified(CHOSEN, CLUSTERS, FOCUS, RecordChoice()).truth is None
    assert np.isnan(queries.learning.disagreement(CHOSEN).standalone_accuracy)
    with pytest.raises(NothingToShowError, match="has no ground truth"):
        QUESTIONS["matrix"](queries)
    with pytest.raises(NothingToShowError, match="no cells to select"):
        queries.clusters.selected(CHOSEN, CLUSTERS, Focus(cell=(0, 1)))


def test_a_cell_selects_exactly_its_records(study):
    selected = study.queries().clusters.selected(CHOSEN, CLUSTERS, Focus(cell=(0, 1)))
    assert selected.tolist() == [24, 27]


def test_a_cell_that_is_empty_in_another_round_leaves_the_matrix(study):
    queries = study.queries()
    empty = Focus(cell=(2, 2))
    matrix = queries.matrix.matrix(CHOSEN, CLUSTERS, empty, CONTRAST, MatrixChoice())
    largest = queries.contrast.contrast(CHOSEN, CLUSTERS, FOCUS, None)
    np.testing.assert_allclose(matrix.coordinates, largest.coordinates)
    assert sum(len(cell.others) for cell in matrix.matrix.cells) == 6
    assert all(len(cell.selected) == 0 for cell in matrix.matrix.cells)


def test_probabilities_are_shown_and_logits_are_not(study):
    shares = np.full((30, 3), 0.1)
    shares[np.arange(30), Y_GLOBAL] = 0.8
    study.put("outputs/A_Server_r1.npz", local=shares)
    study.put("outputs/A_local.npz", local=np.eye(3)[Y_LOCAL] * 7)
    one = study.queries().records.verified(CHOSEN, CLUSTERS, FOCUS, RecordChoice(0))
    assert [score.federated for score in one.scores] == pytest.approx([0.8, 0.1, 0.1])
    assert {score.standalone for score in one.scores} == {None}
    assert [score.name for score in one.scores if score.is_truth] == ["low"]
    assert (one.federated, one.standalone) == ("low", "low")


def test_no_weights_no_curves_no_pictures_are_told(study):
    (study.history / "validation.npz").unlink()
    queries = study.queries()
    assert queries.federation.resolve({}) == CHOSEN  # rounds are known from the outputs
    with pytest.raises(NothingToShowError, match="weights/ holds none"):
        queries.learning.projection(CHOSEN, ProjectionChoice())
    with pytest.raises(NothingToShowError, match="validation.npz is not there"):
        queries.learning.history("study")
    with pytest.raises(NothingToShowError, match="the records of study are tabular"):
        queries.gradcam.maps(CHOSEN, CLUSTERS, FOCUS)
    with pytest.raises(DataError, match="has no pictures"):
        queries.records.pictures("study", "A", "local", [0])
    assert queries.learning.layers(CHOSEN) == ()


def test_pictures_without_checkpoints_or_network_are_told(study):
    study.samples |= {"type": np.array("image"), "shape": np.array([1, 2, 2])}
    queries = study.queries()
    with pytest.raises(NothingToShowError, match=r"checkpoint of Server of round 2"):
        queries.gradcam.maps(CHOSEN, CLUSTERS, FOCUS)


def test_outputs_of_a_round_that_validation_lacks_yet_do_no_harm(study):
    # A training is running: its outputs are written round by round, the curves later.
    shutil.copy(
        study.history / "outputs" / "A_Server_r1.npz", study.history / "outputs" / "A_Server_r2.npz"
    )
    assert study.queries().learning.disagreement(CHOSEN).n_inconsistent[:2].tolist() == [6, 6]


def test_inputs_that_a_client_lacks_are_told(study):
    sampled = ClientRound("study", "A", 1, "stratified")
    queries = study.queries()
    with pytest.raises(NothingToShowError, match="stratified inputs"):
        queries.overview.overview(sampled, OverviewChoice())
    with pytest.raises(NothingToShowError, match="stratified inputs"):
        queries.distribution.attribute(sampled, CLUSTERS, FOCUS, CONTRAST, AttributeChoice())


def test_a_changed_file_is_another_answer(study):
    queries = study.queries()
    before = queries.overview.overview(CHOSEN, OverviewChoice())
    study.put("outputs/A_Server_r1.npz", local=np.where(np.arange(30) < 2, 1 - Y_LOCAL, Y_GLOBAL))
    after = queries.overview.overview(CHOSEN, OverviewChoice())
    assert (before.inconsistent.sum(), after.inconsistent.sum()) == (6, 8)


def test_an_unusable_dataset_is_listed_but_is_not_the_default(study):
    (study.root / "history" / "a-lost-one").mkdir(parents=True)
    queries = study.queries()
    assert {entry.name for entry in queries.federation.datasets()} == {"a-lost-one", "study"}
    assert queries.federation.resolve({}).dataset == "study"
    with pytest.raises(DataError, match="whose samples are not in"):
        queries.federation.resolve({"dataset": "a-lost-one"})


def test_a_record_of_a_table_stands_beside_the_selections_median(study):
    study.samples["feature_names"] = np.array(["age", "sex", "dose", "pulse"])
    answer = study.queries().records.verified(CHOSEN, ClusterChoice(1), FOCUS, RecordChoice(3))
    assert answer.names == ("age", "sex", "dose", "pulse")
    assert answer.selected.tolist() == np.flatnonzero(INCONSISTENT).tolist()
    X = study.samples["local"][0]
    np.testing.assert_allclose(answer.values, X[3])
    np.testing.assert_allclose(answer.median, np.median(X[24:], axis=0))


class TestCategories:
    @pytest.fixture
    def coded(self, study) -> Study:
        study.samples |= {
            "feature_names": np.array(["age", "sex", "dose", "pulse"]),
            "categories": np.array(json.dumps({"sex": ["f", "m"]})),
        }
        study.samples["local"][:, :, 1] = np.arange(30) % 2
        return study  # type: ignore[no-any-return]

    def test_they_are_counted_by_name(self, coded):
        answer = coded.queries().distribution.distribution(CHOSEN, CLUSTERS, FOCUS, 1, "all")
        assert (answer.name, answer.categories) == ("sex", ("f", "m"))
        assert answer.counts.consistent.tolist() == [12, 12]
        assert answer.counts.inconsistent.tolist() == [3, 3]

    def test_the_others_are_numbers(self, coded):
        answer = coded.queries().distribution.distribution(CHOSEN, CLUSTERS, FOCUS, 0, "all")
        assert answer.categories is None
        assert answer.counts.total.sum() == 30

    @pytest.mark.parametrize("value", [7, -1, 0.5])
    def test_a_value_without_a_name_is_told(self, coded, value):
        coded.samples["local"][:, 3, 1] = value
        with pytest.raises(DataError, match="sex"):
            coded.queries().distribution.distribution(CHOSEN, CLUSTERS, FOCUS, 1, "all")

    @pytest.mark.parametrize("scope", ["all", "selection"])
    def test_a_mean_between_them_is_a_number(self, coded, scope):
        coded.samples |= {
            "sampling_types": np.array(["local", "stratified"]),
            "stratified": np.tile([[0.0, 0.4, 0, 0], [0, 1.7, 0, 0]], (2, 1, 1)),
        }
        coded.put("outputs/A_local.npz", local=Y_LOCAL, stratified=[0, 0])
        coded.put("outputs/A_Server_r1.npz", local=Y_GLOBAL, stratified=[0, 1])
        sampled = ClientRound("study", "A", 1, "stratified")
        answer = coded.queries().distribution.distribution(sampled, CLUSTERS, FOCUS, 1, scope)
        assert answer.categories is None
        assert (answer.counts.consistent.sum(), answer.counts.inconsistent.sum()) == (1, 1)
        np.testing.assert_allclose(answer.counts.edges[[0, -1]], [0, 1.7])  # of all its inputs


def test_the_last_record_is_there_and_the_one_after_it_is_not(study):
    queries = study.queries()
    last = queries.records.verified(CHOSEN, CLUSTERS, FOCUS, RecordChoice(29))
    beyond = queries.records.verified(CHOSEN, CLUSTERS, FOCUS, RecordChoice(30))
    assert last.record == 29
    assert beyond.record == beyond.selected[0]


def put_weights(study: Study, **extras: Any) -> None:
    """Write two rounds of one layer, in which the client pulls the server its own way."""
    study.put("weights/weights_0.npz", layers=np.zeros((1, 2)), all=np.zeros(2))
    for owner, end in (("A", [2.0, 0.0]), ("B", [0.0, 2.0]), ("Server", [1.0, 1.0])):
        for index in (0, 1):
            vector = np.array(end) + (0 if index == 0 else 1)
            study.put(f"weights/{owner}_r{index}.npz", layers=vector[None], all=vector)
    for name, values in extras.items():
        study.put(f"weights/{name}.npz", A=values)


def test_the_cosine_without_the_client_needs_its_share(study):
    put_weights(study)
    known = study.queries().learning.agreement(CHOSEN, ProjectionChoice())
    assert known.without_me is None
    np.testing.assert_allclose(known.cosines[:, 0], np.sqrt(0.5))
    put_weights(study, shares=np.array([0.5, np.nan]))
    known = study.queries().learning.agreement(CHOSEN, ProjectionChoice())
    # Of two orthogonal updates: alone, the other one does not agree at all.
    np.testing.assert_allclose(known.without_me, [[0, np.nan]] * 2, atol=1e-9)
    assert known.without_me_sampled
    assert not known.recorded


def test_recorded_norms_are_used_for_it(study):
    norms = np.ones((3, 2, 2))
    put_weights(study, shares=np.array([0.5, 0.5]), norms=norms)
    known = study.queries().learning.agreement(CHOSEN, ProjectionChoice("layer 1"))
    np.testing.assert_allclose(known.without_me, 1)
    assert not known.without_me_sampled
    assert known.layer == 0


def test_a_share_that_is_none_is_told(study):
    put_weights(study, shares=np.array([0.5, 1.5]))
    with pytest.raises(DataError, match=r"values out of range, 1.5 first; expected 0 to 1"):
        study.queries().learning.agreement(CHOSEN, ProjectionChoice())
