"""Stores of notes on SQLite and, where it is installed, on a PostgreSQL of the tests' own."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, text

from flhetero_dash.annotations import NoteDraft, NoteStore
from tests.conftest import wait_until

Draft = Callable[..., NoteDraft]
# Debian's and Alpine's places; other systems have the programs on the path.
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/libexec/postgresql*")


@pytest.fixture
def draft() -> Draft:
    """Make a draft; what is not given is ordinary."""

    def make(words: str = "Sevens are printed", records: Any = (3, 1, 2, 9), **rest) -> NoteDraft:
        ordinary: dict[str, Any] = {
            "dataset": "digits",
            "samples": "0123456789abcdef0123456789abcdef",
            "client": "Client-0",
            "round_index": 9,
            "inputs": "local",
            "author": "Ada",
            "parameters": {"dataset": "digits", "client": "Client-0", "round": "10", "k": "auto"},
        }
        return NoteDraft.of(records, **(ordinary | {"text": words} | rest))

    return make


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Run a PostgreSQL server that listens on a socket of a folder of its own; give that folder."""
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        pytest.skip("PostgreSQL is not installed; `sh tests/install.sh` installs it")
    # Not pytest's own folder: another user must reach it, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="notes-"))
    user = _unprivileged()
    if user is not None:
        shutil.chown(folder, user)
    env = {"LC_ALL": "C", "PATH": os.defpath}
    data = str(folder / "cluster")
    subprocess.run(  # noqa: S603
        [initdb, "-D", data, "-A", "trust", "-U", "notes", "-E", "UTF8", "-N"],
        check=True,
        capture_output=True,
        user=user,
        cwd=folder,
        env=env,
    )
    options = [f"unix_socket_directories={folder}", "listen_addresses=", "fsync=off"]
    command = [postgres, "-D", data]
    for option in options:
        command += ["-c", option]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(  # noqa: S603
            command, stderr=log, stdout=log, user=user, cwd=folder, env=env
        )
    try:
        wait_until(lambda: (folder / ".s.PGSQL.5432").exists() or server.poll() is not None)
        assert server.poll() is None, (folder / "log").read_text()
        yield str(folder)
    finally:
        server.send_signal(signal.SIGINT)  # ends the server and its sessions
        server.wait()
        shutil.rmtree(folder)


@pytest.fixture
def new_database(postgresql: str) -> Callable[[], str]:
    """Make empty databases of that server; give their URLs."""
    engine = create_engine(
        f"postgresql+psycopg://notes@/postgres?host={postgresql}", isolation_level="AUTOCOMMIT"
    )

    def make() -> str:
        name = f"notes_{uuid4().hex}"
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
            # As a server elsewhere has it; notes are of UTC all the same.
            connection.execute(text(f"ALTER DATABASE {name} SET timezone = 'Asia/Kathmandu'"))
        engine.dispose()
        return f"postgres://notes@/{name}?host={postgresql}"

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give a new database, with its tables, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/notes.sqlite"
    made: str = request.getfixturevalue("new_database")()
    store = NoteStore(made)
    store.migrate()
    store.close()
    return made


@pytest.fixture
def store(url: str) -> Iterator[NoteStore]:
    """Give an empty store."""
    store = NoteStore(url)
    yield store
    store.close()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[NoteStore]:
    """Give an empty store in a file of its own."""
    store = NoteStore(f"sqlite:///{tmp_path}/notes.sqlite")
    yield store
    store.close()


def _program(name: str) -> str | None:
    for pattern in FOLDERS:
        found = sorted(Path("/").glob(f"{pattern[1:]}/{name}"))
        if found:
            return str(found[-1])
    return shutil.which(name)


def _unprivileged() -> str | None:
    """Name whom the server may run as: it refuses to be root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)
