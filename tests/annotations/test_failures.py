"""What is told when a database does not do it; nothing is half done."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import IntegrityError

from flhetero_dash.annotations import NoteStore, StorageError, database, failures
from flhetero_dash.annotations.models import NoteRow

ROOT = Path(__file__).parents[2]


def test_a_full_disk_is_told_and_nothing_is_written(sqlite_store, draft, caplog):
    note = sqlite_store.add(draft())
    sqlite_store.close()

    def fill(connection, _record) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 4}")

    event.listen(Engine, "connect", fill)
    try:
        with pytest.raises(StorageError, match="saving the note failed: the disk is full") as told:
            sqlite_store.add(draft("x" * 99_000))
        assert "notes.sqlite" in str(told.value)
        assert "database or disk is full" in caplog.text  # the log has the driver's own words
        assert "xxx" not in caplog.text  # but not what people write
        with pytest.raises(StorageError, match="the disk is full"):
            sqlite_store.edit(note.id, 1, "x" * 99_000)
        assert sqlite_store.notes() == (note,)
        assert sqlite_store.edit(note.id, 1, "short").version == 2  # what has room is saved
    finally:
        event.remove(Engine, "connect", fill)
    sqlite_store.close()
    assert len(sqlite_store.add(draft("x" * 99_000)).text) == 99_000


WITHOUT_ROOM = """
import resource, signal, sys
from flhetero_dash.annotations import NoteDraft, NoteStore, StorageError
store = NoteStore(sys.argv[1])
store.revision()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))
draft = NoteDraft.of([1], dataset="d", samples="s", client="c", round_index=0, inputs="local",
                     text="x" * 20_000)
kept = []
try:
    while True:
        kept.append(store.add(draft).id)
except StorageError as error:
    print(error)
print(*kept, sep="\\n")
"""


def test_a_disk_that_fills_up_loses_nothing_that_was_acknowledged(sqlite_store, tmp_path):
    """No file may grow beyond a limit: the system refuses the write, not SQLite's own counting."""
    url = f"sqlite:///{tmp_path}/notes.sqlite"
    sqlite_store.revision()
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", WITHOUT_ROOM, url],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    message, *kept = run.stdout.split("\n")[:-1]
    assert "saving the note failed: the disk cannot be read or written, or is full" in message
    assert kept
    assert sorted(note.id for note in sqlite_store.notes()) == sorted(kept)


def test_a_database_that_is_locked_too_long_is_told(sqlite_store, draft, tmp_path, monkeypatch):
    monkeypatch.setattr(database, "WAIT_S", 0.1)
    note = sqlite_store.add(draft())
    holder = sqlite3.connect(tmp_path / "notes.sqlite", isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match="saving the note failed: others were writing"):
        sqlite_store.add(draft("other"))
    assert sqlite_store.notes() == (note,)  # who reads does not wait
    holder.execute("ROLLBACK")
    holder.close()
    assert sqlite_store.add(draft("other")).version == 1


def test_who_is_to_write_keeps_others_from_writing_from_the_beginning(
    sqlite_store, draft, monkeypatch
):
    monkeypatch.setattr(database, "WAIT_S", 0.1)
    note = sqlite_store.add(draft())
    with sqlite_store._database.writing("testing") as session:
        assert session.get(NoteRow, note.id).version == 1
        # Had this one been let in between, the change below would fail, and no waiting helps.
        with pytest.raises(StorageError, match="others were writing"):
            sqlite_store.add(draft("other"))
        session.get(NoteRow, note.id).version = 2
    assert sqlite_store.get(note.id).version == 2


def test_a_lock_of_postgresql_that_is_held_too_long_is_told(new_database, draft, monkeypatch):
    monkeypatch.setattr(database, "WAIT_S", 0.1)
    url = new_database()
    store = NoteStore(url)
    store.migrate()
    note = store.add(draft())
    engine = create_engine(url.replace("postgres://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        # Should the store wait for ever, the server lets go, and this test fails.
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = '5s'"))
        connection.execute(text("UPDATE notes_state SET revision = 'held'"))
        with pytest.raises(StorageError, match="deleting the note failed: others were writing"):
            store.delete(note.id, 1)
    assert store.delete(note.id, 1).version == 2
    engine.dispose()
    store.close()


AS_NOBODY = """
import os, sys
from flhetero_dash.annotations import NoteStore, StorageError
first, url = sys.argv[1:]
NoteStore(first).revision()  # all is imported that a user who may read little cannot
if os.geteuid() == 0:  # who may write anywhere
    os.setuid(65_534)
try:
    NoteStore(url).restore("0" * 32)
except StorageError as error:
    print(error)
"""


@pytest.mark.parametrize("there", [True, False])
def test_a_folder_that_cannot_be_written_is_told(draft, tmp_path, there):
    folder = tmp_path / "read-only"
    folder.mkdir()
    url = f"sqlite:///{folder}/notes.sqlite"
    if there:
        store = NoteStore(url)
        store.add(draft())
        store.close()
        (folder / "notes.sqlite").chmod(0o444)
    for parent in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        parent.chmod(0o755)  # pytest's own folders are its user's alone
    folder.chmod(0o555)
    program = [sys.executable, "-B", "-c", AS_NOBODY, f"sqlite:///{tmp_path}/first.sqlite", url]
    try:
        run = subprocess.run(  # noqa: S603 - our own program
            program, cwd=ROOT, capture_output=True, text=True, check=False
        )
    finally:
        folder.chmod(0o755)
    assert run.returncode == 0, run.stderr
    assert run.stdout == (
        f"notes in {folder}/notes.sqlite: restoring the note failed: "
        "the file or its folder cannot be written to\n"
    )


def test_a_file_that_is_no_database_is_told(tmp_path):
    (tmp_path / "notes.sqlite").write_text("these are not notes" * 100)
    with pytest.raises(StorageError, match="listing the notes failed: the file is no SQLite"):
        NoteStore(f"sqlite:///{tmp_path}/notes.sqlite").notes()


def test_a_file_that_is_removed_or_put_back_while_it_is_used_is_opened_anew(
    sqlite_store, draft, tmp_path
):
    note = sqlite_store.add(draft())
    sqlite_store.close()
    path = tmp_path / "notes.sqlite"
    backup = path.read_bytes()
    sqlite_store.edit(note.id, 1, "after the backup")
    path.unlink()
    added = sqlite_store.add(draft("into a new file"))
    assert sqlite_store.notes() == (added,)
    (tmp_path / "restored").write_bytes(backup)
    for name in ("notes.sqlite-wal", "notes.sqlite-shm"):  # they belong to the file before
        (tmp_path / name).unlink()
    (tmp_path / "restored").replace(path)
    assert sqlite_store.notes() == (note,)


def test_a_server_that_is_gone_is_told_without_its_password(draft):
    store = NoteStore("postgresql://me:hidden@127.0.0.1:1/notes")
    with pytest.raises(StorageError, match="saving the note failed: the server cannot be") as told:
        store.add(draft())
    assert "hidden" not in str(told.value)


def test_a_server_that_comes_back_is_used_again(new_database, draft):
    url = new_database()
    store = NoteStore(url)
    store.migrate()
    note = store.add(draft())
    _end_sessions(url)
    assert store.notes() == (note,)
    store.close()


def _end_sessions(url: str) -> None:
    engine = create_engine(url.replace("postgres://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    engine.dispose()


def test_a_session_that_is_ended_while_it_writes_is_told_and_nothing_is_half_done(
    new_database, draft
):
    url = new_database()
    store = NoteStore(url)
    store.migrate()
    written = []

    def write() -> None:
        with store._database.writing("saving") as session:
            session.execute(text("UPDATE notes_state SET revision = 'half'"))
            written.append(True)
            _end_sessions(url)

    with pytest.raises(StorageError, match="saving failed: the server"):
        write()
    assert written
    assert store.revision() == "0"
    store.close()


def test_a_server_that_takes_no_writes_is_told(new_database, draft):
    url = new_database()
    store = NoteStore(url)
    store.migrate()
    engine = create_engine(url.replace("postgres://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        name = connection.execute(text("SELECT current_database()")).scalar()
        connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = on"))
    engine.dispose()
    store.close()
    with pytest.raises(StorageError, match="the server is read-only at the moment"):
        store.add(draft())
    assert store.notes() == ()
    store.close()


def test_tables_that_are_missing_are_told_with_the_command_that_makes_them(new_database):
    store = NoteStore(new_database())
    with pytest.raises(StorageError, match="run 'python -m preprocess migrate'"):
        store.notes()
    store.migrate()
    assert store.notes() == ()
    store.close()


@pytest.mark.parametrize(
    "url", ["mysql://me:hidden@db/x", "postgres://me:hidden@db:port/x", "me:hidden@db/x"]
)
def test_a_url_of_another_kind_is_refused(url):
    with pytest.raises(ValueError, match="expected sqlite:///FILE or postgresql://") as told:
        NoteStore(url)
    assert "hidden" not in str(told.value)


def test_a_mistake_of_the_program_is_not_taken_for_a_failing_disk(sqlite_store):
    with pytest.raises(IntegrityError), sqlite_store._database.writing("testing") as session:
        session.execute(text("INSERT INTO notes (id) VALUES ('a')"))


def test_every_reason_is_a_sentence_for_a_person():
    for reason in failures.REASONS.values():
        assert reason[0].islower()
        assert not reason.endswith(".")
