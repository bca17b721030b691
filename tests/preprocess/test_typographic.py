"""Printed digits, and digits dealt to clients."""

import numpy as np
import pytest

from preprocess.typographic import (
    Typeface,
    as_pictures,
    client_digits,
    handwritten_digits,
    printed_digits,
    split_over_clients,
    standardised,
)


def test_the_handwritten_digits_are_five_hundred_of_each():
    pictures, labels = handwritten_digits()
    assert pictures.shape == (5000, 784)
    assert pictures.max() == 255
    assert np.bincount(labels).tolist() == [500] * 10


def test_printed_digits_are_centred_ink_and_never_twice_the_same(rng):
    pictures = printed_digits(Typeface("DejaVuSans.ttf", digit=4, count=6), rng)
    assert pictures.shape == (6, 784)
    assert len(np.unique(pictures, axis=0)) == 6
    for picture in pictures.reshape(6, 28, 28):
        rows, columns = np.nonzero(picture > 60)
        assert 16 <= np.ptp(rows) <= 22
        assert abs((rows.min() + rows.max()) / 2 - 13.5) < 2
        assert abs((columns.min() + columns.max()) / 2 - 13.5) < 2


def test_nobody_gets_a_record_twice(rng):
    labels = np.repeat(np.arange(10), 30)
    dealt = split_over_clients(labels, [100, 120, 60], skew=5.0, rng=rng)
    assert [len(own) for own in dealt] == [100, 120, 60]
    together = np.concatenate(dealt)
    assert len(np.unique(together)) == len(together)


def test_skew_makes_the_mixes_unlike(rng):
    labels = np.repeat(np.arange(10), 500)

    def spread(skew: float) -> float:
        dealt = split_over_clients(labels, [200, 200], skew, rng)
        shares = [np.bincount(labels[own], minlength=10) / 200 for own in dealt]
        return float(np.abs(shares[0] - shares[1]).sum())

    assert spread(0.5) > 2 * spread(1000.0)


def test_more_records_than_there_are_is_told(rng):
    with pytest.raises(ValueError, match="40 records wanted, there are 30"):
        split_over_clients(np.zeros(30, dtype=int), [40], 1.0, rng)


def test_a_client_holds_its_own_and_the_printed_ones(rng):
    pictures = np.full((20, 784), 7, dtype=np.uint8)
    labels = np.zeros(20, dtype=int)
    typeface = Typeface("cmr10.ttf", digit=9, count=5)
    own = client_digits(pictures, labels, [typeface], heldout=0.2, rng=rng)
    assert len(own.pictures) == 25
    assert own.heldout.sum() == 5
    assert (own.labels[own.printed] == 9).all()
    assert own.typefaces == ("cmr10",) * 5


def test_points_become_whole_ink_from_none_to_full():
    pictures = as_pictures(np.array([[-40.0, 0.4, 0.6, 254.7, 300.0]]))
    assert pictures.dtype == np.uint8
    assert pictures.tolist() == [[0, 0, 1, 255, 255]]


def test_ink_is_scaled_as_the_dashboard_does_it_for_gradcam():
    prepared = standardised(np.tile([0, 255], 392).astype(np.uint8)[None])
    assert prepared.shape == (1, 1, 28, 28)
    assert prepared.dtype == np.float32
    assert set(prepared.ravel().tolist()) == {-1.0, 1.0}
