"""Attributes of patients: values by name, inputs of a network, points as records."""

import numpy as np
import pytest

from preprocess.heart_attributes import Attribute, as_records, encoded, scaled

SEX = Attribute("sex", "sex", ("female", "male"))
PAIN = Attribute("pain", "pain", ("none", "some", "much"))
PRESSURE = Attribute("pressure", "pressure (mm Hg)", center=130, scale=20)
DEPRESSION = Attribute("st", "ST (mm)", center=1, decimals=1)
FOUR = (SEX, PAIN, PRESSURE, DEPRESSION)


def test_values_are_positions_of_names_and_numbers_as_they_stand():
    row = {"sex": "male", "pain": "much", "pressure": "145", "st": ""}
    values = [attribute.value(row) for attribute in FOUR]
    np.testing.assert_array_equal(values, [1, 2, 145, np.nan])
    with pytest.raises(ValueError, match="sex is 'unknown'; expected female, male or nothing"):
        SEX.value({"sex": "unknown"})


def test_a_network_gets_distances_and_an_input_for_each_of_several_categories():
    inputs = encoded(np.array([[1, 2, 150, 1.5], [0, 0, 130, 0]]), FOUR)
    assert inputs.dtype == np.float32
    assert inputs.tolist() == [[1, 0, 0, 1, 1, 0.5], [0, 1, 0, 0, 0, -1]]


def test_points_are_rounded_as_records_and_stay_in_their_range():
    records = np.array([[0, 0, 100, 0.0], [1, 1, 180, 2.5]])
    points = scaled(records, FOUR)
    np.testing.assert_array_equal(as_records(points, records, FOUR), records)
    points = np.array([[0.6, 2.0, 7.027, 0.44], [-1, 0.4, 99, -1]])
    expected = [[1.0, 1.0, 141.0, 0.4], [0.0, 0.0, 180.0, 0.0]]
    np.testing.assert_allclose(as_records(points, records, FOUR), expected)
