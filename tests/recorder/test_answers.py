"""What a user's function may answer, and what is refused."""

import numpy as np
import pytest
import torch

from flhetero_dash.recorder.answers import answers_of

INPUTS = {"local": np.zeros((4, 2)), "systematic": np.zeros((3, 2))}


def answered(answer):
    return answers_of(lambda _state, X: answer(len(X)), {}, INPUTS, 3, "A, round 2")


def test_probabilities_are_kept_and_give_the_classes():
    rows = np.array([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]])
    found = answered(lambda n: torch.as_tensor(np.resize(rows, (n, 3)), dtype=torch.float32))
    assert found.classes["local"].tolist() == [2, 0, 2, 0]
    np.testing.assert_allclose(found.scores["systematic"], np.resize(rows, (3, 3)), atol=1e-6)


def test_class_ids_are_enough():
    found = answered(lambda n: np.arange(n) % 3)
    assert found.classes["local"].tolist() == [0, 1, 2, 0]
    assert found.scores == {}


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda n: np.full(n, 3), "class ids from 3 to 3; expected 0 to 2"),
        (lambda n: np.full(n, -1), "class ids from -1 to -1; expected 0 to 2"),
        (lambda n: np.zeros(n - 1, int), r"int64 values of shape \(3,\); expected whole class ids"),
        (
            lambda n: np.zeros(n),
            r"float64 values of shape \(4,\); expected whole class ids of",
        ),
        (lambda n: np.full((n, 2), 0.5), r"shape \(4, 2\); expected probabilities of shape \(4, 3"),
        (lambda n: np.full((n, 3), np.nan), "12 values of 12 that are not finite"),
        (lambda n: np.full((n, 3), 1.0), r"whose rows add up to 3 to 3; expected probabilities \("),
        (lambda n: np.resize([-1.0, 1, 1], (n, 3)), "values from -1 to 1 whose rows add up to 1"),
        (lambda n: np.zeros((n, 3), int), r"int64 values of shape \(4, 3\); expected probabiliti"),
    ],
)
def test_what_is_neither_is_told_with_whose_it_is(answer, message):
    with pytest.raises(
        ValueError, match="A, round 2: predict gives for 4 local inputs .*" + message
    ):
        answered(answer)
