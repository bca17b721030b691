"""Numbers in the words of titles."""

import numpy as np
import pytest

from flhetero_dash.figures.words import percent


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.404, "40%"), (0, "0%"), (1.0, "100%"), (np.float32(0.5), "50%"), (np.nan, "?")],
)
def test_a_share_is_whole_percent_or_unknown(share, words):
    assert percent(share) == words


def test_a_little_is_not_nothing():
    assert [percent(share) for share in (0.0, 2e-5, 0.004, 0.006)] == ["0%", "<1%", "<1%", "1%"]
