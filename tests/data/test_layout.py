"""Names and places of files."""

from pathlib import Path

import pytest

from flhetero_dash.data.errors import DataError
from flhetero_dash.data.layout import Layout, checked_name


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\0b", "/etc", "\ud800"])
def test_a_name_never_leaves_its_folder(name):
    with pytest.raises(DataError, match="thing .* cannot be used"):
        checked_name(name, "thing")


@pytest.mark.parametrize("name", ["Client-0", "Klinik München", "...", "a.b", "病院"])
def test_other_names_are_left_as_they_are(name):
    assert checked_name(name, "thing") == name


def test_every_path_checks_the_name_it_takes(tmp_path):
    layout = Layout("d", tmp_path, tmp_path)
    for locate in (
        layout.client_samples,
        layout.local_outputs,
        layout.second_local_outputs,
        lambda name: layout.global_outputs(name, 0),
        lambda name: layout.update_outputs(name, 0),
        lambda name: layout.round_weights(name, 0),
        lambda name: layout.checkpoint(name, None),
        layout.output_rounds,
        layout.weight_rounds,
    ):
        with pytest.raises(DataError, match="cannot be used"):
            locate("../x")
    with pytest.raises(DataError, match="dataset '../x' cannot be used"):
        Layout("../x", tmp_path, tmp_path).affinity()


def test_rounds_are_listed_by_their_numbers(tmp_path):
    outputs = tmp_path / "outputs"
    outputs.mkdir()
    for name in ("A_Server_r10", "A_Server_r2", "A_Server_r02", "A_Server_rx", "AB_Server_r3"):
        (outputs / f"{name}.npz").touch()
    (outputs / "A_Server_r4.npz.part").touch()
    layout = Layout("d", tmp_path, tmp_path)
    assert layout.output_rounds("A") == (2, 10)
    assert layout.n_rounds_listed(("A", "AB")) == 11
    assert layout.n_rounds_listed(("C",)) == 0
    assert layout.weight_rounds("A") == ()


def test_an_affinity_file_beside_the_data_is_found_when_the_cache_is_elsewhere(tmp_path):
    beside = tmp_path / "data" / "cache"
    beside.mkdir(parents=True)
    layout = Layout("d", tmp_path, tmp_path, (tmp_path / "cache", beside))
    assert layout.affinity() is None
    (beside / "affinity_d.npz").touch()
    assert layout.affinity() == beside / "affinity_d.npz"


def test_checkpoints_lie_where_the_layout_says():
    layout = Layout("d", Path("home"), Path("run"))
    assert str(layout.checkpoint("A", None)) == "run/checkpoints/A/A_Local_best.cp"
    assert str(layout.checkpoint("A", 3)) == "run/checkpoints/Server/Server_r3.cp"
