"""The patients of four hospitals: the table, the gaps, and the demo made of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    MatrixChoice,
    OverviewChoice,
    RecordChoice,
)
from flhetero_dash.settings import Settings
from preprocess import demo
from preprocess.__main__ import main
from preprocess.heart import (
    HeartConfig,
    Hospital,
    heart_federation,
    hospitals,
    imputed,
    kept_attributes,
)
from preprocess.heart_attributes import ATTRIBUTES, Attribute

SHORT = HeartConfig(n_rounds=2, local_steps=8, n_strata=2, n_per_stratum=2, n_grid=3)
COLUMNS = [attribute.column for attribute in ATTRIBUTES]
CHOLESTEROL = COLUMNS.index("cholesterol")
CHOSEN = ClientRound("heart", "VA Long Beach", 1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heart")
    demo.make_demo(folder, "heart", heart_federation(SHORT))
    return folder


@pytest.fixture(scope="module")
def queries(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Queries:
    settings = Settings(data_dir=made, cache_dir=tmp_path_factory.mktemp("cache"))
    return Queries.over(Sources(settings, JobsHere()))


def test_the_table_has_all_patients_of_four_hospitals():
    sizes = {name: len(hospital.labels) for name, hospital in hospitals().items()}
    assert sizes == {"Cleveland": 303, "Hungary": 294, "Switzerland": 123, "VA Long Beach": 200}
    diseased = {name: int(hospital.labels.sum()) for name, hospital in hospitals().items()}
    assert diseased == {"Cleveland": 139, "Hungary": 106, "Switzerland": 115, "VA Long Beach": 149}


def test_cholesterol_is_zero_where_it_was_not_measured():
    zeros = {
        name: int((hospital.values[:, CHOLESTEROL] == 0).sum())
        for name, hospital in hospitals().items()
    }
    assert zeros == {"Cleveland": 0, "Hungary": 0, "Switzerland": 123, "VA Long Beach": 49}


def test_attributes_that_lack_in_more_than_three_tenths_of_all_records_are_left_out():
    everyone = list(hospitals().values())
    kept = [COLUMNS[position] for position in kept_attributes(everyone, 0.3)]
    assert set(COLUMNS) - set(kept) == {"st_slope", "coloured_vessels", "thallium_scan"}
    # Over all hospitals: at the Swiss one alone, 75 of 123 blood sugars are missing.
    swiss = kept_attributes([hospitals()["Switzerland"]], 0.3)
    assert "high_fasting_blood_sugar" not in [COLUMNS[position] for position in swiss]


def test_the_rule_counts_records_not_hospitals():
    few, many = (
        Hospital(np.array(values).reshape(-1, 1), np.zeros(len(values), dtype=int))
        for values in ([np.nan], [1.0, 2.0, np.nan, 3.0, 4.0])
    )
    assert kept_attributes([few, many], 1 / 3).tolist() == [0]
    assert kept_attributes([few, many], 0.3).tolist() == []


def test_gaps_are_filled_from_the_clients_own_training_records():
    attributes = (Attribute("a", "a"), Attribute("b", "b", ("no", "yes")))
    values = np.array([[1, 0], [2, 1], [6, 1], [np.nan, np.nan], [900, 0], [900, 0]])
    heldout = np.array([False, False, False, False, True, True])
    filled = imputed(values, heldout, attributes)
    assert filled[3].tolist() == [2, 1]
    np.testing.assert_array_equal(filled[[0, 1, 2, 4, 5]], values[[0, 1, 2, 4, 5]])


def test_no_client_sees_another_one(monkeypatch):
    before = heart_federation(SHORT).participants
    table = {name: replace(hospital) for name, hospital in hospitals().items()}
    table["Hungary"].values[:, CHOLESTEROL] *= 3
    monkeypatch.setattr("preprocess.heart.hospitals", lambda: table)
    for old, new in zip(before, heart_federation(SHORT).participants, strict=True):
        same = np.array_equal(old.inputs["local"], new.inputs["local"])
        assert same == (old.name != "Hungary")


def test_recorded_values_are_left_as_they_are():
    for own in heart_federation(SHORT).participants:
        kept = kept_attributes(list(hospitals().values()), SHORT.most_missing)
        recorded = hospitals()[own.name].values[:, kept]
        known = ~np.isnan(recorded)
        np.testing.assert_array_equal(own.inputs["local"][known], recorded[known])
        assert np.isfinite(own.inputs["local"]).all()
        assert own.heldout.sum() == round(0.2 * len(own.labels))


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(made, tmp_path):
    demo.make_demo(tmp_path / "again", "heart", heart_federation(SHORT))
    assert contents(tmp_path / "again") == contents(made)
    demo.make_demo(tmp_path / "other", "heart", heart_federation(replace(SHORT, seed=1)))
    samples = "datasets/heart/samples.npz"
    assert contents(tmp_path / "other")[samples] != contents(made)[samples]


@pytest.mark.parametrize("client", ["Cleveland", "Hungary", "Switzerland", "VA Long Beach"])
def test_check_finds_all_of_the_layout_and_nothing_wrong(made, client, capsys):
    assert main(["check", "--data", str(made), "--dataset", "heart", "--client", client]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "can be used, with 0 warnings" in lines


def test_the_command_makes_it(monkeypatch, tmp_path, capsys):
    monkeypatch.setitem(demo.FEDERATIONS, "heart", lambda _seed: heart_federation(SHORT))
    assert main(["demo", "--dataset", "heart", "--out", str(tmp_path)]) == 0
    assert "heart: written to" in capsys.readouterr().out
    assert (tmp_path / "history/heart/manifest.json").is_file()
    assert not (tmp_path / "datasets/typographic").exists()


def test_the_page_names_values_and_attributes(queries):
    verified = queries.records.verified(CHOSEN, ClusterChoice(), Focus(), RecordChoice(record=0))
    assert verified.truth == "disease"
    assert verified.names[CHOLESTEROL] == "cholesterol (mg/dl)"
    assert verified.values[CHOLESTEROL] == 260
    assert verified.categories["chest pain"][int(verified.values[2])] == "asymptomatic"
    counted = queries.distribution.distribution(CHOSEN, ClusterChoice(), Focus(), 2, "all")
    assert counted.name == "chest pain"
    assert counted.categories is not None
    assert counted.counts.total.sum() == 200


def test_the_zeros_are_a_bar_of_their_own(queries):
    counted = queries.distribution.distribution(
        CHOSEN, ClusterChoice(), Focus(), CHOLESTEROL, "all"
    )
    assert counted.counts.total[:4].tolist() == [49, 0, 0, 0]


@pytest.mark.parametrize("inputs", ["local", "stratified", "systematic"])
def test_every_panel_has_an_answer(queries, inputs):
    chosen = replace(CHOSEN, inputs=inputs)
    choice, focus, contrast = ClusterChoice(), Focus(), ContrastChoice()
    overview = queries.overview.overview(chosen, OverviewChoice())
    assert np.isfinite(overview.coordinates).all()
    assert overview.inconsistent.any()
    assert queries.clusters.clusters(chosen, choice).members
    answer = queries.contrast.contrast(chosen, choice, focus, None)
    assert answer.directions.shape == (2, 10)
    attribute = queries.distribution.attribute(chosen, choice, focus, contrast, AttributeChoice())
    for scope in ("all", "selection"):
        counted = queries.distribution.distribution(chosen, choice, focus, attribute, scope)
        assert counted.counts.total.sum() > 0
    matrix = queries.matrix.matrix(chosen, choice, focus, contrast, MatrixChoice())
    assert set(matrix.names.values()) == {"no disease", "disease"}


def test_a_constant_is_one_in_sampled_inputs_too():
    swiss = heart_federation(SHORT).participants[2]
    assert swiss.name == "Switzerland"
    for X in swiss.inputs.values():
        assert (X[:, CHOLESTEROL] == 0).all()
