"""Many processes at once, and processes that are killed: nothing acknowledged is lost."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from flhetero_dash.annotations import NoteStore

ROOT = Path(__file__).parents[2]
N_WRITERS = 8
SECONDS = 2
KILLED = 20


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.annotations.writers", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def check_integrity(store: NoteStore, url: str) -> None:
    store.close()
    if url.startswith("sqlite"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()


def test_eight_processes_that_write_lose_nothing_and_meet_no_error(store, url, draft):
    shared = store.add(draft("0"))
    writers = [started("write", url, shared.id, str(SECONDS)) for _ in range(N_WRITERS)]
    outputs = [writer.communicate() for writer in writers]
    assert [writer.returncode for writer in writers] == [0] * N_WRITERS, outputs[0][1]
    assert [error for _, error in outputs if error] == []
    lines = [line.split() for output, _ in outputs for line in output.splitlines()]
    added = {note_id for kind, note_id in lines if kind == "added"}
    counted = sum(kind == "counted" for kind, _ in lines)
    assert len(added) > N_WRITERS
    assert counted > 0
    assert {note.id for note in store.notes()} == added | {shared.id}
    counter = store.get(shared.id)
    assert (counter.text, counter.version) == (str(counted), counted + 1)
    check_integrity(store, url)


def test_what_was_acknowledged_to_a_process_that_is_killed_is_there(store, url):
    # The tables are made: what is killed is a writer, not a migration.
    store.revision()
    output, errors = started("be-killed", url, str(KILLED)).communicate()
    assert errors == ""
    acknowledged = output.split()
    notes = {note.id: note for note in store.notes()}
    assert len(acknowledged) >= KILLED
    assert set(acknowledged) <= set(notes)
    assert all(notes[note_id].text == f"edited {note_id}" for note_id in acknowledged)
    # At most the one that was under way each time is there without having been acknowledged.
    assert len(notes) <= len(acknowledged) + KILLED
    check_integrity(store, url)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_processes_that_start_at_once_make_the_tables_once(kind, tmp_path, request):
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/new/folder/notes.sqlite"
    else:
        url = request.getfixturevalue("new_database")()
    programs = [
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", MIGRATE, url],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for program in programs:  # all are there before the first begins
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        assert program.stdin is not None
        program.stdin.write("go\n")
        program.stdin.flush()
    revisions = {program.communicate()[0] for program in programs}
    assert [program.returncode for program in programs] == [0] * 6
    assert len(revisions) == 1
    assert revisions != {""}


MIGRATE = """
import sys
from flhetero_dash.annotations import NoteStore
store = NoteStore(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
store.migrate()
print(store.revision())
store.close()
"""
