"""Checkpoints: state dicts, and nothing else."""

import os
import zipfile
from collections import OrderedDict

import pytest
import torch

from flhetero_dash.data.checkpoints import read_state_dict
from flhetero_dash.data.errors import DamagedFileError, DataError


def saved(tmp_path, value):
    torch.save(value, tmp_path / "x.cp")
    return tmp_path / "x.cp"


def test_a_state_dict_is_read(tmp_path):
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    found = read_state_dict(saved(tmp_path, model.state_dict()))
    assert list(found) == list(model.state_dict())
    for name, tensor in model.state_dict().items():
        assert torch.equal(found[name], tensor)


def test_a_published_checkpoint_is_read(published):
    path = published / "history" / "mnist" / "checkpoints" / "Server" / "Server_r0.cp"
    assert read_state_dict(path)["conv1.0.weight"].shape == (8, 1, 5, 5)


class Runs:
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def test_nothing_in_it_is_run(tmp_path):
    path = saved(tmp_path, {"a": Runs(f"touch {tmp_path}/ran")})
    with pytest.raises(DataError, match=r"x\.cp: torch cannot read it"):
        read_state_dict(path)
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (torch.zeros(2), "holds a Tensor; expected what torch.save"),
        ({}, "holds a dict; expected"),
        ({"epoch": 3}, "'epoch' is a int; expected"),
        ({"state": {"a": torch.zeros(1)}}, "'state' is a dict; expected"),
        ({1: torch.zeros(1)}, "'1' is a Tensor; expected"),
        ({"a": torch.tensor([1.0, float("nan")])}, "'a' has 1 values of 2 that are not finite"),
        ({"a": torch.zeros(1).expand(1 << 40)}, "is no dense tensor"),
        ({"a": torch.zeros(2, 2).to_sparse()}, "is no dense tensor"),
        ({"a": torch.empty(1 << 40, device="meta")}, "is no dense tensor"),
    ],
)
def test_anything_else_is_told(tmp_path, value, message):
    with pytest.raises(DataError) as caught:
        read_state_dict(saved(tmp_path, value))
    assert message in str(caught.value)


def test_an_altered_tensor_is_found_by_its_checksum(tmp_path, impatient):
    path = saved(tmp_path, OrderedDict(a=torch.ones(1000)))
    raw = bytearray(path.read_bytes())
    raw[raw.index(torch.ones(4).numpy().tobytes()) + 100] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DataError, match="Bad CRC"):
        read_state_dict(path)


def test_a_file_that_is_cut_short_or_no_zip_is_told(tmp_path, impatient):
    path = saved(tmp_path, {"a": torch.ones(1000)})
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(DataError, match="without a zip directory"):
        read_state_dict(path)


def test_a_zip_without_tensors_is_told(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.cp", "w") as archive:
        archive.writestr("note.txt", "hello")
    with pytest.raises(DataError, match="holds 0 lists of tensors"):
        read_state_dict(tmp_path / "x.cp")


def test_an_absent_file_is_told(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_state_dict(tmp_path / "x.cp")


def test_a_damaged_file_is_a_kind_of_data_error():
    assert issubclass(DamagedFileError, DataError)
