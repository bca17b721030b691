import json
from pathlib import Path

import numpy as np
import pytest
from scipy.cluster import hierarchy
from scipy.spatial.distance import squareform
from sklearn.cluster import AgglomerativeClustering

from flhetero_dash.analysis.rank_clustering import (
    automatic_k,
    cluster_records,
    merge_tree,
    rank_dissimilarity,
)

CHANGED = Path(__file__).parents[1] / "data" / "changed_records.json"


def as_sets(groups):
    return {frozenset(np.asarray(group).tolist()) for group in groups}


def partition(labels):
    return as_sets(np.flatnonzero(labels == label) for label in np.unique(labels))


def distinct_distances(rng, n_records):
    """Dissimilarity without a tie: a random order of all pairs."""
    n_pairs = n_records * (n_records - 1) // 2
    return squareform(rng.permutation(n_pairs) + 1)


def test_dissimilarity_by_hand():
    X = np.array([[0.0], [1.0], [3.0], [3.5]])
    # Orders: 0: 0123, 1: 1023 (1, 2, 2.5), 2: 2 3 1 0, 3: 3 2 1 0.
    ours = rank_dissimilarity(X, np.array([0, 1, 2]))
    assert ours.tolist() == [[0, 1, 6], [1, 0, 4], [6, 4, 0]]
    assert ours.dtype == np.int64


def test_dissimilarity_is_symmetric_and_0_for_the_record_itself_only(rng):
    X = np.repeat(rng.integers(0, 9, (20, 3), dtype=np.uint8), 3, axis=0)
    ours = rank_dissimilarity(X, np.arange(60))
    np.testing.assert_array_equal(ours, ours.T)
    np.testing.assert_array_equal(ours == 0, np.eye(60, dtype=bool))


@pytest.mark.parametrize("linkage", ["single", "average"])
def test_clusters_are_those_of_scipy_and_sklearn(rng, linkage):
    dissimilarity = distinct_distances(rng, 40)
    tree = merge_tree(dissimilarity, linkage)
    steps = hierarchy.linkage(squareform(dissimilarity).astype(float), linkage)
    np.testing.assert_allclose(tree.heights, steps[:, 2])
    for k in range(1, 41):
        other = AgglomerativeClustering(k, metric="precomputed", linkage=linkage)
        expected = partition(other.fit_predict(dissimilarity.astype(float)))
        assert partition(tree.cut(k)) == expected
        scipy_labels = hierarchy.fcluster(steps, k, criterion="maxclust")
        assert partition(tree.cut(k)) == partition(scipy_labels)


def test_equal_heights_are_cut_by_order():
    tree = merge_tree(np.ones((5, 5)) - np.eye(5))
    assert [len(np.unique(tree.cut(k))) for k in range(1, 6)] == [1, 2, 3, 4, 5]


def test_automatic_k_by_hand():
    heights = np.array([100.0, 90.0, 20.0, 14.0, 13.0, 5.0, 4.0, 1.0])
    # Below the line 100, 87.5, 75, 62.5, ... by 0, -2.5, 55, 48.5, ...: the two merges above
    # the third height are undone.
    assert automatic_k(heights) == 3
    # Drops 10, 70, 6, 1, 8, 1, 3: the first of the smallest is the fourth.
    assert automatic_k(heights, "published") == 5
    assert automatic_k(np.array([10.0, 0.1])) == 2


@pytest.mark.parametrize("rule", ["ours", "published"])
def test_automatic_k_without_a_choice(rule):
    assert automatic_k(np.empty(0), rule) == 1
    assert automatic_k(np.array([3.0]), rule) == 1


def test_automatic_k_of_equal_heights_is_one_cluster():
    assert automatic_k(np.full(6, 4.0)) == 1
    assert automatic_k(np.zeros(3)) == 1


@pytest.mark.parametrize("linkage", ["single", "average"])
def test_automatic_k_separates_inverted_digits_and_splits_less(reader, linkage):
    changed = set(json.loads(CHANGED.read_text())["Client-5"]["index"])
    X = reader.samples("mnist", "Client-5").inputs["local"]
    y_local = reader.local_outputs("mnist", "Client-5").classes["local"]
    y_global = reader.global_outputs("mnist", "Client-5", 5).classes["local"]
    ids = np.flatnonzero(y_local != y_global)
    ours = cluster_records(X, ids, None, linkage)
    theirs = cluster_records(X, ids, None, linkage, rule="published")
    assert ours.n_clusters < theirs.n_clusters
    planted = changed & set(ids.tolist())
    best = max(ours.members, key=lambda members: len(planted & set(members.tolist())))
    assert set(best.tolist()) == planted


@pytest.mark.parametrize("round_index", [5, 9])
def test_published_clusters(client_images, published_answers, round_index):
    answers = published_answers[f"Client-0/{round_index}"]
    ids = np.flatnonzero(~np.array(answers["labels"]["consistencyLabel"]))
    ours = cluster_records(client_images, ids, 12)
    expected = [cluster["heteroIndex"] for cluster in answers["cluster_12"]["clusterList"]]
    assert as_sets(ours.members) == as_sets(expected)
    automatic = cluster_records(client_images, ids, None, rule="published")
    assert automatic.automatic
    assert automatic.n_clusters == answers["cluster_auto"]["nrOfClusters"]
    expected = [cluster["heteroIndex"] for cluster in answers["cluster_auto"]["clusterList"]]
    assert as_sets(automatic.members) == as_sets(expected)


def test_clusters_come_by_size_then_by_smallest_record(rng):
    places = np.array([0, 100, 101, 102, 200, 201, 300, 301, 400.0])
    order = rng.permutation(9)
    X = places[order][:, None]
    result = cluster_records(X, np.arange(9), 5)
    sizes = [len(members) for members in result.members]
    assert sizes == [3, 2, 2, 1, 1]
    assert result.members[1][0] < result.members[2][0]
    assert result.members[3][0] < result.members[4][0]
    assert all((np.diff(members) > 0).all() for members in result.members)
    assert sorted(np.concatenate(result.members).tolist()) == list(range(9))
    assert (np.diff(result.heights) <= 0).all()
    assert result.n_sampled is None


def test_equal_sizes_come_by_smallest_record_not_by_closeness():
    X = np.array([0, 3, 20, 20.1, 1, 2, 21, 22])[:, None]  # 0 and 3 have records between them
    members = cluster_records(X, np.arange(4), 2).members
    assert [ids.tolist() for ids in members] == [[0, 1], [2, 3]]


@pytest.mark.parametrize("k", [None, 1, 8])
def test_none_one_or_two_inconsistent_records_are_ordinary(rng, k):
    X = rng.normal(size=(20, 3))
    nothing = cluster_records(X, np.empty(0, dtype=np.int64), k)
    assert (nothing.members, nothing.n_clusters, len(nothing.heights)) == ((), 0, 0)
    one = cluster_records(X, np.array([7]), k)
    assert as_sets(one.members) == {frozenset({7})}
    two = cluster_records(X, np.array([9, 4]), k)
    assert two.n_clusters == len(two.members) == (2 if k == 8 else 1)
    assert len(two.heights) == 1


def test_too_many_records_are_sampled_and_the_rest_joins_its_nearest(rng):
    X = np.concatenate([rng.normal(size=(60, 2)), rng.normal(size=(40, 2)) + 50])
    ids = np.arange(2, 98)
    result = cluster_records(X, ids, 2, "average", max_clustered=30, seed=3)
    assert result.n_sampled == 30
    assert len(result.heights) == 29
    assert as_sets(result.members) == as_sets([np.arange(2, 60), np.arange(60, 98)])
    again = cluster_records(X, ids, 2, "average", max_clustered=30, seed=3)
    assert as_sets(again.members) == as_sets(result.members)


def test_bad_numbers_and_names_are_told(rng):
    X = rng.normal(size=(5, 2))
    with pytest.raises(ValueError, match="k is 0; there must be at least 1 cluster"):
        cluster_records(X, np.arange(5), 0)
    with pytest.raises(ValueError, match="max_clustered is 0"):
        cluster_records(X, np.arange(5), 2, max_clustered=0)
    with pytest.raises(ValueError, match="linkage is 'ward', expected 'single' or 'average'"):
        merge_tree(np.zeros((2, 2)), "ward")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="rule is 'elbow'"):
        automatic_k(np.arange(4.0)[::-1], "elbow")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"shape \(2, 3\), expected a square"):
        merge_tree(np.zeros((2, 3)))
