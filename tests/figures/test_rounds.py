"""Ticks of the rounds."""

import pytest

from flhetero_dash.figures.rounds import nice_step, round_axis


@pytest.mark.parametrize(
    ("first", "last", "most", "ticks"),
    [
        (1, 1, 20, [1]),
        (1, 2, 20, [1, 2]),
        (1, 20, 20, list(range(1, 21))),
        (1, 200, 20, [1, *range(10, 200, 10), 200]),
        (3, 7, 5, [3, 4, 5, 6, 7]),
        (96, 204, 5, [96, 150, 204]),
    ],
)
def test_ticks_are_round_numbers_and_both_ends(first, last, most, ticks):
    axis = round_axis(first, last, most)
    assert axis["tickvals"] == ticks
    assert axis["range"] == [first - 0.4, last + 0.4]


@pytest.mark.parametrize(("least", "step"), [(0.05, 1), (1, 1), (1.2, 2), (21, 50), (60, 100)])
def test_steps_are_one_two_five(least, step):
    assert nice_step(least) == step
