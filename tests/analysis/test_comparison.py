import numpy as np
import pytest

from flhetero_dash.analysis.comparison import (
    accuracy,
    inconsistent,
    negative_flips,
    positive_flips,
)

Y_TRUE = np.array([0, 1, 2, 3, 4])
Y_LOCAL = np.array([0, 1, 0, 1, 4])
Y_GLOBAL = np.array([0, 0, 2, 2, 4])  # right both, local only, global only, none, right both


def test_inconsistent_records_are_those_with_different_outputs_right_or_wrong():
    assert inconsistent(Y_LOCAL, Y_GLOBAL).tolist() == [False, True, True, True, False]


def test_flips_need_one_model_to_be_right():
    assert np.flatnonzero(negative_flips(Y_TRUE, Y_LOCAL, Y_GLOBAL)).tolist() == [1]
    assert np.flatnonzero(positive_flips(Y_TRUE, Y_LOCAL, Y_GLOBAL)).tolist() == [2]


def test_accuracy_is_a_fraction_and_unknown_without_records():
    assert accuracy(Y_TRUE, Y_LOCAL) == 0.6
    assert np.isnan(accuracy(Y_TRUE[:0], Y_LOCAL[:0]))


def test_outputs_of_other_records_are_refused_with_both_shapes():
    with pytest.raises(ValueError, match=r"y_local has shape \(5,\), y_global has shape \(4,\)"):
        inconsistent(Y_LOCAL, Y_GLOBAL[:4])
    with pytest.raises(ValueError, match=r"y_true has shape \(1,\)"):
        negative_flips(Y_TRUE[:1], Y_LOCAL, Y_GLOBAL)
    with pytest.raises(ValueError, match="one class id for each of the same records"):
        accuracy(Y_TRUE[:, None], Y_LOCAL[:, None])


@pytest.mark.parametrize("round_index", [5, 9])
def test_published_consistency(reader, published_answers, round_index):
    labels = published_answers[f"Client-0/{round_index}"]["labels"]
    ours = inconsistent(
        reader.local_outputs("mnist", "Client-0").classes["local"],
        reader.global_outputs("mnist", "Client-0", round_index).classes["local"],
    )
    assert (~ours).tolist() == labels["consistencyLabel"]
