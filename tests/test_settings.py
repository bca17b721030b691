"""Settings from the file and the environment."""

import os
import pickle
from dataclasses import fields
from pathlib import Path

import pytest

from flhetero_dash.settings import NAMES, Settings, SettingsError

GIB = 1 << 30


def test_defaults_need_no_file(tmp_path):
    settings = Settings.load(tmp_path, {})
    assert settings.data_dir == tmp_path / "data"
    assert settings.cache_dir == tmp_path / "data" / "cache"
    assert settings.data_home is None
    assert settings.use_gpu is None
    assert (settings.host, settings.port) == ("127.0.0.1", 8050)
    assert settings.cache_bytes == 4 * GIB
    assert settings.max_clustered == 8_000


def test_every_field_has_a_name_of_the_layout():
    assert {name.lower() for name in NAMES} == {entry.name for entry in fields(Settings)}


def test_the_founding_documents_file_is_read(tmp_path):
    (tmp_path / "local_settings.py").write_text(
        "import os\nfrom pathlib import Path\n"
        "BASE_DIR = Path(__file__).resolve().parent\n"
        "DATA_DIR = os.path.join(BASE_DIR, 'data')\n"
        "CACHE_DIR = os.path.join(DATA_DIR, 'cache')\n"
        "DATA_HOME = {'mnist': os.path.join(DATA_DIR, 'datasets', 'mnist')}\n"
        "HISTORY_DIR = {'mnist': os.path.join(DATA_DIR, 'history', 'mnist')}\n"
        "USE_GPU = True\n"
    )
    settings = Settings.load(tmp_path, {})
    assert settings.data_home == {"mnist": tmp_path / "data" / "datasets" / "mnist"}
    assert settings.history_dir == {"mnist": tmp_path / "data" / "history" / "mnist"}
    assert settings.use_gpu is True


def test_the_environment_wins(tmp_path):
    (tmp_path / "local_settings.py").write_text("PORT = 1234\nUSE_GPU = True\n")
    settings = Settings.load(
        tmp_path,
        {
            "FLHETERO_PORT": "4321",
            "PORT": "9",
            "FLHETERO_USE_GPU": "false",
            "FLHETERO_DATA_DIR": "elsewhere",
            "FLHETERO_DATA_HOME": '{"a": "x/a"}',
            "FLHETERO_NORMALIZE": '{"a": [[0.1, 0.2], [1, 2]]}',
            "FLHETERO_MODELS": '{"a": "nets.mine:Net"}',
            "FLHETERO_TRUSTED_HOSTS": "a.example, b.example",
            "FLHETERO_REDIS_URL": "redis://localhost",
            "FLHETERO_SECRET_KEY": "s3cret",
        },
    )
    assert settings.port == 4321
    assert settings.use_gpu is False
    assert settings.data_dir == tmp_path / "elsewhere"
    assert settings.data_home == {"a": tmp_path / "x" / "a"}
    assert settings.normalize == {"a": ((0.1, 0.2), (1.0, 2.0))}
    assert settings.models == {"a": "nets.mine:Net"}
    assert settings.trusted_hosts == ("a.example", "b.example")
    assert "s3cret" not in repr(settings)


def test_hosts_set_some_names_without_our_prefix(tmp_path):
    settings = Settings.load(tmp_path, {"PORT": "81", "DATABASE_URL": "postgres://db/x"})
    assert settings.port == 81
    assert settings.database_url == "postgres://db/x"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "eighty", "a whole number of at least 0 and at most 65535"),
        ("PORT", "70000", "at most 65535"),
        ("USE_GPU", "maybe", "True, False or 'auto'"),
        ("DATA_HOME", "[1]", "a dict of dataset name to folder"),
        ("DATA_HOME", "{", "a dict of dataset name to folder"),
        ("HISTORY_DIR", '{"a": 3}', "a dict of dataset name to folder"),
        ("MODELS", '{"a": "no colon"}', "'package.module:Class'"),
        ("NORMALIZE", '{"a": [[0.5], [0]]}', "every std above 0"),
        ("NORMALIZE", '{"a": [[0.5, 0.5], [1]]}', "as many of each"),
        ("CACHE_BYTES", "-1", "a whole number of at least 1"),
        ("MAX_CLUSTERED", "1", "at least 2"),
        ("REDIS_URL", "localhost:6379", "redis://"),
        ("DATABASE_URL", "mysql://x", "sqlite://"),
    ],
)
def test_a_wrong_value_stops_the_start(tmp_path, name, value, expected):
    with pytest.raises(SettingsError, match=f"^{name} is ") as caught:
        Settings.load(tmp_path, {f"FLHETERO_{name}": value})
    assert expected in str(caught.value)
    shown = "(not shown)" if name == "DATABASE_URL" else value
    assert shown in str(caught.value)


@pytest.mark.parametrize("name", ["AUTH", "USERS"])
def test_a_sign_in_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(SettingsError, match=f"{name} is set, but this version has no sign-in"):
        Settings.load(tmp_path, {f"FLHETERO_{name}": "basic"})


def test_an_unknown_name_is_told(tmp_path, caplog):
    Settings.load(tmp_path, {"FLHETERO_PROT": "80"})
    assert "FLHETERO_PROT is no setting" in caplog.text


def test_a_pool_process_gets_equal_settings(tmp_path):
    settings = Settings.load(tmp_path, {"FLHETERO_MODELS": '{"a": "m:N"}'})
    copy = pickle.loads(pickle.dumps(settings))  # noqa: S301 - as the pool does it
    assert copy == settings
    assert hash(copy) == hash(settings)


def test_a_data_folder_that_cannot_be_written_is_left_alone(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(os, "access", lambda path, _mode: tmp_path / "data" != Path(path))
    settings = Settings.load(tmp_path, {})
    assert settings.cache_dir.is_relative_to(tmp_path / "state" / "flhetero_dash")
