"""The command `affinity`: what it writes is what both systems read."""

import io
import pickle

import numpy as np
import pytest

from flhetero_dash.analysis.rank_clustering import rank_dissimilarity
from flhetero_dash.analysis.rank_products import products_fit
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings
from preprocess.__main__ import main


@pytest.fixture
def affinity(published, tmp_path, capsys, monkeypatch):
    """Run the command on the published history: its exit status and what it says."""
    monkeypatch.setenv("FLHETERO_DATA_DIR", str(published))
    monkeypatch.setenv("FLHETERO_CACHE_DIR", str(tmp_path / "cache"))

    def run(*options, dataset="mnist"):
        status = main(["affinity", "--dataset", dataset, *options])
        return status, capsys.readouterr().out

    return run


def test_the_published_reader_and_ours_read_the_same(affinity, published, tmp_path):
    status, said = affinity()
    path = tmp_path / "cache" / "affinity_mnist.npz"
    assert status == 0
    assert f"wrote {path}" in said
    reader = HistoryReader(Settings(published, tmp_path / "cache"))
    for client in ("Client-0", "Client-5"):
        for kind, X in reader.samples("mnist", client).inputs.items():
            theirs = np.load(path, allow_pickle=True)[client].item()[kind]
            assert theirs.dtype == np.float64
            np.testing.assert_array_equal(theirs, rank_dissimilarity(X, np.arange(len(X))))
            ours = reader.affinity("mnist", client, kind)
            assert ours is not None
            np.testing.assert_array_equal(ours, theirs)
            assert products_fit(ours, X)


def test_the_pickle_names_nothing_but_numpys_arrays(affinity, tmp_path):
    affinity("--out", str(tmp_path / "a.npz"))
    with np.load(tmp_path / "a.npz") as archive:
        data = archive.zip.read("Client-0.npy")
    called = set()

    class Noting(pickle.Unpickler):
        def find_class(self, module, name):
            called.add(f"{module}.{name}")
            return super().find_class(module, name)

    Noting(io.BytesIO(data[data.index(b"\n") + 1 :])).load()
    core = "numpy._core.multiarray"
    assert called == {f"{core}._reconstruct", "numpy.ndarray", "numpy.dtype"}


def test_a_file_that_is_there_is_left_alone(affinity, tmp_path):
    path = tmp_path / "mine.npz"
    path.write_text("mine")
    status, said = affinity("--out", str(path))
    assert status == 1
    assert "is there already; remove it first" in said
    assert path.read_text() == "mine"


def test_an_unknown_dataset_is_told(affinity):
    status, said = affinity(dataset="nope")
    assert status == 2
    assert "no dataset 'nope'" in said


def test_large_data_is_refused_with_the_reason(affinity, monkeypatch, tmp_path):
    monkeypatch.setenv("FLHETERO_MEMORY_BYTES", "1000000")
    status, said = affinity()
    assert status == 1
    assert "the products of Client-0 (500 local" in said
    assert "setting MEMORY_BYTES" in said
    assert not (tmp_path / "cache" / "affinity_mnist.npz").exists()


def test_a_folder_that_cannot_be_written_to_is_told(affinity, tmp_path):
    (tmp_path / "file").write_text("")
    status, said = affinity("--out", str(tmp_path / "file" / "a.npz"))
    assert status == 1
    assert "cannot be written" in said
