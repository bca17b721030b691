"""Samples: every form of every key, and what is refused."""

import json

import numpy as np
import pytest

from flhetero_dash.data.errors import DataError, UnknownNameError


def ragged(parts):
    array = np.empty(len(parts), dtype=object)
    for index, part in enumerate(parts):
        array[index] = part
    return array


def opened(history, client="A"):
    reader = history.reader()
    return reader.samples_info("small"), reader.samples("small", client)


def refused(history, client="A"):
    with pytest.raises(DataError) as caught:
        opened(history, client)
    assert "samples.npz" in str(caught.value)
    return str(caught.value)


def test_the_plain_form(small):
    info, samples = opened(small, "B")
    assert info.client_names == ("A", "B", "C")
    assert info.sampling_types == ("local", "stratified")
    assert (info.kind, info.shape, info.n_features, info.n_clients) == ("tabular", (4,), 4, 3)
    assert info.label_names == ("cat", "dog", "owl")
    assert not info.is_image
    np.testing.assert_array_equal(samples.inputs["local"], small.samples["local"][1])
    np.testing.assert_array_equal(samples.inputs["stratified"], small.samples["stratified"][1])
    np.testing.assert_array_equal(samples.ground_truth, small.samples["ground_truth"][1])
    assert samples.split.tolist() == ["train"] * 4 + ["heldout"] * 2
    assert samples.split_assumed
    assert (samples.train_size, samples.test_size, samples.n_records) == (4, 2, 6)


def test_inputs_are_mapped_and_read_only(small):
    _, samples = opened(small)
    local = samples.inputs["local"]
    assert isinstance(local, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        local[0, 0] = 1


def test_ragged_clients_keep_their_own_lengths(small):
    lengths = (6, 3, 1)
    parts = [np.full((n, 4), n, np.uint8) for n in lengths]
    small.samples["local"] = ragged(parts)
    small.samples["ground_truth"] = ragged([np.zeros(n, int) for n in lengths])
    for client, part in zip("ABC", parts, strict=True):
        _, samples = opened(small, client)
        np.testing.assert_array_equal(samples.inputs["local"], part)
        assert samples.inputs["local"].dtype == np.uint8
        assert len(samples.ground_truth) == len(part)


def test_an_object_array_of_equal_lengths_is_read_too(small):
    expected = small.samples["local"][2]
    small.samples["local"] = np.array(list(small.samples["local"]), dtype=object)
    small.samples["ground_truth"] = np.array(list(small.samples["ground_truth"]), dtype=object)
    assert small.samples["local"].shape == (3, 6, 4)
    _, samples = opened(small, "C")
    np.testing.assert_array_equal(samples.inputs["local"], expected)


@pytest.mark.parametrize(
    "convert",
    [
        lambda a: a.astype(">f4"),
        np.asfortranarray,
        lambda a: a.astype(np.longdouble),
        lambda a: a.reshape(3, 6, 2, 2),
        lambda a: ragged([part.reshape(6, 2, 2) for part in a]),
        lambda a: ragged([part.tolist() for part in a]),
        lambda a: a > 0,
    ],
    ids=["big-endian", "fortran", "long", "axes", "ragged-axes", "lists", "bool"],
)
def test_stored_in_another_way_it_is_the_same(small, convert):
    expected = convert(small.samples["local"])[1]
    expected = np.asarray(expected, dtype=float).reshape(6, 4)
    small.samples["local"] = convert(small.samples["local"])
    _, samples = opened(small, "B")
    np.testing.assert_array_equal(samples.inputs["local"].astype(float), expected)
    assert samples.inputs["local"].dtype.isnative


def test_a_single_client_needs_no_client_axis(single):
    for key in ("local", "stratified", "ground_truth"):
        single.samples[key] = single.samples[key][0]
    single.samples |= {"train_size": 5, "test_size": np.array(1)}
    _, samples = opened(single)
    np.testing.assert_array_equal(samples.inputs["local"], single.samples["local"])
    np.testing.assert_array_equal(samples.ground_truth, single.samples["ground_truth"])
    assert samples.train_size == 5


@pytest.mark.parametrize("shape", [(1, 6, 4), (6, 2, 2), (1, 6, 2, 2), (1, 1, 4), (1, 4), (4,)])
def test_with_a_single_client_shapes_are_told_apart_by_the_features(single, shape):
    single.samples |= {"shape": np.array(4), "local": np.arange(np.prod(shape)).reshape(shape)}
    del single.samples["ground_truth"]
    if shape == (4,):
        assert "expected (n, 4)" in refused(single)
    else:
        assert opened(single)[1].inputs["local"].shape == (np.prod(shape) // 4, 4)


def test_an_object_array_with_one_client(single):
    single.samples["local"] = ragged([single.samples["local"][0]])
    single.samples["ground_truth"] = ragged([single.samples["ground_truth"][0]])
    assert opened(single)[1].inputs["local"].shape == (6, 4)


@pytest.mark.parametrize("shape", [[2, 2], (1, 2, 2), 4, np.array([4.0]), np.array(4)])
def test_the_shape_may_be_a_list_a_tuple_or_a_number(small, shape):
    small.samples["shape"] = shape
    assert opened(small)[0].n_features == 4


def test_a_picture_has_one_or_three_channels(small):
    small.samples |= {"type": "image", "shape": [1, 2, 2]}
    assert opened(small)[0].is_image
    small.samples["shape"] = [2, 2]
    assert opened(small)[0].is_image
    small.samples["shape"] = [2, 1, 2]
    assert not opened(small)[0].is_image


def test_sampling_types_may_be_absent_or_in_another_order(small):
    del small.samples["sampling_types"]
    assert opened(small)[0].sampling_types == ("local", "stratified")
    small.samples["sampling_types"] = ["stratified", "local"]
    assert opened(small)[0].sampling_types == ("local", "stratified")
    del small.samples["stratified"]
    small.samples["sampling_types"] = ["local"]
    assert list(opened(small)[1].inputs) == ["local"]


def test_without_label_names_the_ground_truth_counts_the_classes(small):
    del small.samples["label_names"]
    small.samples["ground_truth"] = np.array([[0] * 6, [1] * 6, [4] * 6])
    info, _ = opened(small)
    assert info.label_names == ("label 0", "label 1", "label 2", "label 3", "label 4")
    assert not info.labels_named
    assert info.label_name(9) == "label 9"


def test_label_names_of_an_object_array(small):
    small.samples["label_names"] = np.array(["a", "b", "c"], dtype=object)
    small.samples["client_names"] = np.array(["A", "B", "C"], dtype=object)
    info, _ = opened(small)
    assert info.label_names == ("a", "b", "c")
    assert info.label_name(1) == "b"


@pytest.mark.parametrize("convert", [lambda a: a.astype(float), lambda a: a.astype(np.uint8)])
def test_class_ids_may_be_whole_floats(small, convert):
    expected = small.samples["ground_truth"][0]
    small.samples["ground_truth"] = convert(small.samples["ground_truth"])
    np.testing.assert_array_equal(opened(small)[1].ground_truth, expected)


def test_classes_stored_as_names_are_matched(small):
    ids = small.samples["ground_truth"]
    names = small.samples["label_names"][ids]
    for stored in (names, names.astype(object), np.char.encode(names)):
        small.samples["ground_truth"] = stored
        np.testing.assert_array_equal(opened(small)[1].ground_truth, ids[0])


def test_class_ids_stored_as_text_are_refused(small):
    small.samples["ground_truth"] = small.samples["ground_truth"].astype(str)
    assert "labels stored as text" in refused(small)


def test_no_ground_truth_and_no_sizes(small):
    for key in ("ground_truth", "train_size", "test_size"):
        del small.samples[key]
    info, samples = opened(small)
    assert not info.has_ground_truth
    assert samples.ground_truth is None
    assert samples.split is None
    assert samples.train_size is None


def test_sizes_that_do_not_add_up_say_nothing_of_the_split(small):
    small.samples["train_size"] = np.full(3, 5)
    _, samples = opened(small)
    assert samples.split is None
    assert not samples.split_assumed


def test_a_recorded_split_wins(small):
    split = np.array([["heldout", "train"] * 3] * 3)
    small.samples["split"] = split
    _, samples = opened(small)
    assert samples.split.tolist() == split[0].tolist()
    assert not samples.split_assumed
    small.samples["split"] = ragged([row.astype(object) for row in split])
    assert opened(small)[1].split.tolist() == split[0].tolist()


def test_feature_names_and_categories(small):
    small.samples |= {
        "feature_names": ["age", "sex", "bmi", "hr"],
        "categories": json.dumps({"sex": ["f", "m"]}),
    }
    info, _ = opened(small)
    assert info.feature_names == ("age", "sex", "bmi", "hr")
    assert info.categories == {"sex": ("f", "m")}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"local": np.zeros((2, 6, 4))}, "expected one part for each of 3 clients"),
        ({"local": np.zeros((3, 6, 5))}, "'local' of A has shape (6, 5); expected (n, 4)"),
        ({"local": np.zeros((3, 0, 4))}, "n at least 1"),
        ({"local": np.full((3, 6, 4), np.nan)}, "'local' of A has 24 values of 24"),
        ({"local": np.zeros((3, 6, 4), complex)}, "holds complex128 values; expected numbers"),
        ({"local": np.full((3, 6, 4), "x")}, "holds <U1 values; expected numbers"),
        ({"local": ragged(["x", "y", "z"])}, "'local' of A holds <U1 values"),
        ({"local": ragged([[[1], [1, 2]]] * 3)}, "parts of different shapes"),
        ({"ground_truth": np.zeros((3, 5), int)}, "'ground_truth' of A has shape (5,)"),
        ({"ground_truth": np.full((3, 6), 3)}, "6 of 6 class ids out of range (found 3 to 3)"),
        ({"ground_truth": np.full((3, 6), -1)}, "expected 0 to 2"),
        ({"ground_truth": np.full((3, 6), 0.5)}, "6 fractional of 6 values"),
        ({"ground_truth": np.full((3, 6), np.nan)}, "6 values of 6 that are not finite"),
        ({"ground_truth": np.full((3, 6), np.uint64(2**63))}, "expected at most 2**53"),
        ({"ground_truth": np.zeros(0)}, "expected one part for each of 3 clients"),
        ({"client_names": np.array(["A", "B", "A"])}, "'A' more than once"),
        ({"client_names": np.array(["A", "B"])}, "for each of 2 clients"),
        ({"client_names": np.array(["A", "../B", "C"])}, "client name '../B' cannot be used"),
        ({"client_names": np.array(["A", "", "C"])}, "client name '' cannot be used"),
        ({"client_names": np.array(["A", "..", "C"])}, "client name '..' cannot be used"),
        ({"client_names": np.array(["A", "b\\c", "C"])}, "cannot be used"),
        ({"client_names": np.array(["A", "b\0c", "C"])}, "cannot be used"),
        ({"client_names": np.array(["A", "Server", "C"])}, "the server's files have it"),
        ({"client_names": np.array([1, 2, 3])}, "'client_names' holds int64 values; expected text"),
        ({"label_names": np.array(["a", "a"])}, "'label_names' has 'a' more than once"),
        ({"label_names": np.zeros((0,), str)}, "expected"),
        ({"shape": np.array([0])}, "'shape' is [0]; expected 1 to 3 lengths"),
        ({"shape": np.array([1, 1, 2, 2])}, "expected 1 to 3 lengths"),
        ({"shape": np.array(["a"])}, "'shape' holds <U1 values; expected numbers"),
        ({"type": np.array(1)}, "'type' holds int64 values; expected text"),
        ({"type": np.array(["a", "b"])}, "'type' has shape (2,); expected one text"),
        ({"sampling_types": np.array(["stratified"])}, "expected local and other samplings"),
        ({"sampling_types": np.array(["local", "systematic"])}, "names 'systematic', which is not"),
        ({"sampling_types": np.array(["local", "ground_truth"])}, "expected local"),
        ({"split": np.full((3, 6), "test")}, "'split' of A has 'test'; expected train or heldout"),
        ({"split": np.full((3, 5), "train")}, "'split' of A has shape (5,); expected (6,)"),
        ({"train_size": np.array([1, 2])}, "'train_size' is [1, 2]; expected a size for each"),
        ({"train_size": np.array(-1)}, "'train_size' is [-1]"),
        ({"train_size": np.array(1.5)}, "'train_size' has 1 fractional"),
        ({"feature_names": np.array(["a"])}, "'feature_names' has shape (1,); expected (4,)"),
        ({"categories": np.array("{")}, "'categories' is no JSON"),
        ({"categories": np.array("[1]")}, "no JSON object of lists of names"),
        ({"categories": np.array('{"a": [1]}')}, "no JSON object of lists of names"),
        (
            {"categories": np.array('{"x": ["y"]}'), "feature_names": np.array(list("abcd"))},
            "'categories' has 'x', which is none of feature_names",
        ),
    ],
)
def test_what_cannot_be_used_is_told(small, changes, message):
    small.samples |= changes
    assert message in refused(small)


@pytest.mark.parametrize("key", ["client_names", "type", "shape"])
def test_a_key_that_is_needed_is_told(small, key):
    del small.samples[key]
    assert f"lacks {key}; has " in refused(small)


def test_only_what_is_wrong_with_the_opened_client_is_told(small):
    small.samples["local"] = ragged([np.zeros((6, 4)), np.full((6, 4), np.inf), "no array at all"])
    small.samples["ground_truth"] = ragged([np.zeros(6, int), np.zeros(6, int), np.full(6, 9)])
    assert opened(small, "A")[1].n_records == 6
    assert "'local' of B has 24 values of 24 that are not finite" in refused(small, "B")
    assert "'local' of C holds <U15 values; expected numbers" in refused(small, "C")


def test_an_unknown_client_is_told_with_those_there_are(small):
    with pytest.raises(UnknownNameError, match="no client 'Z'; there are A, B, C"):
        small.reader().samples("small", "Z")


def test_one_file_a_client(small):
    common = {k: v for k, v in small.samples.items() if k not in ("local", "stratified")}
    own = ("local", "stratified", "ground_truth", "train_size", "test_size")
    expected = small.samples["local"][1]
    for row, client in enumerate("AB"):
        small.put(
            small.home / "samples" / f"{client}.npz",
            {key: small.samples[key][row] for key in own},
        )
    small.samples = {k: v for k, v in common.items() if k not in own}
    info, samples = opened(small, "B")
    assert info.single_files
    assert info.sampling_types == ("local", "stratified")
    np.testing.assert_array_equal(samples.inputs["local"], expected)
    assert len(samples.ground_truth) == 6
    assert samples.train_size == 4
    with pytest.raises(DataError, match=r"lacks 'local', and .*samples/C\.npz is no such file"):
        small.reader().samples("small", "C")


def test_one_file_a_client_that_lacks_its_records(small):
    small.samples = {k: small.samples[k] for k in ("client_names", "type", "shape", "label_names")}
    small.put(small.home / "samples" / "A.npz", {"ground_truth": np.zeros(6, int)})
    with pytest.raises(DataError, match=r"A\.npz: lacks local; has ground_truth"):
        small.reader().samples("small", "A")
