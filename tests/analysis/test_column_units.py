import numpy as np
import pytest

from flhetero_dash.analysis import column_units as module
from flhetero_dash.analysis.column_units import column_units, row_parts


def test_columns_have_mean_0_and_deviation_1(rng, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK_BYTES", 8 * 3 * 7)  # 7 rows at a time
    X = rng.normal(size=(50, 3)) * [1e-3, 1, 1e5] + [0, 5, -1e7]
    scaled = column_units(X).applied(X)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, (X - X.mean(axis=0)) / X.std(axis=0), atol=1e-5)
    assert [len(part) for part in row_parts(X)] == [7] * 7 + [1]


def test_another_unit_gives_the_same_numbers(rng):
    X = rng.normal(size=(200, 4))
    other = X * [1000, 1 / 1000, 1, 60] + [0, 0, 273.15, 0]
    np.testing.assert_allclose(
        column_units(other).applied(other), column_units(X).applied(X), atol=1e-6
    )


def test_a_constant_column_is_0_for_every_input():
    X = np.array([[0.1, 1], [0.1, 2], [0.1, 3]])  # 0.1 + 0.1 + 0.1 is not 0.3
    scaled = column_units(X).applied(np.array([[0.1, 2], [99, 2]]))
    assert (scaled == 0).all()


def test_whole_numbers_and_the_largest_doubles_are_measured_too():
    whole = np.array([[0, 255], [2, 0]], dtype=np.uint8)
    np.testing.assert_allclose(column_units(whole).applied(whole), [[-1, 1], [1, -1]])
    huge = np.array([[-1.7e308], [1.7e308]])
    np.testing.assert_allclose(column_units(huge).applied(huge), [[-1], [1]])


def test_no_record_has_no_deviation():
    with pytest.raises(ValueError, match="no record"):
        column_units(np.empty((0, 2)))
