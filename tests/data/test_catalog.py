"""Which datasets there are: folders, settings, and what is told of those that cannot be used."""

from dataclasses import replace
from pathlib import Path

import pytest

from flhetero_dash.data.catalog import Layouts, dataset_entries, layout_of
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.settings import Settings


def test_every_folder_with_samples_and_a_history_is_a_dataset(small):
    settings = small.write().settings
    (entry,) = dataset_entries(settings)
    assert (entry.name, entry.home, entry.history) == ("small", small.home, small.history)
    assert entry.problem is None


def test_no_folders_no_datasets(tmp_path):
    assert dataset_entries(Settings(data_dir=tmp_path / "absent", cache_dir=tmp_path)) == ()


def test_a_dataset_with_one_folder_only_is_listed_with_the_reason(small):
    data = small.write().settings.data_dir
    (data / "datasets" / "alone").mkdir()
    (data / "history" / "orphan").mkdir()
    (data / "datasets" / ".hidden").mkdir()
    (data / "datasets" / "empty").mkdir()
    (data / "history" / "empty").mkdir()
    problems = {entry.name: str(entry.problem) for entry in dataset_entries(small.settings)}
    assert set(problems) == {"alone", "empty", "orphan", "small"}
    assert "whose history is not in" in problems["alone"]
    assert "whose samples are not in" in problems["orphan"]
    assert "samples.npz: no such file" in problems["empty"]
    assert problems["small"] == "None"
    with pytest.raises(DataError, match="whose history is not in"):
        layout_of(small.settings, "alone")


def test_settings_name_the_folders(small):
    settings = replace(
        small.write().settings,
        data_home={"mine": small.home, "half": small.home},
        history_dir={"mine": small.history, "../x": small.history},
    )
    problems = {entry.name: str(entry.problem) for entry in dataset_entries(settings)}
    assert problems["mine"] == "None"
    assert problems["half"].endswith("whose history is not in HISTORY_DIR")
    assert "dataset '../x' cannot be used" in problems["../x"]
    assert layout_of(settings, "mine").home == small.home


@pytest.mark.parametrize("name", ["other", "../small", "", ".", ".hidden", "a\0b", 300 * "a"])
def test_an_unknown_name_never_becomes_a_path(small, name):
    settings = small.write().settings
    (settings.data_dir / "datasets" / ".hidden").mkdir()
    with pytest.raises(UnknownNameError, match="there are: small"):
        layout_of(settings, name)


def test_other_datasets_are_not_looked_at(small, monkeypatch):
    settings = small.write().settings
    monkeypatch.setattr(Path, "iterdir", lambda _: pytest.fail("listed"))
    assert layout_of(settings, "small").history == small.history


def test_a_folder_that_goes_is_noticed_though_it_was_looked_up_before(tmp_path):
    samples, history = tmp_path / "datasets" / "d" / "samples.npz", tmp_path / "history" / "d"
    for folder in (samples.parent, history):
        folder.mkdir(parents=True)
    samples.write_bytes(b"")
    layouts = Layouts(Settings(tmp_path, tmp_path / "cache"))
    assert layouts.of("d") is layouts.of("d")
    history.rmdir()
    with pytest.raises(DataError, match="whose history is not in"):
        layouts.of("d")
    history.mkdir()
    assert layouts.of("d").history == history
