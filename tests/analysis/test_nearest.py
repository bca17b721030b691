"""The records closest to a point."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from flhetero_dash.analysis import nearest
from flhetero_dash.analysis.nearest import nearest_records


def test_they_are_those_of_an_independent_search(rng, monkeypatch):
    monkeypatch.setattr(nearest, "_CHUNK_BYTES", 8 * 5 * 7)  # several chunks
    X = rng.integers(0, 256, (60, 5)).astype(np.uint8)
    candidates = np.arange(3, 60, 2)
    point = X[0]
    rows, distances = nearest_records(X, point, candidates, 6)
    search = NearestNeighbors(n_neighbors=6).fit(X[candidates].astype(float))
    expected, order = search.kneighbors(point[None].astype(float))
    np.testing.assert_allclose(distances, expected[0])
    assert rows.tolist() == candidates[order[0]].tolist()


def test_equal_distances_are_in_the_order_of_records_and_few_are_all():
    X = np.array([[0.0], [2.0], [-2.0], [1.0]])
    rows, distances = nearest_records(X, np.array([0.0]), np.array([1, 2, 3]), 9)
    assert rows.tolist() == [3, 1, 2]
    assert distances.tolist() == [1, 2, 2]
    assert len(nearest_records(X, X[0], np.empty(0, np.int64), 3)[0]) == 0


def test_a_point_of_other_features_is_told():
    with pytest.raises(ValueError, match=r"the point is \(2,\), expected \(1,\)"):
        nearest_records(np.zeros((3, 1)), np.zeros(2), np.arange(3), 1)
