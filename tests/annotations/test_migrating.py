"""Tables are made by steps, end as the models say, and are never taken back by an older program."""

import fcntl
import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from flhetero_dash.annotations import NoteStore, StorageError, migrating
from flhetero_dash.annotations.models import Base


def engine_of(url: str):
    return create_engine(url.replace("postgres://", "postgresql+psycopg://"))


def test_the_steps_end_where_the_models_are(store, url):
    store.revision()
    engine = engine_of(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": migrating.TABLE, "compare_type": True}
        )
        assert compare_metadata(context, Base.metadata) == []
        assert {"notes", "notes_state"} <= set(inspect(connection).get_table_names())
    engine.dispose()


def test_migrating_again_changes_nothing(store, draft):
    note = store.add(draft())
    revision = store.revision()
    store.migrate()
    assert store.notes() == (note,)
    assert store.revision() == revision


def test_sqlite_is_set_up_for_readers_beside_a_writer(sqlite_store, tmp_path):
    sqlite_store.revision()
    assert (tmp_path / "notes.sqlite").stat().st_mode & 0o077 == 0  # for nobody else to read
    with sqlite_store._database.writing("testing") as session:
        assert session.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert session.execute(text("PRAGMA synchronous")).scalar() == 1  # NORMAL
        assert session.execute(text("PRAGMA busy_timeout")).scalar() == 15_000


def test_a_new_file_is_made_by_one_process_at_a_time(sqlite_store, tmp_path, monkeypatch):
    make_file, is_locked = migrating._make_file, []

    def watched(engine, path) -> None:
        with (tmp_path / ".notes.sqlite.lock").open("ab") as other:
            try:
                fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
                is_locked.append(False)
            except BlockingIOError:
                is_locked.append(True)
        make_file(engine, path)

    monkeypatch.setattr(migrating, "_make_file", watched)
    sqlite_store.migrate()
    assert is_locked == [True]
    sqlite_store.migrate()
    assert is_locked == [True]  # what is there needs no lock


def test_a_file_of_a_newer_program_is_left_alone(store, url, draft):
    note = store.add(draft())
    engine = engine_of(url)

    def become(version: str) -> None:
        store.close()
        with engine.begin() as connection:
            connection.execute(text("UPDATE notes_migration SET version_num = :v"), {"v": version})

    become("9999")
    for use in (store.notes, store.migrate):
        with pytest.raises(StorageError, match="is of version 9999; .*Update the program"):
            use()
    become("0001")
    assert store.notes() == (note,)
    engine.dispose()


STEP = '''"""A step that fails half way."""
from alembic import op
import sqlalchemy as sa
revision, down_revision = "0002", "0001"
def upgrade():
    op.add_column("notes", sa.Column("half", sa.Text))
    op.execute("INSERT INTO no_such_table VALUES (1)")
'''


def test_a_step_that_fails_leaves_the_tables_as_they_were(store, url, draft, tmp_path, monkeypatch):
    note = store.add(draft())
    store.close()
    steps = tmp_path / "steps"
    shutil.copytree(migrating.STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    (steps / "versions" / "v0002_half.py").write_text(STEP)
    with monkeypatch.context() as patch:
        patch.setattr(migrating, "STEPS", steps)
        with pytest.raises(StorageError, match="preparing the tables failed"):
            store.migrate()
    engine = engine_of(url)
    assert "half" not in {column["name"] for column in inspect(engine).get_columns("notes")}
    engine.dispose()
    assert store.notes() == (note,)


def test_steps_are_found_from_any_folder_and_belong_to_the_package(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    store = NoteStore("sqlite:///notes.sqlite")
    assert store.notes() == ()
    store.close()
    assert Path(migrating.__file__).parent in migrating.STEPS.parents
