"""What the views ask, against the published history and the published system's answers."""

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import JobsHere, PoolJobs
from flhetero_dash.queries import Queries, distribution
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import NothingToShowError, Sources, reader_of
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

ROUND = ClientRound("mnist", "Client-0", 5)
SAMPLED = ClientRound("mnist", "Client-0", 5, "stratified")
TWELVE = ClusterChoice(12, "single")
FIRST = Focus()


def test_a_link_without_a_choice_means_the_first_client_and_the_last_round(queries):
    assert queries.federation.resolve({}) == ClientRound("mnist", "Client-0", 9)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"dataset": "nope"}, "no dataset 'nope'"),
        ({"dataset": "../../etc/passwd"}, "'../../etc/passwd'"),
        ({"client": ".."}, "no client '..'; there are Client-0"),
    ],
)
def test_unknown_names_are_told(queries, parameters, message):
    with pytest.raises(DataError) as caught:
        queries.federation.resolve(parameters)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["0", "11", "nonsense", "٣", "-1"])
def test_an_unknown_round_becomes_the_last(queries, text):
    assert queries.federation.resolve({"round": text}).round_index == 9


def test_no_dataset_says_what_to_do(tmp_path):
    empty = Queries.over(Sources(Settings(tmp_path, tmp_path / "c"), PoolJobs(1)))
    with pytest.raises(NothingToShowError, match="make demo"):
        empty.federation.resolve({})


def test_consistency_is_the_published_one(queries, published_answers):
    for index in (5, 9):
        labels = published_answers[f"Client-0/{index}"]["labels"]["consistencyLabel"]
        answer = queries.overview.overview(
            ClientRound("mnist", "Client-0", index), OverviewChoice()
        )
        assert answer.inconsistent.tolist() == [not consistent for consistent in labels]


def test_the_overviews_plane_is_stored_and_used_again(settings, published):
    class Counting(JobsHere):
        n_runs = 0

        def watched(self, watch, function, *args, **kwargs):  # noqa: ARG002
            self.n_runs += 1
            return function(*args, **kwargs)

    jobs = Counting()
    fresh = Settings(published, settings.cache_dir / "fresh")
    counted = Queries.over(Sources(fresh, jobs))
    first = counted.overview.overview(ROUND, OverviewChoice(4.0))
    again = counted.overview.overview(ROUND, OverviewChoice(4.0, on_top="consistent"))
    np.testing.assert_allclose(first.coordinates, again.coordinates)
    assert jobs.n_runs == 1
    counted.overview.overview(ROUND, OverviewChoice(0.0))
    assert jobs.n_runs == 2  # alpha 0 is not the default 10


def test_twelve_clusters_are_the_published_ones(queries):
    found = queries.clusters.clusters(ROUND, TWELVE)
    sizes = [len(records) for records in found.members]
    overview = queries.overview.overview(ROUND, OverviewChoice())
    assert len(sizes) == 12
    assert sum(sizes) == overview.inconsistent.sum()


def test_thumbnails_have_outline_and_accuracies(queries):
    thumbnails = queries.clusters.thumbnails(ROUND, TWELVE, OverviewChoice())
    assert thumbnails[0].hull.shape[1] == 2
    assert 0 <= thumbnails[0].federated_accuracy <= 1
    for sampled in queries.clusters.thumbnails(SAMPLED, TWELVE, OverviewChoice()):
        assert sampled.federated_accuracy is None  # there is no ground truth
        assert {truth for truth, _, _ in sampled.labels} == {""}


def test_the_outline_of_sampled_inputs_is_in_the_plane_that_is_drawn(queries):
    drawn = queries.overview.overview(SAMPLED, OverviewChoice()).coordinates
    for number, one in enumerate(queries.clusters.thumbnails(SAMPLED, TWELVE, OverviewChoice())):
        own = {tuple(place) for place in drawn[one.records].tolist()}
        assert {tuple(place) for place in one.hull.tolist()} <= own
        contrast = queries.contrast.contrast(SAMPLED, TWELVE, Focus(cluster=number), 5.0)
        other = {tuple(place) for place in contrast.coordinates[one.records].tolist()}
        assert not own & other  # what the published page mixes are two planes indeed


def test_a_thumbnail_lists_what_its_records_are_and_what_they_are_called(queries):
    both = compared(queries.records._sources.reader, ROUND)
    for one in queries.clusters.thumbnails(ROUND, TWELVE, OverviewChoice()):
        assert sum(count for _, _, count in one.labels) == len(one.records)
        truth, output, count = one.labels[0]
        is_pair = (both.y_true == int(truth[-1])) & (both.y_global == int(output[-1]))
        assert is_pair[one.records].sum() == count == max(n for _, _, n in one.labels)


def test_the_density_is_that_of_all_inputs(queries):
    density = queries.clusters.density(ROUND, OverviewChoice())
    assert density.values.max() == 1


def test_a_cluster_that_does_not_exist_means_the_largest(queries):
    largest = queries.clusters.selected(ROUND, TWELVE, FIRST)
    assert queries.clusters.selected(ROUND, TWELVE, Focus(cluster=99)).tolist() == largest.tolist()


def test_a_cell_selects_its_inconsistent_records(queries):
    records = queries.clusters.selected(ROUND, TWELVE, Focus(cell=(7, 1)))
    assert len(records)
    for record in records:
        one = queries.records.verified(ROUND, TWELVE, FIRST, RecordChoice(int(record)))
        assert (one.truth, one.federated) == ("digit-7", "digit-1")
        assert one.standalone != one.federated


def test_cells_are_no_selection_of_sampled_inputs(queries):
    with_cell = queries.clusters.selected(SAMPLED, TWELVE, Focus(cell=(7, 1)))
    assert with_cell.tolist() == queries.clusters.selected(SAMPLED, TWELVE, FIRST).tolist()


def test_the_contrast_projects_all_local_records(queries):
    answer = queries.contrast.contrast(ROUND, TWELVE, FIRST, 5.0)
    assert answer.coordinates.shape == (500, 2)
    np.testing.assert_allclose(answer.directions @ answer.directions.T, np.eye(2), atol=1e-9)
    assert answer.alpha == 5.0
    sampled = queries.contrast.contrast(SAMPLED, TWELVE, FIRST, 5.0)
    assert sampled.coordinates.shape == (500, 2)  # local ones, though 400 inputs are compared


def test_an_empty_selection_is_told(queries):
    with pytest.raises(NothingToShowError, match="No record is selected"):
        queries.contrast.contrast(ROUND, TWELVE, Focus(cell=(0, 0)), None)


def test_the_default_attribute_has_the_largest_weight(queries):
    contrast = ContrastChoice(contrast_alpha=5.0)
    chosen = queries.distribution.attribute(ROUND, TWELVE, FIRST, contrast, AttributeChoice())
    weights = np.abs(queries.contrast.contrast(ROUND, TWELVE, FIRST, 5.0).directions)
    assert weights[:, chosen].max() == weights.max()
    by_hand = AttributeChoice(attribute=3)
    assert queries.distribution.attribute(ROUND, TWELVE, FIRST, contrast, by_hand) == 3
    nonsense = AttributeChoice(attribute=784)
    assert queries.distribution.attribute(ROUND, TWELVE, FIRST, contrast, nonsense) == chosen


def test_scopes_share_their_bins(queries):
    everything = queries.distribution.distribution(ROUND, TWELVE, FIRST, 400, "all")
    selection = queries.distribution.distribution(ROUND, TWELVE, FIRST, 400, "selection")
    assert everything.name == "pixel (row 14, column 8)"
    np.testing.assert_allclose(everything.counts.edges, selection.counts.edges)
    assert everything.counts.total.sum() == 500
    n_selected = len(queries.clusters.selected(ROUND, TWELVE, FIRST))
    assert selection.counts.inconsistent.sum() == n_selected


def test_attributes_are_named_in_the_order_of_the_data(queries, monkeypatch):
    names = queries.distribution.attribute_names(ROUND.dataset)
    assert len(names) == 784
    assert names[14 * 28 + 8] == "pixel (row 14, column 8)"
    monkeypatch.setattr(distribution, "MOST_NAMES", 3)
    assert len(queries.distribution.attribute_names(ROUND.dataset)) == 3


def test_the_matrix_holds_every_inconsistent_record_once(queries):
    answer = queries.matrix.matrix(ROUND, TWELVE, FIRST, ContrastChoice(), MatrixChoice(10))
    records = np.concatenate([np.r_[c.selected, c.others] for c in answer.matrix.cells])
    overview = queries.overview.overview(ROUND, OverviewChoice())
    assert sorted(records) == np.flatnonzero(overview.inconsistent).tolist()
    assert sum(len(cell.selected) for cell in answer.matrix.cells) == len(
        queries.clusters.selected(ROUND, TWELVE, FIRST)
    )
    assert answer.grid.counts.shape == (10, 10)
    assert answer.truths == tuple(sorted({cell.truth for cell in answer.matrix.cells}))
    assert answer.names[answer.truths[0]] == f"digit-{answer.truths[0]}"


def test_all_labels_have_a_row_and_a_column_if_asked_for(queries):
    choice = MatrixChoice(labels="all")
    answer = queries.matrix.matrix(ROUND, TWELVE, FIRST, ContrastChoice(), choice)
    assert answer.truths == answer.outputs == tuple(range(10))
    assert len(answer.grid.values) == 10
    fewer = queries.matrix.matrix(ROUND, TWELVE, FIRST, ContrastChoice(), MatrixChoice())
    assert set(fewer.outputs) == {cell.output for cell in fewer.matrix.cells}


def test_enrichment_is_the_share_over_the_overall_share(queries):
    share, enrichment = (
        queries.matrix.matrix(
            ROUND, TWELVE, FIRST, ContrastChoice(), MatrixChoice(10, background=background)
        ).grid.values[0]
        for background in ("share", "enrichment")
    )
    ratio = share[share > 0] / enrichment[share > 0]
    np.testing.assert_allclose(ratio, ratio[0])
    assert 0 < ratio[0] < 0.5


def test_a_records_neighbours_are_the_nearest_by_its_attributes(queries, settings):
    found = queries.matrix.neighbours(ROUND, TWELVE, FIRST, ContrastChoice(), RecordChoice(7))
    X = reader_of(settings).samples("mnist", "Client-0").inputs["local"].astype(float)
    distances = np.square(X - X[7]).sum(axis=1)
    assert found.records[0] == 7
    np.testing.assert_allclose(distances[found.records], np.sort(distances)[:11])


def test_without_a_record_the_selections_first_has_its_neighbours_marked(queries):
    found = queries.matrix.neighbours(ROUND, TWELVE, FIRST, ContrastChoice(), RecordChoice())
    assert found.records[0] == queries.clusters.selected(ROUND, TWELVE, FIRST)[0]
    ask = queries.matrix.neighbours
    assert ask(SAMPLED, TWELVE, FIRST, ContrastChoice(), RecordChoice(7)) is None


def test_records_of_another_table_are_not_selected_in_the_matrix(queries):
    answer = queries.matrix.matrix(SAMPLED, TWELVE, FIRST, ContrastChoice(), MatrixChoice())
    assert all(len(cell.selected) == 0 for cell in answer.matrix.cells)


def test_parameter_projection_and_cosines_are_the_published_ones(queries):
    assert queries.learning.agreement(ROUND, ProjectionChoice("Conv1")).recorded
    one = queries.learning.projection(ROUND, ProjectionChoice("Conv1"))
    assert one.server.shape == (10, 2)
    everything = queries.learning.projection(ROUND, ProjectionChoice())
    unknown = queries.learning.projection(ROUND, ProjectionChoice("no such layer"))
    np.testing.assert_allclose(unknown.server, everything.server)


def test_disagreement_counts_every_round(queries, published_answers):
    answer = queries.learning.disagreement(ROUND)
    for index in (5, 9):
        labels = published_answers[f"Client-0/{index}"]["labels"]["consistencyLabel"]
        assert answer.n_inconsistent[index] == labels.count(False)
    assert 0.9 < answer.standalone_accuracy <= 1


def test_grad_cam_shows_both_convolutions_of_both_models(queries):
    maps = queries.gradcam.maps(ROUND, TWELVE, FIRST)
    assert len(maps.layers) == 2
    assert maps.federated.shape == maps.standalone.shape == (2, 28, 28)
    assert maps.federated.min() >= 0
    assert 0 < maps.federated.max() <= 1
    assert not np.allclose(maps.federated, maps.standalone)


def test_a_network_that_does_not_fit_is_told(settings, published):
    wrong = Settings(
        published,
        settings.cache_dir,
        models={"mnist": "flhetero_dash.analysis.networks:FaceNetwork"},
    )
    queries = Queries.over(Sources(wrong, PoolJobs(1)))
    with pytest.raises(DataError, match=r"Server_r5\.cp: does not fit the network"):
        queries.gradcam.maps(ROUND, TWELVE, FIRST)


def test_pictures_are_those_of_the_records(queries):
    row = queries.records.pictures("mnist", "Client-0", "local", [3, 0])
    X = queries.learning.samples("mnist", "Client-0").inputs["local"]
    assert row.shape == (28, 56)
    np.testing.assert_array_equal(row[:, :28], X[3].reshape(28, 28))
    np.testing.assert_array_equal(row[:, 28:], X[0].reshape(28, 28))
    with pytest.raises(DataError, match="has local records 0 to 499"):
        queries.records.pictures("mnist", "Client-0", "local", [500])
    with pytest.raises(DataError, match="has no pictures of other inputs"):
        queries.records.pictures("mnist", "Client-0", "other", [0])


def test_a_record_beyond_the_table_becomes_the_first_of_the_selection(queries):
    first = int(queries.clusters.selected(ROUND, TWELVE, FIRST)[0])
    assert queries.records.verified(ROUND, TWELVE, FIRST, RecordChoice(10**8)).record == first


def test_the_pool_gives_the_same_answers(settings, queries, published):
    jobs = PoolJobs(1)
    pooled = Queries.over(Sources(Settings(published, settings.cache_dir / "pool"), jobs))
    try:
        found = pooled.contrast.contrast(ROUND, TWELVE, FIRST, 5.0)
    finally:
        jobs.stop()
    here = queries.contrast.contrast(ROUND, TWELVE, FIRST, 5.0)
    np.testing.assert_allclose(found.coordinates, here.coordinates)
