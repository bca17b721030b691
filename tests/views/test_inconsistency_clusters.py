"""The clusters' outlines lie where the density behind them is drawn."""

from typing import Any

import numpy as np

from flhetero_dash.analysis.outline import DensityGrid, density
from flhetero_dash.queries.clusters import ClusterThumbnail
from flhetero_dash.views.inconsistency_clusters import (
    MOST_MERGES,
    board_of,
    merges_of,
    note_on,
    percent,
)

POINTS = np.array([[-1.0, 10.0], [3.0, 10.0], [3.0, 30.0], [1.0, 20.0]])


def board(points: np.ndarray = POINTS) -> dict[str, Any]:
    thumbnail = ClusterThumbnail(np.arange(len(points)), points, None, None, (("", "b", 4),))
    return board_of([thumbnail], density(points))


def test_a_record_at_the_border_is_at_the_side_of_the_thumbnail():
    # The browser stretches the density over the whole thumbnail, so 0 and 1 are its borders.
    places = np.array(board()["clusters"][0]["hull"])
    corners = np.array([[0, 0], [1, 0], [1, 1], [0.5, 0.5]])
    np.testing.assert_allclose(places, corners, atol=1e-3)


def test_the_density_is_whole_numbers_row_by_row_from_below():
    drawn = board(np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.0], [1.0, 1.0]]))
    side = drawn["n_grid"]
    values = np.array(drawn["density"]).reshape(side, side)
    assert (values.min(), values.max()) == (0, 99)
    assert values[0].sum() > values[-1].sum()  # three of the four records lie below


def test_without_ground_truth_there_is_no_accuracy():
    cluster = board()["clusters"][0]
    assert (cluster["federated"], cluster["standalone"], cluster["size"]) == (None, None, 4)


def test_merge_heights_run_from_the_last_join_to_beyond_the_cut():
    heights = np.linspace(9, 1, 100)
    assert merges_of(heights, 8)["cut"] == 8
    assert merges_of(heights, 8)["heights"][:2] == [9, 8.919]
    assert len(merges_of(heights, 8)["heights"]) == MOST_MERGES
    assert len(merges_of(heights, 60)["heights"]) == 63
    assert merges_of(heights[:0], 1) == {"heights": [], "cut": 1}


def test_all_notes_together():
    note = note_on(61, 100, 5)
    assert "61 of 100 clusters" in note
    assert "60 largest of 61" in note
    assert "sample of 5" in note


class TestClusters:
    def test_the_board_has_shares_of_the_side_and_words(self):
        density = DensityGrid(np.array([0.0, 10.0]), np.array([0.0, 20.0]), np.eye(2))
        labels = (("a", "b", 1), ("b", "a", 1))
        hull = np.array([[5.0, 5.0], [10.0, 20.0]])
        thumbnail = ClusterThumbnail(np.array([4, 7]), hull, 0.5, 1, labels)
        board = board_of([thumbnail], density)
        assert board["density"] == [99, 0, 0, 99]
        assert board["clusters"] == [
            {
                "size": 2,
                "records": "4,7",
                "hull": [[0.5, 0.375], [0.75, 0.75]],  # of the squares' borders
                "federated": "50%",
                "standalone": "100%",
                "labels": [["a", "b", 1], ["b", "a", 1]],
            }
        ]

    def test_no_ground_truth_no_accuracy(self):
        assert percent(None) is None

    def test_what_a_reader_must_know(self):
        assert note_on(8, 8, None) == ""
        assert note_on(70, None, None) == "The 60 largest of 70 clusters are shown."
        assert "3 of 8 clusters" in note_on(3, 8, None)
        assert "sample of 8,000" in note_on(8, 8, 8000)
