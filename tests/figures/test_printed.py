"""Curves and the plane for paper."""

import re

import numpy as np
import pytest

from flhetero_dash.figures.printed import HEIGHT, WIDTH, printed_timeline
from flhetero_dash.figures.printed_plane import (
    MOST_CONSISTENT,
    MOST_INCONSISTENT,
    MOST_OUTLINED,
    SIDE,
    printed_plane,
)
from flhetero_dash.figures.theme import LIGHT

NONE = float("nan")


def timeline(values, marked=1, band=None, reference=NONE):
    values = np.array(values, dtype=float)
    return printed_timeline(values, band, reference, marked, "Accuracy", True, LIGHT)


def numbers_of(markup):
    return [
        (float(x), float(y)) for x, y in re.findall(r"[ML](-?[\d.]+) (-?[\d.]+)(?=[ML\"h])", markup)
    ]


def test_the_marked_round_has_a_line_a_word_a_ring_and_its_value():
    drawing = timeline([0.2, 0.5, 0.9])
    assert "round 2<" in drawing.marks
    assert "<circle" in drawing.marks
    assert drawing.title == "Accuracy by round; round 2 is marked: 50.0%"
    assert drawing.base == timeline([0.2, 0.5, 0.9], marked=2).base


@pytest.mark.parametrize("n_rounds", [1, 2, 200])
def test_any_number_of_rounds_stays_within_the_figure(n_rounds):
    values = np.linspace(0, 1, n_rounds)
    drawing = timeline(values, marked=n_rounds - 1, band=(values * 0.9, values), reference=0.97)
    for x, y in numbers_of(drawing.base + drawing.marks):
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT
    assert len(drawing.base) < 15_000


def test_a_round_that_was_not_recorded_is_a_gap():
    whole, gap = timeline([0.2, 0.3, 0.4, 0.5]).base, timeline([0.2, NONE, 0.4, 0.5]).base

    def curve(base):
        (path,) = re.findall(f'd="([^"]*)" fill="none" stroke="{LIGHT.inconsistent}"', base)
        return path.count("M"), path.count("L")

    assert curve(whole) == (1, 3)
    assert curve(gap) == (2, 1)
    assert "circle" not in timeline([0.2, NONE], marked=1).marks


def test_nothing_recorded_and_a_round_that_is_not_there_draw_no_mark():
    assert timeline([NONE, NONE], marked=7).marks == ""


def test_the_plane_outlines_the_records_and_keeps_its_base(rng):
    places = rng.normal(size=(50, 2))
    different = np.arange(50) >= 45
    plain = printed_plane(places, different, np.array([0.5, 0.2]), None, LIGHT)
    marked = printed_plane(places, different, np.array([0.5, 0.2]), np.array([3, 45]), LIGHT)
    assert plain.drawing.marks == ""
    assert plain.drawing.base == marked.drawing.base
    outline = re.findall(f'd="([^"]*)" stroke="{LIGHT.text}"', marked.drawing.marks)
    assert len(numbers_of(f'"{outline[0]}"')) == 2
    assert marked.outlined == (2, 2)
    assert "the note's 2 are outlined" in marked.drawing.title
    for x, y in numbers_of(marked.drawing.base):
        assert 0 <= x <= SIDE
        assert 0 <= y <= SIDE


def test_classes_differ_in_shape_and_the_second_axis_points_up():
    places = np.array([[0.0, 0.0], [1.0, 1.0]])
    base = printed_plane(places, np.array([False, True]), np.ones(2), None, LIGHT).drawing.base
    (round_one,) = re.findall(r'd="M([\d.]+) ([\d.]+)h0"[^>]*stroke-linecap="round"', base)
    (square_one,) = re.findall(r'd="M([\d.]+) ([\d.]+)h0"[^>]*stroke-linecap="square"', base)
    assert float(square_one[0]) > float(round_one[0])
    assert float(square_one[1]) < float(round_one[1])


def test_of_60000_records_some_are_drawn_and_all_of_the_note(rng):
    places, different = rng.normal(size=(60_000, 2)), np.arange(60_000) >= 50_000
    records = np.arange(48_000, 52_000)
    drawn = printed_plane(places, different, np.ones(2), records, LIGHT)
    assert drawn.consistent == (MOST_CONSISTENT, 50_000)
    assert drawn.inconsistent == (MOST_INCONSISTENT, 10_000)
    assert drawn.outlined == (4_000, 4_000)
    assert len(drawn.drawing.base) < 100_000
    many = printed_plane(places, different, np.ones(2), np.arange(60_000), LIGHT)
    assert many.outlined == (MOST_OUTLINED, 60_000)
    same = printed_plane(places, different, np.ones(2), records, LIGHT)
    assert same.drawing == drawn.drawing


def test_one_record_and_none_are_drawn():
    one = printed_plane(np.zeros((1, 2)), np.array([True]), np.ones(2), np.array([0]), LIGHT)
    assert f"M{SIDE / 2:.1f} {SIDE / 2:.1f}h0" in one.drawing.base
    none = printed_plane(np.zeros((0, 2)), np.zeros(0, dtype=bool), np.ones(2), None, LIGHT)
    assert none.inconsistent == (0, 0)
