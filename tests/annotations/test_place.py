"""Where the notes lie: beside the data, never in the cache, and where they lay before."""

import os
from pathlib import Path

import pytest

from flhetero_dash.annotations import NoteStore, notes_url
from flhetero_dash.settings import Settings


@pytest.fixture
def settings(tmp_path, monkeypatch) -> Settings:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "data").mkdir()
    return Settings.load(tmp_path, {})


def forbid(folder: Path, monkeypatch) -> None:
    """Let a folder be one that cannot be written to, for root too."""
    monkeypatch.setattr(os, "access", lambda path, _mode: not Path(path).is_relative_to(folder))


def test_notes_lie_beside_the_data_and_outside_the_cache(settings):
    assert notes_url(settings) == f"sqlite:///{settings.data_dir}/notes.sqlite"
    assert not (settings.data_dir / "notes.sqlite").is_relative_to(settings.cache_dir)
    assert list(settings.data_dir.iterdir()) == []  # asking makes nothing


def test_the_setting_goes_before(tmp_path):
    settings = Settings.load(tmp_path, {"DATABASE_URL": "postgres://db/x"})
    assert notes_url(settings) == "postgres://db/x"


def test_where_the_data_cannot_be_written_they_lie_with_the_user(settings, tmp_path, monkeypatch):
    forbid(settings.data_dir, monkeypatch)
    path = Path(notes_url(settings).removeprefix("sqlite:///"))
    assert path.is_relative_to(tmp_path / "home" / ".local" / "share" / "flhetero_dash")
    other = Settings.load(tmp_path, {"FLHETERO_DATA_DIR": str(tmp_path / "data" / "other")})
    assert notes_url(other) != notes_url(settings)


def test_notes_that_are_there_are_found_when_permissions_change(settings, monkeypatch):
    (settings.data_dir / "notes.sqlite").touch()
    with monkeypatch.context() as patch:
        forbid(settings.data_dir, patch)
        assert notes_url(settings) == f"sqlite:///{settings.data_dir}/notes.sqlite"
    (settings.data_dir / "notes.sqlite").unlink()
    with monkeypatch.context() as patch:
        forbid(settings.data_dir, patch)
        elsewhere = notes_url(settings)
        NoteStore(elsewhere).revision()
    assert notes_url(settings) == elsewhere


def test_a_user_without_a_home_gets_a_place_too(settings, monkeypatch):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", homeless)
    forbid(settings.data_dir, monkeypatch)
    assert notes_url(settings) == f"sqlite:///{settings.data_dir}/notes.sqlite"
