"""Pixels, as they are stored and as they are shown."""

import numpy as np
import pytest

from flhetero_dash.analysis.pictures import as_bytes, white_level


@pytest.mark.parametrize(
    ("X", "white"),
    [
        (np.zeros((3, 4), dtype=np.uint8), 255),  # dark, but 8-bit
        (np.array([[0.0, 0.5], [1.0, 0.0]]), 1),
        (np.array([[0.0, 0.5], [254.0, 0.0]]), 255),
        (np.empty((0, 4)), 255),
    ],
)
def test_white_is_told_from_all_pictures(X, white):
    assert white_level(X) == white


def test_shares_and_bytes_give_the_same_picture():
    shares = np.array([[0.0, 0.5, 1.0, 1.2, -0.1]])
    assert as_bytes(shares, 1.0).tolist() == [[0, 128, 255, 255, 0]]
    assert as_bytes(shares * 255, 255.0).tolist() == [[0, 128, 255, 255, 0]]
