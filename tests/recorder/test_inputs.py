"""Held-out records, and inputs beside a client's own."""

import numpy as np
import pytest

from flhetero_dash.analysis.sampled_inputs import systematic_inputs
from flhetero_dash.recorder import client_records, heldout_split


def test_the_same_share_of_each_class_is_held_out():
    y = np.repeat([0, 1, 2], [50, 10, 1])
    heldout = heldout_split(y, 0.2, seed=1)
    assert [int(heldout[y == label].sum()) for label in range(3)] == [10, 2, 0]
    np.testing.assert_array_equal(heldout, heldout_split(y, 0.2, seed=1))
    assert (heldout != heldout_split(y, 0.2, seed=2)).any()
    with pytest.raises(ValueError, match="share is 1; expected more than 0 and less than 1"):
        heldout_split(y, 1)


def test_pictures_stay_pictures(rng):
    X = rng.integers(0, 256, (60, 6)).astype(np.uint8)
    y = rng.integers(0, 3, 60)
    found = client_records(X, y, n_parts=2, n_each=3, n_steps=4)
    assert {key: own.shape for key, own in found.inputs.items()} == {
        "local": (60, 6),
        "stratified": (12, 6),
        "systematic": (16, 6),
    }
    assert all(own.dtype == np.uint8 for own in found.inputs.values())
    grid = np.clip(systematic_inputs(X, 4), 0, 255)
    assert np.abs(found.inputs["systematic"] - grid).max() <= 0.5 + 1e-9
    assert found.split is not None
    np.testing.assert_array_equal(found.split == "heldout", heldout_split(y))


def test_measured_values_are_not_rounded(rng):
    X = rng.normal(size=(40, 3)).astype(np.float32)
    found = client_records(X, np.zeros(40, int), np.arange(40) < 5, n_parts=2, n_steps=3)
    np.testing.assert_allclose(found.inputs["systematic"], systematic_inputs(X, 3), rtol=1e-5)
    assert found.split is not None
    assert found.split.tolist() == ["heldout"] * 5 + ["train"] * 35


def test_lengths_must_fit(rng):
    with pytest.raises(ValueError, match=r"y is \(3,\), expected \(40,\) as there are records"):
        client_records(rng.normal(size=(40, 3)), np.zeros(3, int))
    with pytest.raises(ValueError, match="4 records for 25 strata"):
        client_records(rng.normal(size=(4, 3)), np.zeros(4, int))
