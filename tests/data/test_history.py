"""Training history: forms, and what is refused."""

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError


def refused(history):
    with pytest.raises(DataError, match=r"validation\.npz") as caught:
        history.reader().federation("small")
    return str(caught.value)


def test_rows_are_matched_by_name(small):
    small.validation["client_names"] = np.array(["C", "A", "B"])
    history = small.reader().federation("small").history
    np.testing.assert_array_equal(history.loss[history.row("A")], small.validation["loss"][1])
    assert history.client_names == ("A", "B", "C")
    assert history.n_rounds == 3


def test_without_names_rows_are_in_the_order_of_the_samples(small):
    del small.validation["client_names"]
    history = small.reader().federation("small").history
    np.testing.assert_array_equal(history.tot_acc, small.validation["tot_acc"])


def test_any_curve_may_be_absent(small):
    small.validation = {"loss": small.validation["loss"]}
    federation = small.reader().federation("small")
    assert federation.history.val_acc is None
    assert federation.n_rounds == 3


def test_without_curves_the_files_count_the_rounds(small):
    small.validation = {}
    small.weights["Server_r7"] = small.weights["Server_r0"]
    assert small.reader().federation("small").n_rounds == 8


def test_without_the_file_the_listing_counts(small):
    reader = small.reader()
    (small.history / "validation.npz").unlink()
    federation = reader.federation("small")
    assert federation.history is None
    assert federation.n_rounds == 3


def test_with_a_single_client_a_curve_may_be_a_row(single):
    single.validation = {key: single.validation[key][0] for key in single.curves}
    history = single.reader().federation("small").history
    assert history.loss.shape == (1, 3)


def test_one_round(small):
    for key in small.curves:
        small.validation[key] = small.validation[key][:, :1]
    assert small.reader().federation("small").n_rounds == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": np.ones(3)}, "'loss' is (3,), expected (3, n_rounds)"),
        ({"loss": np.ones((2, 3))}, "'loss' is (2, 3), expected (3, n_rounds)"),
        ({"loss": np.ones((3, 0))}, "'loss' is (3, 0), expected (3, n_rounds)"),
        ({"loss": np.ones((3, 4))}, "have [3, 4] rounds; expected the same number"),
        ({"val_acc": np.full((3, 3), 93.1)}, "'val_acc' of A has 3 values out of range, 93.1"),
        ({"tot_acc": np.full((3, 3), -0.1)}, "expected fractions from 0 to 1"),
        ({"val_acc": np.full((3, 3), np.nan)}, "'val_acc' of A has 3 values of 3 that are not"),
        ({"loss": np.full((3, 3), np.inf)}, "'loss' of A has 3 values of 3 that are not finite"),
        ({"loss": np.full((3, 3), "x")}, "'loss' holds <U1 values; expected numbers"),
        ({"client_names": np.array(["A", "B", "D"])}, "expected the clients of the samples"),
        ({"client_names": np.array(["A", "B"])}, "expected the clients of the samples"),
        ({"client_names": np.array(["A", "B", "B"])}, "'B' more than once"),
    ],
)
def test_what_cannot_be_used_is_told(small, changes, message):
    small.validation |= changes
    assert message in refused(small)


def test_a_loss_may_lack_only_where_the_client_took_no_part(small):
    small.validation["loss"][1, 2] = np.nan
    assert "'loss' of B has 1 values of 3 that are not finite" in refused(small)
    (small.history / "weights" / "B_r2.npz").unlink()
    del small.weights["B_r2"]
    assert np.isnan(small.reader().federation("small").history.loss[1, 2])


def test_an_unknown_client_has_no_row(small):
    history = small.reader().federation("small").history
    with pytest.raises(DataError, match="no client 'Z'; there are A, B, C"):
        history.row("Z")
