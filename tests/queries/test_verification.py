"""What is asked around one record and one selection, against the published history."""

from dataclasses import replace

import numpy as np
import pytest

from flhetero_dash.analysis.gradcam import grad_cam
from flhetero_dash.analysis.picture_scaling import PictureScaling
from flhetero_dash.queries import gradcam, sheets
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    GradCamChoice,
    RecordChoice,
)
from tests.queries.test_odd_histories import Study

ROUND = ClientRound("mnist", "Client-0", 5)
SAMPLED = ClientRound("mnist", "Client-0", 5, "stratified")
TWELVE = ClusterChoice(12, "single")
FIRST = Focus()


@pytest.fixture
def study(tmp_path) -> Study:
    return Study(tmp_path)


def local_of(queries):
    samples = queries.learning.samples("mnist", "Client-0")
    reader = queries.nearest._sources.reader
    y_local = reader.local_outputs("mnist", "Client-0").classes["local"]
    y_global = reader.global_outputs("mnist", "Client-0", 5).classes["local"]
    return samples.inputs["local"].astype(float), samples.ground_truth, y_local == y_global


def test_they_are_consistent_of_the_same_label_and_not_the_record_itself(queries):
    X, y_true, consistent = local_of(queries)
    for record in (3, int(np.flatnonzero(consistent)[0])):
        found = queries.nearest.nearest(ROUND, record)
        distances = np.linalg.norm(X - X[record], axis=1)
        allowed = consistent & (y_true == y_true[record])
        allowed[record] = False
        expected = sorted(np.flatnonzero(allowed), key=lambda row: distances[row])[:6]
        assert found.rows.tolist() == expected
        np.testing.assert_allclose(found.distances, distances[expected])
        assert found.label == found.labels[0]


def test_a_sampled_input_has_its_nearest_local_record_whatever_that_is(queries):
    X, y_true, _ = local_of(queries)
    sampled = queries.learning.samples("mnist", "Client-0").inputs["stratified"].astype(float)
    for record in (0, 7, 399):
        found = queries.nearest.nearest(SAMPLED, record)
        expected = int(np.linalg.norm(X - sampled[record], axis=1).argmin())
        assert found.of_sampled
        assert found.rows.tolist() == [expected]
        assert found.label is None
        assert found.labels == (f"digit-{y_true[expected]}",)


def test_a_record_of_the_longer_table_is_none_of_the_shorter(queries):
    assert len(queries.nearest.nearest(ROUND, 450).rows)  # 500 local, 400 sampled ones
    with pytest.raises(NothingToShowError, match="no record 450 among stratified"):
        queries.nearest.nearest(SAMPLED, 450)


def test_every_round_has_the_recorded_output(queries):
    reader = queries.nearest._sources.reader
    answer = queries.record_rounds.rounds(ROUND, 3)
    expected = [
        reader.global_outputs("mnist", "Client-0", index).classes["local"][3] for index in range(10)
    ]
    assert answer.classes.tolist() == expected
    assert answer.truth == queries.learning.samples("mnist", "Client-0").ground_truth[3]


def test_those_of_sampled_inputs_are_theirs_and_without_truth(queries):
    reader = queries.nearest._sources.reader
    answer = queries.record_rounds.rounds(SAMPLED, 3)
    assert (
        answer.classes[5] == reader.global_outputs("mnist", "Client-0", 5).classes["stratified"][3]
    )
    assert answer.truth is None


def test_a_round_without_outputs_is_a_gap(study):
    (study.history / "outputs" / "A_Server_r0.npz").unlink()
    answer = study.queries().record_rounds.rounds(ClientRound("study", "A", 1), 25)
    assert answer.classes.tolist() == [-1, 2]  # 25 % 3 + 1


def test_labels_of_sampled_inputs_are_those_of_the_shown_round(queries):
    reader = queries.nearest._sources.reader
    info = reader.federation("mnist").samples
    changed = 0
    for record in range(0, 400, 7):
        shown = []
        for index in (0, 9):
            chosen = ClientRound("mnist", "Client-0", index, "stratified")
            one = queries.records.verified(chosen, TWELVE, FIRST, RecordChoice(record))
            outputs = reader.global_outputs("mnist", "Client-0", index)
            label = info.label_name(int(outputs.classes["stratified"][record]))
            assert one.federated == label
            shown.append(label)
        changed += shown[0] != shown[1]
    assert changed  # else the test would prove nothing


def test_of_a_hundred_classes_those_that_matter_are_listed(study):
    study.samples["label_names"] = np.array([f"class {n}" for n in range(100)])
    shares = np.full((30, 100), 0.001)
    shares[:, [7, 50, 98]] = [0.3, 0.4, 0.203]
    study.put("outputs/A_Server_r1.npz", local=shares.argmax(axis=1), local_scores=shares)
    chosen = ClientRound("study", "A", 1)
    one = study.queries().records.verified(chosen, ClusterChoice(), FIRST, RecordChoice(2))
    names = [score.name for score in one.scores]
    assert len(names) == 4
    assert set(names) == {"class 2", "class 7", "class 50", "class 98"}
    assert [score.name for score in one.scores if score.is_truth] == ["class 2"]
    assert one.scores[0].standalone is None


def test_distances_are_in_standard_deviations_and_of_categories_shares(study):
    study.samples |= {
        "feature_names": np.array(["age", "sex", "dose", "pulse"]),
        "categories": np.array('{"sex": ["f", "m"]}'),
    }
    study.samples["local"][:, :, 1] = np.arange(30) % 3 != 0
    study.samples["local"][:, :, 3] = 5  # all equal
    chosen = ClientRound("study", "A", 1)
    one = study.queries().records.verified(chosen, ClusterChoice(1), FIRST, RecordChoice(3))
    X = study.samples["local"][0]
    expected = abs(X[3, 0] - np.median(X[24:, 0])) / X[:, 0].std()
    np.testing.assert_allclose(one.distance[0], expected)
    assert one.median[1] == 1  # the most frequent value of the selection
    np.testing.assert_allclose(one.distance[1], np.mean(X[24:, 1] != X[3, 1]))
    assert one.distance[3] == 0


def test_it_holds_every_record_of_the_selection_with_its_outputs(queries):
    sheet = queries.sheets.sheet(ROUND, TWELVE, FIRST)
    selected = queries.clusters.selected(ROUND, TWELVE, FIRST)
    assert sheet.records.tolist() == selected.tolist()
    assert sheet.n_selected == len(selected)
    for at, record in enumerate(selected[:5]):
        one = queries.records.verified(ROUND, TWELVE, FIRST, RecordChoice(int(record)))
        assert sheet.names[int(sheet.truth[at])] == one.truth
        assert sheet.names[int(sheet.federated[at])] == one.federated
        assert sheet.names[int(sheet.standalone[at])] == one.standalone
    assert sheet.X.size == 0  # pictures come as one file


def test_a_table_is_cut_to_so_many_values(study, monkeypatch):
    monkeypatch.setattr(sheets, "MOST_VALUES", 12)
    sheet = study.queries().sheets.sheet(ClientRound("study", "A", 1), ClusterChoice(1), FIRST)
    assert (len(sheet.records), sheet.n_selected) == (3, 6)
    np.testing.assert_allclose(sheet.X, study.samples["local"][0, 24:27])


def test_sampled_inputs_have_no_truth(queries):
    assert queries.sheets.sheet(SAMPLED, TWELVE, FIRST).truth is None


def test_an_empty_selection_is_told(queries):
    with pytest.raises(NothingToShowError, match="nothing to list"):
        queries.sheets.sheet(ROUND, TWELVE, Focus(cell=(0, 0)))


def maps_of(queries, *choice, chosen=ROUND, record=None):
    return queries.gradcam.maps(
        chosen, TWELVE, FIRST, replace(GradCamChoice(*choice), record=record)
    )


def direct(queries, record, round_index=5, **how):
    settings = queries.gradcam._sources.settings
    path = settings.data_dir / f"history/mnist/checkpoints/Server/Server_r{round_index}.cp"
    model = gradcam._model(settings, "mnist", path)
    X = queries.learning.samples("mnist", "Client-0").inputs["local"][[record]]
    scaling = PictureScaling((0.5,), (0.5,), 255.0)
    layers = queries.federation.federation("mnist").layer_names
    shape = queries.federation.federation("mnist").samples.shape
    return grad_cam(model, X, shape, layer_names=layers, scaling=scaling, **how)


def test_one_record_has_maps_of_its_own(queries):
    record = int(queries.clusters.selected(ROUND, TWELVE, FIRST)[0])
    maps = maps_of(queries, "record")
    expected = direct(queries, record)
    assert (maps.record, maps.n_records) == (record, 1)
    np.testing.assert_allclose(maps.federated, expected.heatmaps[:, 0], atol=1e-5)
    assert maps.federated_class == expected.class_index[0]
    assert maps.federated_class != maps.standalone_class  # it is inconsistent


def test_the_ground_truth_may_be_the_target_class(queries):
    record = int(queries.clusters.selected(ROUND, TWELVE, FIRST)[0])
    truth = queries.learning.samples("mnist", "Client-0").ground_truth[[record]]
    predicted = maps_of(queries, "record")  # of the same record: both are kept, and kept apart
    maps = maps_of(queries, "record", "truth")
    expected = direct(queries, record, class_index=truth)
    np.testing.assert_allclose(maps.federated, expected.heatmaps[:, 0], atol=1e-5)
    assert maps.federated_class == maps.standalone_class == truth[0]
    assert predicted.federated_class != truth[0]


def test_the_published_variant_is_another_map_of_the_ground_truth(queries):
    truth = queries.learning.samples("mnist", "Client-0").ground_truth[[3]]
    maps = maps_of(queries, "record", "predicted", "published", record=3)
    expected = direct(queries, 3, class_index=truth, variant="published")
    np.testing.assert_allclose(maps.federated, expected.heatmaps[:, 0], atol=1e-5)
    assert not np.allclose(maps.federated, maps_of(queries, "record", "truth", record=3).federated)


def test_another_round_has_other_maps(queries):
    other = ClientRound("mnist", "Client-0", 9)
    maps = maps_of(queries, "record", chosen=other, record=3)
    expected = direct(queries, 3, round_index=9)
    np.testing.assert_allclose(maps.federated, expected.heatmaps[:, 0], atol=1e-5)
    assert not np.allclose(maps.federated, maps_of(queries, "record", record=3).federated)


@pytest.mark.parametrize("choice", [("mean", "truth"), ("record", "predicted", "published")])
def test_without_ground_truth_it_is_said(queries, choice):
    with pytest.raises(NothingToShowError, match="needs the ground truth, which stratified"):
        maps_of(queries, *choice, chosen=SAMPLED)
    assert maps_of(queries, "record", chosen=SAMPLED).record is not None
