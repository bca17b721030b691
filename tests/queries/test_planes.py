"""Planes of the same records share their fit and their covariance."""

from unittest.mock import Mock

import numpy as np
import pytest

from flhetero_dash.analysis.cpca import contrastive_fit, contrastive_plane, principal_plane
from flhetero_dash.analysis.record_sums import record_sums
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries, planes
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.planes import inputs_plane
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, OverviewChoice
from flhetero_dash.settings import Settings

ROUND = ClientRound("mnist", "Client-0", 5)
STUDY = ClientRound("study", "A", 0)


@pytest.fixture
def fresh(published, tmp_path):
    """Give queries over the published history, with an empty cache."""
    return Queries.over(Sources(Settings(published, tmp_path / "cache"), JobsHere()))


@pytest.fixture
def study(tmp_path, rng):
    """Give settings of a client with more records than features, and the records."""
    X = rng.normal(size=(400, 120)) * np.linspace(9, 1, 120)
    samples = {
        "client_names": np.array(["A"]),
        "sampling_types": np.array(["local"]),
        "label_names": np.array(["low", "high"]),
        "type": np.array("image"),  # in one unit: taken as it is
        "shape": np.array([120]),
        "local": X[None],
        "ground_truth": np.zeros((1, 400), dtype=int),
    }
    home, history = tmp_path / "datasets" / "study", tmp_path / "history" / "study"
    home.mkdir(parents=True)
    history.mkdir(parents=True)
    np.savez(home / "samples.npz", **samples)
    np.savez(history / "validation.npz", client_names=samples["client_names"], val_acc=[[0.5]])
    return Settings(tmp_path, tmp_path / "cache"), X


@pytest.mark.parametrize("alpha", [None, 0.0, 2.7, 40.0, 1000.0, 5000.0])
def test_the_overview_is_the_plane_of_its_records(fresh, alpha):
    both = compared(fresh.overview._sources.reader, ROUND)
    # An automatic contrast first: its fit answers the others, up to 1,000.
    for asked in (None, alpha):
        answer = fresh.overview.overview(ROUND, OverviewChoice(asked))
        wanted = contrastive_plane(
            both.X, both.X[both.inconsistent], asked, principal_plane(both.X)
        )
        assert answer.alpha == wanted.alpha
        # float32, of offsets up to 255 in 784 columns
        np.testing.assert_allclose(answer.coordinates, wanted.project(both.X), atol=1e-2)
        np.testing.assert_allclose(answer.explained, wanted.explained_target, atol=1e-6)


def test_another_contrast_follows_from_the_fit_of_the_automatic_one(fresh, monkeypatch):
    clusters = ClusterChoice(6, "single")
    fresh.overview.overview(ROUND, OverviewChoice(None))
    fresh.contrast.contrast(ROUND, clusters, Focus(), None)

    def fail(*_, **__):
        raise AssertionError("computed from the records again")

    monkeypatch.setattr(planes, "contrastive_fit", fail)
    monkeypatch.setattr(planes, "contrastive_plane", fail)
    fresh.overview.overview(ROUND, OverviewChoice(3.3))
    fresh.contrast.contrast(ROUND, clusters, Focus(), 3.3)
    with pytest.raises(AssertionError):  # another selection has a fit of its own
        fresh.contrast.contrast(ROUND, clusters, Focus(cluster=1), None)


def test_all_planes_of_the_same_inputs_sum_the_records_once(study, monkeypatch):
    settings, X = study
    summing = Mock(wraps=record_sums)
    monkeypatch.setattr(planes, "record_sums", summing)
    planes._summed.cache_clear()
    reference = principal_plane(X)
    for name, in_target, background in (
        ("all", np.ones(400, bool), np.arange(0, 400, 20)),
        ("some", np.arange(400) % 7 > 0, np.arange(1, 400, 50)),
    ):
        for alpha in (0.5, None):
            ours = inputs_plane(settings, STUDY, in_target, background, alpha, name)
            wanted = contrastive_plane(X[in_target], X[background], alpha, reference)
            assert ours.alpha == wanted.alpha
            np.testing.assert_allclose(ours.directions, wanted.directions, atol=1e-6)
    assert summing.call_count == 1


def test_a_single_contrast_of_many_features_makes_a_fit_for_the_next(study, monkeypatch):
    settings, X = study
    everyone, some = np.ones(400, bool), np.arange(0, 400, 20)
    fitting = Mock(wraps=contrastive_fit)
    monkeypatch.setattr(planes, "contrastive_fit", fitting)
    inputs_plane(settings, STUDY, everyone, some, 2.0, "few")
    fitting.assert_not_called()
    monkeypatch.setattr(planes, "MOST_SINGLE", 119)
    for alpha in (2.0, 3.0, None):
        inputs_plane(settings, STUDY, everyone, some, alpha, "many")
    assert fitting.call_count == 1


def test_covariances_beyond_the_memory_are_not_begun(study):
    settings, _ = study
    tight = Settings(settings.data_dir, settings.cache_dir, memory_bytes=100_000)
    with pytest.raises(NothingToShowError, match="400 records of 120 features need 0.9 MB"):
        inputs_plane(tight, STUDY, np.ones(400, bool), np.arange(9), 2.0, "")
