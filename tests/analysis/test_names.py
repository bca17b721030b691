"""Names of attributes."""

import pytest

from flhetero_dash.analysis.names import attribute_name


@pytest.mark.parametrize(
    ("attribute", "shape", "name"),
    [
        (0, (28, 28), "pixel (row 0, column 0)"),
        (30, (1, 28, 28), "pixel (row 1, column 2)"),
        (783, (28, 28), "pixel (row 27, column 27)"),
        (7, (2, 5), "pixel (row 1, column 2)"),  # not square: rows are as long as the width
        (19, (3, 4, 5), "pixel (row 3, column 4), red"),
        (20, (3, 4, 5), "pixel (row 0, column 0), green"),
        (59, (3, 4, 5), "pixel (row 3, column 4), blue"),
        (20, (2, 4, 5), "pixel (row 0, column 0), channel 1"),  # of two: no colours
    ],
)
def test_a_pixel_is_named_by_its_place_and_channel(attribute, shape, name):
    assert attribute_name(attribute, shape, None, True) == name


def test_a_name_of_its_own_comes_first():
    assert attribute_name(1, (2,), ("age", "dose"), False) == "dose"
    assert attribute_name(1, (1, 2), ("left", "right"), True) == "right"


@pytest.mark.parametrize(("shape", "is_image"), [((4,), False), ((2, 2), False), ((4,), True)])
def test_what_has_neither_name_nor_place_has_a_number(shape, is_image):
    assert attribute_name(3, shape, None, is_image) == "attribute 3"
