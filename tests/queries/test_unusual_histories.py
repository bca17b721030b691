"""Histories that lack something, or hold what the published one does not."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.analysis.distribution import AttributeDistribution, CategoryDistribution
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
from tests.data.conftest import SmallHistory

CHOSEN = ClientRound("small", "A", 0)
SAMPLED = ClientRound("small", "A", 0, "stratified")
ALL, FIRST = ClusterChoice(), Focus()
COLUMN = 1  # the categorical attribute
Asked = Callable[[SmallHistory], Queries]


@pytest.fixture
def small(tmp_path: Path) -> SmallHistory:
    """Three clients of six records each; both models differ on the records 4 and 5."""
    history = SmallHistory(tmp_path)
    for name, classes in history.outputs.items():
        classes["local"] = np.array([0, 1, 2, 0, 1, 2])
        classes["stratified"] = np.array([0, 1])
        if "Server" in name:
            classes["local"][4:] = 0
            classes["stratified"][:] = 0
    return history


def asked(history: SmallHistory) -> Queries:
    history.write()
    return Queries.over(Sources(history.settings, JobsHere()))


def with_categories(history: SmallHistory, names: list[str]) -> SmallHistory:
    history.samples["feature_names"] = np.array(["age", "sex", "dose", "pulse"])
    history.samples["categories"] = np.array(json.dumps({"sex": names}))
    history.samples["local"][:, :, COLUMN] = [0, 0, 1, 1, 1, 1]
    history.samples["stratified"][:, :, COLUMN] = [0.4, 1.7]
    return history


def test_categories_are_counted_by_name(small):
    queries = asked(with_categories(small, ["f", "m"]))
    found = queries.distribution.distribution(CHOSEN, ALL, FIRST, COLUMN, "all")
    assert isinstance(found.counts, CategoryDistribution)
    assert (found.name, found.categories) == ("sex", ("f", "m"))
    assert found.counts.consistent.tolist() == [2, 2]
    assert found.counts.inconsistent.tolist() == [0, 2]


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        (["f", "m"], SAMPLED),  # a mean of records lies between the categories
        (["f"], CHOSEN),  # the file names fewer than its records have
        ([], CHOSEN),
    ],
)
def test_values_that_name_no_category_are_counted_as_numbers(small, names, chosen):
    queries = asked(with_categories(small, names))
    for scope in ("all", "selection"):
        found = queries.distribution.distribution(chosen, ALL, FIRST, COLUMN, scope)
        assert isinstance(found.counts, AttributeDistribution)
        assert found.categories is None
        assert found.counts.total.sum() > 0


def test_a_negative_value_is_no_category(small):
    history = with_categories(small, ["f", "m"])
    history.samples["local"][0, 0, COLUMN] = -1
    found = asked(history).distribution.distribution(CHOSEN, ALL, FIRST, COLUMN, "all")
    assert isinstance(found.counts, AttributeDistribution)


def test_inputs_that_were_not_sampled_are_told_by_every_query(small):
    queries = asked(small)
    absent = ClientRound("small", "A", 0, "systematic")
    contrast, attribute = ContrastChoice(), AttributeChoice()
    for ask in (
        lambda: queries.overview.overview(absent, OverviewChoice()),
        lambda: queries.clusters.clusters(absent, ALL),
        lambda: queries.distribution.attribute(absent, ALL, FIRST, contrast, attribute),
        lambda: queries.records.verified(absent, ALL, FIRST, RecordChoice(0)),
    ):
        with pytest.raises(NothingToShowError, match="on systematic inputs of A"):
            ask()


def test_a_round_without_outputs_says_which_rounds_have_them(small):
    del small.outputs["A_Server_r1"]
    queries = asked(small)
    with pytest.raises(NothingToShowError, match=r"in round 2\. Recorded: 1, 3\."):
        queries.overview.overview(ClientRound("small", "A", 1), OverviewChoice())
    np.testing.assert_allclose(queries.learning.disagreement(CHOSEN).n_inconsistent, [2, np.nan, 2])


def test_without_the_standalone_models_outputs_nothing_can_be_compared(small):
    del small.outputs["A_local"]
    queries = asked(small)
    with pytest.raises(NothingToShowError, match=r"outputs/A_local\.npz"):
        queries.clusters.clusters(CHOSEN, ALL)
    disagreement = queries.learning.disagreement(CHOSEN)
    assert np.isnan(disagreement.n_inconsistent).all()
    assert np.isnan(disagreement.standalone_accuracy)


def test_without_ground_truth_what_needs_one_is_told(small):
    del small.samples["ground_truth"]
    queries = asked(small)
    with pytest.raises(NothingToShowError, match="small has no ground truth"):
        queries.matrix.matrix(CHOSEN, ALL, FIRST, ContrastChoice(), MatrixChoice())
    with pytest.raises(NothingToShowError, match="no cells to select"):
        queries.clusters.selected(CHOSEN, ALL, Focus(cell=(0, 0)))
    assert queries.records.verified(CHOSEN, ALL, FIRST, RecordChoice()).truth is None
    thumbnails = queries.clusters.thumbnails(CHOSEN, ALL, OverviewChoice())
    assert {thumbnail.standalone_accuracy for thumbnail in thumbnails} == {None}


def test_two_models_that_agree_leave_nothing_to_select(small):
    for classes in small.outputs.values():
        classes["local"][:] = 1
    queries = asked(small)
    assert queries.clusters.clusters(CHOSEN, ALL).members == ()
    assert queries.clusters.selected(CHOSEN, ALL, FIRST).tolist() == []
    with pytest.raises(NothingToShowError, match="both models agree on all"):
        queries.matrix.matrix(CHOSEN, ALL, FIRST, ContrastChoice(), MatrixChoice())
    with pytest.raises(NothingToShowError, match="No record is selected"):
        queries.records.verified(CHOSEN, ALL, FIRST, RecordChoice())
    beside = queries.records.verified(CHOSEN, ALL, FIRST, RecordChoice(3))
    assert (beside.record, beside.median) == (3, None)


def test_without_a_selection_the_attribute_that_varies_most_is_shown(small):
    for classes in small.outputs.values():
        classes["local"][:] = 1
    small.samples["local"][:, :, 2] *= 100
    queries = asked(small)
    shown = queries.distribution.attribute(CHOSEN, ALL, FIRST, ContrastChoice(), AttributeChoice())
    assert shown == 2


def test_without_parameters_there_is_no_way_to_draw(small):
    small.weights.clear()
    queries = asked(small)
    assert queries.learning.layers(CHOSEN) == ()
    with pytest.raises(NothingToShowError, match="No parameters of A were recorded"):
        queries.learning.trajectory(CHOSEN, ProjectionChoice())


def test_a_table_has_named_attributes_and_neither_pictures_nor_grad_cam(small):
    queries = asked(with_categories(small, ["f", "m"]))
    answer = queries.records.verified(CHOSEN, ALL, FIRST, RecordChoice(5))
    assert answer.names == ("age", "sex", "dose", "pulse")
    np.testing.assert_allclose(answer.values, small.samples["local"][0, 5])
    np.testing.assert_allclose(answer.median, np.median(small.samples["local"][0, 4:], axis=0))
    with pytest.raises(DataError, match="has no pictures of local inputs"):
        queries.records.pictures("small", "A", "local", [0])
    with pytest.raises(NothingToShowError, match="are tabular"):
        queries.gradcam.maps(CHOSEN, ALL, FIRST)


@pytest.mark.parametrize(("score", "shown"), [(0.75, 0.75), (12.5, None)])
def test_a_logit_is_no_probability(small, score, shown):
    scores = np.full((6, 3), -3.0 if shown is None else 0.1)
    scores[:, 0] = score
    small.outputs["A_Server_r0"]["local_scores"] = scores
    answer = asked(small).records.verified(CHOSEN, ALL, FIRST, RecordChoice(5))
    assert answer.federated_score == shown
    assert answer.standalone_score is None


def test_a_changed_file_is_another_answer(small):
    queries = asked(small)
    assert queries.overview.overview(CHOSEN, OverviewChoice()).inconsistent.sum() == 2
    small.outputs["A_Server_r0"]["local"][3] = 2
    small.write()
    assert queries.overview.overview(CHOSEN, OverviewChoice()).inconsistent.sum() == 3


def test_an_unusable_dataset_is_listed_but_not_the_default(small):
    (small.folder / "data" / "history" / "a-lost-one").mkdir(parents=True)
    queries = asked(small)
    assert {entry.name for entry in queries.federation.datasets()} == {"a-lost-one", "small"}
    assert queries.federation.resolve({}).dataset == "small"
    with pytest.raises(DataError, match="whose samples are not in"):
        queries.federation.resolve({"dataset": "a-lost-one"})
