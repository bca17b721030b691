"""The files of a client by kind."""

import shutil
from typing import Any

import numpy as np
import pytest

from flhetero_dash.data.file_groups import MOST_ARRAYS, UNREADABLE, file_groups
from flhetero_dash.data.layout import Layout


@pytest.fixture
def layout(published, tmp_path):
    shutil.copytree(published / "datasets" / "mnist", tmp_path / "datasets" / "mnist")
    shutil.copytree(published / "history" / "mnist", tmp_path / "history" / "mnist")
    home, history = tmp_path / "datasets" / "mnist", tmp_path / "history" / "mnist"
    return Layout("mnist", home, history)


def by_what(layout, n_rounds=10):
    return {group.what: group for group in file_groups(layout, "Client-1", n_rounds)}


def test_every_file_of_the_client_is_counted_with_its_arrays(layout):
    groups = by_what(layout)
    of_client = groups["federated model's outputs"]
    paths = [layout.global_outputs("Client-1", index) for index in range(10)]
    assert of_client.n_files == 10
    assert of_client.n_bytes == sum(path.stat().st_size for path in paths)
    assert of_client.name == "Client-1_Server_r*.npz"
    assert of_client.folder == "history/mnist/outputs"
    assert of_client.arrays[0] == "local: 500, int64"
    assert of_client.rounds == (True,) * 10
    assert "client_names: 6, text" in groups["samples"].arrays
    assert groups["samples"].rounds is None
    assert groups["cosines"].arrays == ("Client-1: 5 x 10, float64", "5 more")
    assert groups["server's checkpoints"].arrays == ()


def test_what_is_missing_is_listed_without_files(layout):
    layout.global_outputs("Client-1", 3).unlink()
    shutil.rmtree(layout.history / "checkpoints")
    groups = by_what(layout)
    there = groups["federated model's outputs"].rounds
    assert [index for index, is_there in enumerate(there) if not is_there] == [3]
    checkpoints = groups["server's checkpoints"]
    assert (checkpoints.n_files, checkpoints.n_bytes, any(checkpoints.rounds)) == (0, 0, False)
    assert groups["norms"].n_files == 0


def test_without_a_round_and_with_a_broken_file_the_list_is_whole(layout):
    layout.local_outputs("Client-1").write_bytes(b"nothing")
    groups = by_what(layout, n_rounds=0)
    assert groups["stand-alone model's outputs"].arrays == (UNREADABLE,)
    assert groups["federated model's outputs"].rounds == ()


def test_of_many_arrays_some_are_described(layout, tmp_path):
    arrays: dict[str, Any] = {f"key{at}": np.zeros(2) for at in range(MOST_ARRAYS + 3)}
    np.savez(layout.summary, **arrays)
    assert by_what(layout)["counts of all clients"].arrays[-1] == "3 more"
