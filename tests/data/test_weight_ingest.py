"""Weights: unpacked once for each content, and again only when they are gone."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.data import identity, weight_ingest
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.data.weights import ClientWeights, read_vectors
from flhetero_dash.settings import Settings


@pytest.fixture
def inflated(monkeypatch):
    """Names of the files whose parameters were read, in order."""
    names = []
    original = read_vectors

    def noted(archive, n_layers):
        names.append(archive.path.name)
        return original(archive, n_layers)

    monkeypatch.setattr(weight_ingest, "read_vectors", noted)
    return names


@pytest.fixture
def settled(monkeypatch):
    """Files count as unchanged at once."""
    monkeypatch.setattr(identity, "SETTLED_S", -1.0)


def blocks(history) -> list[Path]:
    return sorted((history.settings.cache_dir / "arrays").glob("weights-1-*/rounds.npy"))


def weights_of(settings: Settings) -> ClientWeights:
    """Read client A's as a new process would."""
    found = HistoryReader(settings).weights("small", "A")
    assert found is not None
    return found


def same(one, other):
    for name in ("client", "server"):
        for mine, theirs in zip(getattr(one, name), getattr(other, name), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_nothing_is_inflated_twice(small, inflated):
    reader = small.reader()
    first = reader.weights("small", "A")
    assert sorted(inflated) == sorted(
        f"{owner}_r{index}.npz" for owner in ("A", "Server") for index in range(3)
    )
    inflated.clear()
    same(weights_of(small.settings), first)
    assert inflated == []
    reader.weights("small", "B")  # the server's are there already
    assert sorted(inflated) == ["B_r0.npz", "B_r1.npz", "B_r2.npz"]


def test_the_arrays_are_mapped_and_read_only(small):
    reader = small.reader()
    reader.weights("small", "A")
    layer = weights_of(small.settings).client[1]
    base: object = layer
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)
    assert layer.flags.c_contiguous
    assert not layer.flags.writeable


def test_a_later_process_does_not_even_open_the_files(small, settled, monkeypatch):
    small.reader().weights("small", "A")
    opened = []
    original = Archive.__init__

    def noted(self, path, *args):
        opened.append(path.name)
        original(self, path, *args)

    monkeypatch.setattr(Archive, "__init__", noted)
    weights_of(small.settings)
    assert not [name for name in opened if "_r" in name]


def test_files_that_changed_just_now_are_looked_at_again(small):
    small.reader().weights("small", "A")
    assert not (small.settings.cache_dir / "arrays" / "weights-seen").exists()


def test_a_copy_needs_no_unpacking(small, inflated):
    first = small.reader().weights("small", "A")
    inflated.clear()
    copy = Settings(data_dir=small.folder / "copy", cache_dir=small.settings.cache_dir)
    shutil.copytree(small.settings.data_dir, copy.data_dir)
    same(weights_of(copy), first)
    assert inflated == []


@pytest.mark.parametrize("change", ["content", "time"])
def test_another_content_is_unpacked_anew(small, settled, inflated, change):
    reader = small.reader()
    reader.weights("small", "A")
    inflated.clear()
    path = small.history / "weights" / "A_r1.npz"
    if change == "content":
        small.put(path, small.weights["B_r1"])
    else:
        os.utime(path)
    found = weights_of(small.settings)
    expected = small.weights["B_r1" if change == "content" else "A_r1"]
    np.testing.assert_array_equal(found.client[2][1], expected["all"])
    assert inflated == (["A_r0.npz", "A_r1.npz", "A_r2.npz"] if change == "content" else [])


@pytest.mark.parametrize("harm", ["block", "cut", "lengths", "note"])
def test_what_was_swept_away_or_cut_is_made_again(small, settled, harm):
    first = small.reader().weights("small", "A")
    expected = [np.array(layer) for layer in first.client]
    for block in blocks(small):
        if harm == "block":
            block.unlink()
        elif harm == "cut":
            block.write_bytes(block.read_bytes()[:-8])
        elif harm == "lengths":
            (block.parent / "lengths.json").write_text("[1, null]")
    if harm == "note":
        for note in (small.settings.cache_dir / "arrays/weights-seen").iterdir():
            note.write_text('"../../elsewhere"')
    again = weights_of(small.settings)
    for mine, theirs in zip(again.client, expected, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_cache_that_cannot_be_written_to_costs_time_only(small, caplog):
    expected = small.reader().weights("small", "A")
    other = small.folder / "other"
    other.write_text("a file, no folder")
    found = weights_of(Settings(small.settings.data_dir, other))
    same(found, expected)
    assert "cannot be written" in caplog.text


def test_other_layer_names_are_checked_anew(small):
    small.reader().weights("small", "A")
    small.put(small.history / "model_info.npz", {"layer_names": np.array(["only"])})
    with pytest.raises(DataError, match="expected a vector for each of 1 layers"):
        weights_of(small.settings)


def test_client_and_server_must_fit_each_other(small):
    for index in range(3):
        small.weights[f"A_r{index}"] = small.weights["A_r0"] | {"all": np.zeros(4)}
    with pytest.raises(DataError, match=r"A_r0\.npz: .*\(5, 7, 4\).*\(5, 7, 6\), as Server_r0"):
        small.reader().weights("small", "A")
