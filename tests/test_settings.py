"""Settings from the file and the environment."""

import os
import pickle
from dataclasses import fields
from pathlib import Path

import pytest

from flhetero_dash.settings import NAMES, WITHOUT_EFFECT, Settings, SettingsError

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


# Of each name: a value in the file, the same in the environment, what comes of it.
EVERY_NAME = {
    "DATA_DIR": ("there", "there", "ROOT/there"),
    "CACHE_DIR": ("/elsewhere/x", "/elsewhere/x", Path("/elsewhere/x")),
    "DATA_HOME": ({"a": "x"}, '{"a": "x"}', {"a": "ROOT/x"}),
    "HISTORY_DIR": ({"a": "/y"}, '{"a": "/y"}', {"a": Path("/y")}),
    "USE_GPU": (False, "False", False),
    "MODELS": ({"a": "b.c:D"}, '{"a": "b.c:D"}', {"a": "b.c:D"}),
    "NORMALIZE": ({"a": ([0.1], [2])}, '{"a": [[0.1], [2]]}', {"a": ((0.1,), (2.0,))}),
    "DATABASE_URL": ("sqlite:////x/a.db", "sqlite:////x/a.db", "sqlite:////x/a.db"),
    "REDIS_URL": ("redis://a", "redis://a", "redis://a"),
    "HOST": ("0.0.0.0", "0.0.0.0", "0.0.0.0"),  # noqa: S104 - only a name
    "PORT": (81, "81", 81),
    "SECRET_KEY": ("s", "s", "s"),
    "TRUSTED_HOSTS": (["a", "b"], "a, b,", ("a", "b")),
    "CACHE_BYTES": (5 * GIB, "5368709120", 5 * GIB),
    "MEMORY_BYTES": (1, "1", 1),
    "MAX_ARRAY_BYTES": (7, " 7 ", 7),
    "MAX_CLUSTERED": (2, "2", 2),
}


def test_every_name_is_tried():
    assert set(EVERY_NAME) | set(WITHOUT_EFFECT) == set(NAMES)


def in_folder(value, root):
    """Put the folder where the word ROOT stands."""
    if isinstance(value, dict):
        return {key: in_folder(entry, root) for key, entry in value.items()}
    if isinstance(value, str) and value.startswith("ROOT/"):
        return root / value.removeprefix("ROOT/")
    return value


@pytest.mark.parametrize("name", EVERY_NAME)
def test_each_name_is_read_from_the_file_and_from_the_environment(tmp_path, name):
    in_file, in_environment, expected = EVERY_NAME[name]
    expected = in_folder(expected, tmp_path)
    assert getattr(Settings.load(tmp_path, {}), name.lower()) != expected
    alone = Settings.load(tmp_path, {f"FLHETERO_{name}": in_environment})
    assert getattr(alone, name.lower()) == expected
    (tmp_path / "local_settings.py").write_text(f"{name} = {in_file!r}\n")
    assert getattr(Settings.load(tmp_path, {}), name.lower()) == expected


def test_none_in_the_file_and_nothing_in_the_environment_mean_the_default(tmp_path):
    lines = "".join(f"{name} = None\n" for name in NAMES)
    (tmp_path / "local_settings.py").write_text(lines)
    nothing = {f"FLHETERO_{name}": "" for name in NAMES} | {"PORT": ""}
    loaded = Settings.load(tmp_path, nothing)
    (tmp_path / "local_settings.py").unlink()
    assert loaded == Settings.load(tmp_path, {})


@pytest.mark.parametrize(
    ("text", "use_gpu"),
    [("auto", None), ("AUTO", None), ("1", True), ("true", True), ("0", False), ("False", False)],
)
def test_use_gpu_has_three_answers(tmp_path, text, use_gpu):
    assert Settings.load(tmp_path, {"FLHETERO_USE_GPU": text}).use_gpu is use_gpu


def test_paths_are_absolute_also_when_the_programs_is_not(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = Settings.load(Path(), {"FLHETERO_DATA_HOME": '{"a": "x"}'})
    assert settings.data_dir == tmp_path / "data"
    assert settings.data_home == {"a": tmp_path / "x"}


def test_hosts_set_some_names_without_our_prefix(tmp_path):
    settings = Settings.load(tmp_path, {"PORT": "81", "DATABASE_URL": "postgres://db/x"})
    assert settings.port == 81
    assert settings.database_url == "postgres://db/x"


def test_the_file_of_the_notes_is_found_from_the_programs_folder(tmp_path, monkeypatch):
    monkeypatch.chdir("/")
    settings = Settings.load(tmp_path, {"DATABASE_URL": "sqlite:///kept/n.sqlite"})
    assert settings.database_url == f"sqlite:///{tmp_path}/kept/n.sqlite"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("PORT", "eighty", "a whole number of at least 0 and at most 65535"),
        ("PORT", "70000", "at most 65535"),
        ("PORT", "8" * 30, "at most 65535"),
        ("PORT", "-1", "at least 0"),
        ("HOST", " ", "a text"),
        ("DATA_DIR", "~nobody-of-that-name/data", "a user who has a home"),
        ("MODELS", "[]", "a dict of dataset name"),
        ("MEMORY_BYTES", "2 GiB", "a whole number"),
        ("MAX_ARRAY_BYTES", "0", "at least 1"),
        ("NORMALIZE", '{"a": [[0.5]]}', "(means, stds)"),
        ("NORMALIZE", '{"a": ["12", "34"]}', "(means, stds)"),
        ("NORMALIZE", '{"a": [[NaN], [1]]}', "(means, stds)"),
        ("TRUSTED_HOSTS", " , ", "host names"),
        ("SECRET_KEY", " ", "a text"),
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
        ("DATABASE_URL", "sqlite://", "sqlite:///FILE"),
        ("DATABASE_URL", "sqlite://a.db", "sqlite:///FILE"),
        ("DATABASE_URL", "sqlite:///:memory:", "sqlite:///FILE"),
    ],
)
def test_a_wrong_value_stops_the_start(tmp_path, name, value, expected):
    with pytest.raises(SettingsError, match=f"^{name} is ") as caught:
        Settings.load(tmp_path, {f"FLHETERO_{name}": value})
    assert expected in str(caught.value)
    shown = "(not shown)" if name in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY"} else value
    assert shown in str(caught.value)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("PORT = True", "a whole number"),
        ("PORT = 80.5", "a whole number"),
        ("DATA_DIR = 3", "a path"),
        ("DATA_DIR = ''", "a path"),
        ("DATA_HOME = {3: 'a'}", "a dict of dataset name to folder"),
        ("DATA_HOME = {'': 'a'}", "a dict of dataset name to folder"),
        ("NORMALIZE = {'a': 3}", "(means, stds)"),
        ("TRUSTED_HOSTS = [3]", "host names"),
        ("HOST = 3", "a text"),
    ],
)
def test_a_wrong_value_in_the_file_stops_the_start(tmp_path, line, expected):
    (tmp_path / "local_settings.py").write_text(line)
    with pytest.raises(SettingsError) as caught:
        Settings.load(tmp_path, {})
    assert str(caught.value).startswith(f"{line.split(' = ')[0]} is ")
    assert expected in str(caught.value)


def test_no_password_is_shown(tmp_path):
    urls = {"DATABASE_URL": "postgres://me:hidden@db/x", "REDIS_URL": "redis://:hidden@db"}
    assert "hidden" not in repr(Settings.load(tmp_path, urls))
    with pytest.raises(SettingsError) as caught:
        Settings.load(tmp_path, {"REDIS_URL": "reddis://:hidden@db"})
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("name", ["AUTH", "USERS"])
def test_a_sign_in_that_is_not_there_is_refused(tmp_path, name):
    with pytest.raises(SettingsError, match=f"{name} is set, but this version has no sign-in"):
        Settings.load(tmp_path, {f"FLHETERO_{name}": "basic"})


def test_an_unknown_name_is_told(tmp_path, caplog):
    Settings.load(tmp_path, {"FLHETERO_PROT": "80"})
    assert "FLHETERO_PROT is no setting" in caplog.text
    assert "PORT" in caplog.text  # the names that there are


def test_a_pool_process_gets_equal_settings(tmp_path):
    settings = Settings.load(tmp_path, {"FLHETERO_MODELS": '{"a": "m:N"}'})
    copy = pickle.loads(pickle.dumps(settings))  # noqa: S301 - as the pool does it
    assert copy == settings
    assert hash(copy) == hash(settings)


def test_equal_settings_have_one_hash():
    one = Settings(Path("d"), Path("c"), models={"a": "m:A", "b": "m:B"})
    other = Settings(Path("d"), Path("c"), models={"b": "m:B", "a": "m:A"})
    assert one == other
    assert hash(one) == hash(other)


def test_a_data_folder_that_cannot_be_written_is_left_alone(tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(os, "access", lambda path, _mode: tmp_path / "data" != Path(path))
    settings = Settings.load(tmp_path, {})
    assert settings.cache_dir.is_relative_to(tmp_path / "state" / "flhetero_dash")
    other = Settings.load(tmp_path, {"FLHETERO_DATA_DIR": str(tmp_path / "data" / "..")})
    assert other.cache_dir != settings.cache_dir
    chosen = Settings.load(tmp_path, {"FLHETERO_CACHE_DIR": "mine"})
    assert chosen.cache_dir == tmp_path / "mine"
    assert list((tmp_path / "data").iterdir()) == []  # loading makes nothing


def test_where_nothing_can_be_written_the_setting_is_named(tmp_path, monkeypatch):
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_STATE_HOME", raising=False)
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)
    monkeypatch.setattr(Path, "home", homeless)
    with pytest.raises(SettingsError, match="no home; set CACHE_DIR"):
        Settings.load(tmp_path, {})
