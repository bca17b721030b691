"""The clusters' outlines lie where the density behind them is drawn."""

from typing import Any

import numpy as np

from flhetero_dash.analysis.outline import density
from flhetero_dash.queries.clusters import ClusterThumbnail
from flhetero_dash.views.inconsistency_clusters import board_of, note_on

POINTS = np.array([[-1.0, 10.0], [3.0, 10.0], [3.0, 30.0], [1.0, 20.0]])


def board(points: np.ndarray = POINTS) -> dict[str, Any]:
    thumbnail = ClusterThumbnail(np.arange(len(points)), points, None, None)
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


def test_all_notes_together():
    note = note_on(61, 100, 5)
    assert "61 of 100 clusters" in note
    assert "60 largest of 61" in note
    assert "sample of 5" in note
