"""The command `migrate`: what it prepares and says."""

import pytest

from flhetero_dash.annotations import NoteStore
from preprocess.__main__ import main


@pytest.fixture
def migrate(capsys, monkeypatch):
    """Run the command on a database: its exit status and what it says."""

    def run(url: str) -> tuple[int, str]:
        monkeypatch.setenv("FLHETERO_DATABASE_URL", url)
        return main(["migrate"]), capsys.readouterr().out

    return run


def test_the_tables_are_prepared_and_stay_when_it_is_run_again(migrate, tmp_path):
    url = f"sqlite:///{tmp_path}/notes.sqlite"
    assert migrate(url) == (0, "the tables of the notes are ready\n")
    assert (tmp_path / "notes.sqlite").stat().st_size > 0
    assert migrate(url)[0] == 0
    store = NoteStore(url)
    assert store.notes() == ()
    store.close()


@pytest.mark.parametrize(
    ("url", "status", "told"),
    [
        ("postgres://me:hidden@127.0.0.1:1/x", 1, "preparing the tables failed: the server cannot"),
        ("mysql://me:hidden@db/x", 2, "DATABASE_URL is (not shown)"),
        ("postgres://me:hidden@db:port/x", 2, "DATABASE_URL is not shown"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(migrate, url, status, told):
    found, said = migrate(url)
    assert found == status
    assert told in said
    assert "hidden" not in said
