"""Large arrays: unpacked once for each content, and again only when they are gone."""

from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.data import ingest as module
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.ingest import Ingest


@pytest.fixture
def unpacked(monkeypatch):
    """Keys that were unpacked, in order."""
    keys = []
    original = Ingest._unpack

    def counted(self, archive, key, folder, stem):
        keys.append(key)
        return original(self, archive, key, folder, stem)

    monkeypatch.setattr(Ingest, "_unpack", counted)
    return keys


def written(folder: Path, array, key="local") -> Path:
    np.savez_compressed(folder / "x.npz", **{key: array})
    return folder / "x.npz"


def opened(path: Path, row: int, root: Path, n_clients=2):
    with Archive(path) as archive:
        return Ingest(root, n_clients, 3).array(archive, archive.keys[0], row, "A")


@pytest.mark.parametrize("kind", ["plain", "object"])
def test_all_clients_are_unpacked_together_and_once(tmp_path, unpacked, kind):
    array = np.arange(24.0).reshape(2, 4, 3)
    stored = np.empty(2, dtype=object) if kind == "object" else array
    if kind == "object":
        stored[0], stored[1] = array
    path = written(tmp_path, stored)
    for row in (1, 0, 1):
        np.testing.assert_array_equal(opened(path, row, tmp_path / "c"), array[row])
    assert unpacked == ["local"]


def test_a_copy_of_the_file_needs_no_unpacking(tmp_path, unpacked):
    path = written(tmp_path, np.zeros((2, 4, 3)))
    opened(path, 0, tmp_path / "c")
    opened(path.rename(tmp_path / "moved.npz"), 1, tmp_path / "c")
    assert unpacked == ["local"]


def test_other_content_is_unpacked_beside_it(tmp_path, unpacked):
    for value in (1, 2):
        found = opened(written(tmp_path, np.full((2, 4, 3), value)), 0, tmp_path / "c")
        assert (found == value).all()
    assert len(unpacked) == 2
    assert len(list((tmp_path / "c").iterdir())) == 2


def test_blocks_that_were_swept_away_or_cut_are_made_again(tmp_path, unpacked):
    path = written(tmp_path, np.ones((2, 4, 3)))
    for change in (Path.unlink, lambda block: block.write_bytes(b"cut")):
        opened(path, 0, tmp_path / "c")
        (block,) = (tmp_path / "c").rglob("*.npy")
        change(block)
        assert (opened(path, 0, tmp_path / "c") == 1).all()
    assert len(unpacked) == 3


def test_a_mapped_array_outlives_its_block(tmp_path):
    found = opened(written(tmp_path, np.ones((2, 4, 3))), 0, tmp_path / "c")
    for block in (tmp_path / "c").rglob("*.npy"):
        block.unlink()
    assert (found == 1).all()


def test_folders_are_private_and_a_key_is_no_path(tmp_path):
    opened(written(tmp_path, np.ones((2, 4, 3)), key="../../evil"), 0, tmp_path / "c")
    (folder,) = (tmp_path / "c").iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert not list(tmp_path.glob("evil*"))


def test_a_cache_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "c").write_text("a file, no folder")
    with pytest.raises(DataError, match=r"cannot unpack .*x\.npz .*setting CACHE_DIR"):
        opened(written(tmp_path, np.ones((2, 4, 3))), 0, tmp_path / "c")


def test_the_range_of_the_values_is_noted(tmp_path):
    array = np.array([[[1, np.nan, 3]], [[np.inf, np.nan, -np.inf]]])
    with Archive(written(tmp_path, array)) as archive:
        first, second = Ingest(tmp_path / "c", 2, 3).blocks(archive, "local")
    assert (first.n_bad, first.low, first.high) == (1, 1.0, 3.0)
    assert (second.n_bad, second.low, second.high) == (3, 0.0, 0.0)


def test_a_long_array_is_scanned_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "SCAN_ROWS", 2)
    array = np.zeros((2, 5, 3), np.float32)
    array[0, 4, 2] = np.nan
    with pytest.raises(DataError, match="'local' of A has 1 values of 15 that are not finite"):
        opened(written(tmp_path, array), 0, tmp_path / "c")
