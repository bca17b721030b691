"""What the writer writes, the reader reads back; what does not fit is refused."""

from pathlib import Path

import numpy as np
import pytest
import torch

from flhetero_dash.data.checkpoints import read_state_dict
from flhetero_dash.data.layout import SERVER
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.data.recorded import Answers, RecordKind, Records, SampledParameters, Summary
from flhetero_dash.data.writer import (
    LOCAL,
    SECOND_LOCAL,
    HistoryWriter,
    client_update,
    global_model,
)
from flhetero_dash.settings import Settings

KIND = RecordKind("image", (1, 2, 3))


@pytest.fixture
def writer(tmp_path: Path) -> HistoryWriter:
    data = tmp_path / "data"
    return HistoryWriter(
        data / "datasets" / "d", data / "history" / "d", ("A", "B"), ("conv1", "fc"), ("no", "yes")
    )


@pytest.fixture
def reader(tmp_path: Path) -> HistoryReader:
    return HistoryReader(Settings(data_dir=tmp_path / "data", cache_dir=tmp_path / "cache"))


def records(n: int, value: int = 1) -> Records:
    return Records(
        {"local": np.full((n, 6), value, np.uint8), "stratified": np.zeros((2, 6), np.uint8)},
        ground_truth=np.arange(n) % 2,
        split=np.array(["train"] * (n - 1) + ["heldout"]),
    )


def test_samples_of_different_sizes_are_read_back(writer, reader):
    writer.write_samples(KIND, [records(3), records(5, value=9)])
    writer.write_model_info()  # without a history there is no dataset
    samples = reader.samples("d", "B")
    assert samples.inputs["local"].tolist() == [[9] * 6] * 5
    assert samples.ground_truth.tolist() == [0, 1, 0, 1, 0]
    assert (samples.train_size, samples.test_size) == (4, 1)
    assert not samples.split_assumed
    assert reader.samples_info("d").label_names == ("no", "yes")


def test_a_client_may_have_a_file_of_its_own(writer, reader):
    writer.write_common_samples(KIND, ["local", "stratified"])
    writer.write_client_samples("B", KIND, records(5, value=9))
    writer.write_model_info()
    samples = reader.samples("d", "B")
    assert samples.inputs["local"].tolist() == [[9] * 6] * 5
    assert samples.inputs["stratified"].shape == (2, 6)
    assert samples.ground_truth.tolist() == [0, 1, 0, 1, 0]
    assert (samples.train_size, samples.test_size) == (4, 1)
    with pytest.raises(ValueError, match=r"'local of B' is \(3, 7\), expected \(n, 6\)"):
        writer.write_client_samples("B", KIND, Records({"local": np.zeros((3, 7), np.uint8)}))


def test_no_file_is_a_pickle_where_all_have_one_size(writer):
    writer.write_samples(KIND, [records(3), records(3)])
    writer.write_model_info()
    writer.write_validation(*np.full((3, 2, 1), 0.5))
    writer.write_outputs("A", LOCAL, Answers({"local": np.arange(2)}))
    parameters = SampledParameters((np.zeros(3), np.ones(3)), np.zeros(5))
    writer.write_initial_weights(parameters)
    writer.write_weights("A", 0, parameters)
    writer.write_cosines({"A": np.zeros((3, 1))})
    writer.write_norms({"A": np.zeros((3, 3, 1))})
    writer.write_shares({"A": np.ones(1)})
    writer.write_batchnorm({"A": np.zeros(1)})
    counts = np.zeros((2, 1))
    writer.write_summary(Summary(counts, counts, counts, counts, np.zeros((2, 2), int)))
    paths = [*writer.home.rglob("*.npz"), *writer.history.rglob("*.npz")]
    assert len(paths) == 11
    for path in paths:
        with np.load(path, allow_pickle=False) as archive:
            assert all(archive[key].size for key in archive)


def test_checkpoints_are_read_back(writer, reader):
    writer.write_samples(KIND, [records(3), records(3)])
    state = {"fc.weight": torch.arange(6.0).reshape(2, 3)}
    writer.write_checkpoint("A", None, state)
    writer.write_checkpoint(SERVER, 4, {"fc.weight": -state["fc.weight"]})
    for round_index, sign in ((None, 1), (4, -1)):
        path = reader.checkpoint("d", "A", round_index)
        torch.testing.assert_close(read_state_dict(path)["fc.weight"], sign * state["fc.weight"])
    assert reader.checkpoint("d", "A", 3) is None


def test_outputs_of_every_model_are_read_back(writer, reader):
    writer.write_samples(KIND, [records(3), records(3)])
    scores = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4]])
    answers = Answers({"local": scores.argmax(axis=1), "stratified": np.zeros(2, int)})
    with_scores = Answers(answers.classes, {"local": scores})
    for model in (LOCAL, SECOND_LOCAL, global_model(0), client_update(0)):
        writer.write_outputs("A", model, with_scores)
    for found in (
        reader.local_outputs("d", "A"),
        reader.second_local_outputs("d", "A"),
        reader.global_outputs("d", "A", 0),
        reader.update_outputs("d", "A", 0),
    ):
        assert found.classes["local"].tolist() == [0, 1, 0]
        np.testing.assert_allclose(found.scores["local"], scores, atol=1e-3)
    assert reader.output_rounds("d", "A") == (0,)


def test_weights_and_what_belongs_to_them_are_read_back(writer, reader):
    writer.write_samples(KIND, [records(3), records(3)])
    writer.write_model_info()
    curves = np.array([[0.5, 0.6], [0.7, 0.8]])
    writer.write_validation(curves, curves, curves)
    for index in range(2):
        for owner in ("Server", "A", "B"):
            layers = (np.arange(3.0) + index, np.arange(4.0))  # ragged: of different lengths
            writer.write_weights(owner, index, SampledParameters(layers, np.arange(5.0)))
    writer.write_initial_weights(SampledParameters((np.zeros(3), np.zeros(4)), np.zeros(5)))
    cosines = np.full((3, 2), 0.25)
    writer.write_cosines({"A": cosines, "B": -cosines})
    writer.write_norms({name: np.ones((3, 3, 2)) for name in "AB"})
    writer.write_shares({name: np.array([0.5, np.nan]) for name in "AB"})
    weights = reader.weights("d", "B")
    np.testing.assert_allclose(weights.client[0], [[0, 1, 2], [1, 2, 3]])
    np.testing.assert_allclose(weights.cosines, -0.25)
    np.testing.assert_allclose(weights.norms, 1)
    np.testing.assert_allclose(weights.shares, [0.5, np.nan])
    assert weights.layer_names == ("conv1", "fc")
    np.testing.assert_allclose(reader.history("d").val_acc, curves)


def test_summary_and_manifest_are_read_back(writer, reader):
    writer.write_samples(KIND, [records(3), records(3)])
    counts = np.arange(4.0).reshape(2, 2)
    writer.write_summary(Summary(counts, counts, counts, counts / 4, np.array([[1, 2], [3, 4]])))
    writer.write_manifest("client", "FedProx", {"A": [1, 0]})
    np.testing.assert_allclose(reader.summary("d").inconsistent, counts)
    manifest = reader.manifest("d")
    assert manifest["aggregation"] == "FedProx"
    assert manifest["rounds"] == {"A": [0, 1]}


def test_equal_arrays_give_equal_bytes(writer):
    writer.write_model_info()
    path = writer.history / "model_info.npz"
    first = path.read_bytes()
    writer.write_model_info()
    assert path.read_bytes() == first
    assert [entry.name for entry in path.parent.iterdir()] == ["model_info.npz"]  # no partial file


def test_a_write_that_fails_leaves_the_file_of_before(writer, monkeypatch):
    writer.write_shares({"A": np.ones(2)})
    path = writer.history / "weights" / "shares.npz"
    before = path.read_bytes()

    def no_room(*_args: object, **_options: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(np.lib.format, "write_array", no_room)
    with pytest.raises(OSError, match="no space left"):
        writer.write_shares({"A": np.zeros(2)})
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["shares.npz"]


def test_a_client_may_have_the_name_of_a_keyword(tmp_path):
    writer = HistoryWriter(tmp_path, tmp_path, ("file",), ("fc",), ("no",))
    writer.write_shares({"file": np.ones(2)})
    with np.load(tmp_path / "weights" / "shares.npz", allow_pickle=False) as archive:
        assert archive["file"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (("A", "A"), "expected one or more different names"),
        ((), "expected one or more different names"),
        (("../A",), "expected one that fits in a file name"),
        (("Server",), "may not be called 'Server'"),
    ],
)
def test_unfit_names_are_refused(tmp_path, names, message):
    with pytest.raises(ValueError, match=message):
        HistoryWriter(tmp_path, tmp_path, names, ("fc",), ("no",))


def test_wrong_arrays_are_refused_by_file_and_key(writer):
    curves = np.full((2, 2), 0.5)
    with pytest.raises(ValueError, match=r"samples.npz: records of 1 clients, expected 2"):
        writer.write_samples(KIND, [records(3)])
    wide = Records({"local": np.zeros((3, 7), np.uint8)})
    with pytest.raises(ValueError, match=r"'local of A' is \(3, 7\), expected \(n, 6\)"):
        writer.write_samples(KIND, [wide, wide])
    with pytest.raises(ValueError, match=r"'val_acc' runs from 50 to 50, expected fractions"):
        writer.write_validation(curves, curves * 100, curves)
    with pytest.raises(ValueError, match=r"class ids from 0 to 2, expected 0 to 1"):
        writer.write_outputs("A", LOCAL, Answers({"local": np.array([0, 2])}))
    with pytest.raises(ValueError, match=r"no 'C'; there are A, B"):
        writer.write_outputs("C", LOCAL, Answers({}))
    with pytest.raises(ValueError, match="only Server has rounds"):
        writer.write_checkpoint("A", 3, {})
    with pytest.raises(ValueError, match="role 'boss', expected client or coordinator"):
        writer.write_manifest("boss", "FedAvg", {})
    assert not writer.home.exists()
