"""Since when a record's output is what it is."""

import numpy as np
import pytest

from flhetero_dash.analysis.record_history import GAP, steady_since


@pytest.mark.parametrize(
    ("values", "since"),
    [
        ([1, 0, 1, 1], 2),
        ([1, 1], 0),
        ([0, 1, GAP, 1, GAP], 1),
        ([GAP, 3, 3], 1),
        ([1, GAP, 0], 2),
        ([GAP], None),
        ([], None),
    ],
)
def test_the_first_round_from_which_nothing_changed(values, since):
    assert steady_since(np.array(values, dtype=int)) == since
