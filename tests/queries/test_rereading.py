"""A click is answered from what is there: files are not opened again, models not loaded again."""

import logging
import shutil

import numpy as np
import pytest

from flhetero_dash.analysis.rank_clustering import cluster_records
from flhetero_dash.analysis.rank_products import RankProducts
from flhetero_dash.data import identity
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.archive_writing import write_archive
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries, clusters, gradcam
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    ProjectionChoice,
    RecordChoice,
)
from flhetero_dash.settings import Settings

ROUND = ClientRound("mnist", "Client-0", 5)
SIX = ClusterChoice(6, "single")
FIRST = Focus()


@pytest.fixture
def opened(monkeypatch):
    """Names of the archives that were opened; files count as unchanged at once."""
    monkeypatch.setattr(identity, "SETTLED_S", -1.0)
    names = []
    original = Archive.__init__

    def noted(self, path, *args):
        names.append(path.name)
        original(self, path, *args)

    monkeypatch.setattr(Archive, "__init__", noted)
    return names


@pytest.fixture
def fresh(published, tmp_path):
    """Give queries over a copy of the history, with an empty cache."""
    shutil.copytree(published, tmp_path / "data")
    settings = Settings(tmp_path / "data", tmp_path / "cache")
    return Queries.over(Sources(settings, JobsHere()))


def test_a_click_on_a_record_or_an_attribute_opens_nothing(fresh, opened):
    contrast = ContrastChoice(contrast_alpha=5.0)

    def look(record, attribute):
        fresh.records.verified(ROUND, SIX, FIRST, RecordChoice(record))
        fresh.records.pictures("mnist", "Client-0", "local", [record])
        choice = AttributeChoice(attribute=attribute)
        found = fresh.distribution.attribute(ROUND, SIX, FIRST, contrast, choice)
        fresh.distribution.distribution(ROUND, SIX, FIRST, found, "selection")
        fresh.learning.projection(ROUND, ProjectionChoice("Conv1"))

    look(3, 400)
    assert opened
    opened.clear()
    look(7, 401)
    assert opened == []


def test_a_model_is_loaded_once_however_often_it_explains(fresh, monkeypatch):
    from flhetero_dash.data import checkpoints

    gradcam._loaded.cache_clear()
    loaded = []
    original = checkpoints.read_state_dict

    def noted(path, *args):
        loaded.append(path.name)
        return original(path, *args)

    monkeypatch.setattr(checkpoints, "read_state_dict", noted)
    first = fresh.gradcam.maps(ROUND, SIX, FIRST)
    again = fresh.gradcam.maps(ROUND, SIX, Focus(cluster=1))
    assert sorted(loaded) == ["Client-0_Local_best.cp", "Server_r5.cp"]
    assert not np.array_equal(first.federated, again.federated)


def test_maps_are_averaged_within_the_memory(fresh, settings):
    whole = fresh.gradcam.maps(ROUND, SIX, FIRST)
    records = fresh.clusters.selected(ROUND, SIX, FIRST)
    little = Settings(settings.data_dir, settings.cache_dir, memory_bytes=4 * 2 * 784 * 2 * 2)
    manner = gradcam._Manner("gradcam", None, is_single=False)
    by_two = gradcam._maps(little, ROUND, records, manner)
    np.testing.assert_allclose(by_two.federated, whole.federated, atol=1e-5)
    np.testing.assert_allclose(by_two.standalone, whole.standalone, atol=1e-5)


def written(fresh, products):
    path = fresh.clusters._sources.settings.cache_dir / "affinity_mnist.npz"
    write_archive(path, {"Client-0": np.array({"local": products}, dtype=object)})


def test_rank_products_from_a_file_are_used_where_they_fit(fresh, monkeypatch, caplog):
    X = fresh.learning.samples("mnist", "Client-0").inputs["local"]
    computed = fresh.clusters.clusters(ROUND, SIX)
    given = []
    original = cluster_records

    def noted(*args, **options):
        given.append(options["known"])
        return original(*args, **options)

    monkeypatch.setattr(clusters, "cluster_records", noted)
    written(fresh, RankProducts(X).all_pairs())
    read = fresh.clusters.clusters(ROUND, SIX)  # another file: not the stored answer
    assert given[0].shape == (500, 500)
    assert [m.tolist() for m in read.members] == [m.tolist() for m in computed.members]
    with caplog.at_level(logging.WARNING):
        written(fresh, RankProducts(X[::-1]).all_pairs())
        other = fresh.clusters.clusters(ROUND, SIX)
    assert given[1] is None
    assert "are of other records, or of columns in other units: computed anew" in caplog.text
    assert [m.tolist() for m in other.members] == [m.tolist() for m in computed.members]


def test_a_broken_or_large_file_of_rank_products_is_passed_over(fresh, caplog):
    settings = fresh.clusters._sources.settings
    X = fresh.learning.samples("mnist", "Client-0").inputs["local"]
    written(fresh, np.zeros((3, 3)))
    with caplog.at_level(logging.WARNING):
        assert clusters._preprocessed(settings, ROUND, X) is None
    assert "rank products are computed, not read" in caplog.text
    written(fresh, RankProducts(X).all_pairs())
    assert clusters._preprocessed(settings, ROUND, X) is not None
    little = Settings(settings.data_dir, settings.cache_dir, memory_bytes=1 << 20)
    assert clusters._preprocessed(little, ROUND, X) is None
