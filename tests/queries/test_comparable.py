"""Columns of a table count alike, whatever their units; pictures stay as they are."""

from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries, comparable
from flhetero_dash.queries.comparable import comparable_inputs
from flhetero_dash.queries.planes import reference_plane
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    OverviewChoice,
    RecordChoice,
)
from flhetero_dash.settings import Settings

UNITS = np.array([1000.0, 1.0, 0.001, 1.0, 60.0])
CHOSEN = ClientRound("study", "A", 0)
CLUSTERS, FOCUS = ClusterChoice(4, "average"), Focus()
N = 120


def written(root: Path, units: np.ndarray, kind: str = "tabular") -> Settings:
    """Write two clients' records, of which a third is inconsistent, in some units."""
    rng = np.random.default_rng(5)
    mixed = rng.normal(size=(2, N, 4)) @ rng.normal(size=(4, 4)) + [3, 0, -50, 9]
    X = np.concatenate([mixed, np.full((2, N, 1), 4.0)], axis=2)  # the last column is constant
    sampled = rng.normal(size=(2, 9, 5))
    home, history = root / "datasets" / "study", root / "history" / "study"
    for folder in (home, history / "outputs"):
        folder.mkdir(parents=True)
    names = np.array(["A", "B"])
    y_local, y_global = np.arange(N) % 3, (np.arange(N) % 3 + (np.arange(N) % 9 == 0)) % 3
    np.savez(
        home / "samples.npz",
        client_names=names,
        sampling_types=np.array(["local", "stratified"]),
        label_names=np.array(["low", "mid", "high"]),
        type=np.array(kind),
        shape=np.array([5]),
        local=X * units,
        stratified=sampled * units,
        ground_truth=np.stack([y_local, y_local]),
    )
    np.savez(history / "validation.npz", client_names=names, val_acc=[[0.5], [0.5]])
    for client in names:
        outputs = history / "outputs"
        np.savez(outputs / f"{client}_local.npz", local=y_local, stratified=y_local[:9])
        np.savez(outputs / f"{client}_Server_r0.npz", local=y_global, stratified=y_global[:9])
    return Settings(root, root / "cache")


@pytest.fixture(params=["tabular", "embedding"])
def pair(request, tmp_path) -> list[Queries]:
    """Give queries over the same records in two systems of units."""
    return [
        Queries.over(Sources(written(tmp_path / name, units, request.param), JobsHere()))
        for name, units in (("si", np.ones(5)), ("other", UNITS))
    ]


@pytest.mark.parametrize("alpha", [None, 0.0, 10.0])
def test_a_plane_does_not_change_with_a_columns_unit(pair, alpha):
    one, other = (queries.overview.overview(CHOSEN, OverviewChoice(alpha)) for queries in pair)
    np.testing.assert_allclose(other.coordinates, one.coordinates, atol=1e-4)
    np.testing.assert_allclose(other.explained, one.explained, atol=1e-5)
    one, other = (q.contrast.contrast(CHOSEN, CLUSTERS, FOCUS, alpha) for q in pair)
    np.testing.assert_allclose(other.directions, one.directions, atol=1e-4)
    np.testing.assert_allclose(other.coordinates, one.coordinates, atol=1e-4)
    assert not one.directions[:, 4].any()  # a constant weighs nothing


def test_clusters_and_neighbours_do_not_change_with_a_columns_unit(pair):
    one, other = (queries.clusters.clusters(CHOSEN, CLUSTERS) for queries in pair)
    assert [m.tolist() for m in one.members] == [m.tolist() for m in other.members]
    for chosen in (CHOSEN, ClientRound("study", "A", 0, inputs="stratified")):
        one, other = (queries.nearest.nearest(chosen, 5) for queries in pair)
        assert one.rows.tolist() == other.rows.tolist()
        np.testing.assert_allclose(other.distances, one.distances, rtol=1e-5)
    near = [
        q.matrix.neighbours(CHOSEN, CLUSTERS, FOCUS, ContrastChoice(), RecordChoice(7)).records
        for q in pair
    ]
    assert near[0].tolist() == near[1].tolist()


def test_sampled_inputs_are_measured_by_the_local_records(tmp_path):
    settings = written(tmp_path, np.ones(5))
    held = Queries.over(Sources(settings, JobsHere())).learning.samples("study", "A").inputs
    local, given = held["local"], comparable_inputs(settings, "study", "A", "stratified")
    spread = np.where(local.std(axis=0) > 1e-9, local.std(axis=0), np.inf)
    wanted = (held["stratified"] - local.mean(axis=0)) / spread
    np.testing.assert_allclose(given, wanted, atol=1e-5)


def test_pictures_of_any_shape_are_taken_as_they_are(tmp_path):
    settings = written(tmp_path, UNITS, "image")
    given = comparable_inputs(settings, "study", "A", "local")
    held = Queries.over(Sources(settings, JobsHere())).learning.samples("study", "A").inputs
    np.testing.assert_array_equal(given, held["local"])
    assert given.dtype == held["local"].dtype


def test_the_scaled_copy_is_made_once_for_all_clicks_and_processes(tmp_path, monkeypatch):
    settings = written(tmp_path, UNITS)
    first = comparable_inputs(settings, "study", "A", "local")
    assert isinstance(first, np.memmap)
    monkeypatch.setattr(comparable, "column_units", Mock(side_effect=AssertionError("again")))
    assert comparable_inputs(settings, "study", "A", "local") is first
    comparable._scaled.cache_clear()  # another process
    np.testing.assert_array_equal(comparable_inputs(settings, "study", "A", "local"), first)
    with pytest.raises(AssertionError, match="again"):  # another client has one of its own
        comparable_inputs(settings, "study", "B", "local")


def test_clients_in_one_file_have_each_a_reference_plane(tmp_path):
    settings = written(tmp_path, np.ones(5))
    planes = [reference_plane(settings, ClientRound("study", name, 0)) for name in "AB"]
    assert not np.allclose(planes[0], planes[1], atol=1e-3)
