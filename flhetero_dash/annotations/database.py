"""The connection to the notes' database: SQLite or PostgreSQL, made when it is needed."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session

from flhetero_dash.annotations.failures import told
from flhetero_dash.annotations.migrating import WRITES, check, migrate

SQLITE = "sqlite:///"
WAIT_S = 15
CONNECT_S = 5
# Process and number of SQLite's file; None: it is not there.
Key = tuple[int, int | None]


class Database:
    """Sessions on one database; safe between threads, and across forks.

    Parameters
    ----------
    url : str
        ``sqlite:///`` and the path of a file, or a URL of PostgreSQL.
    """

    def __init__(self, url: str) -> None:
        self.path = Path(url.removeprefix(SQLITE)) if url.startswith(SQLITE) else None
        self.name = f"notes in {self.path or 'the PostgreSQL database of DATABASE_URL'}"
        self._url = _sqlalchemy_url(url)
        # One engine for each process, and each file that lay there: connections do not survive
        # a fork, and what is written to a file that was removed or replaced is lost.
        self._engines: dict[Key, Engine] = {}

    @contextmanager
    def reading(self, doing: str) -> Iterator[Session]:
        """Open a session that sees one state; `doing` says what for, if it fails."""
        with told(self.name, doing), Session(self._engine()) as session:
            yield session

    @contextmanager
    def writing(self, doing: str) -> Iterator[Session]:
        """Open a session that is committed at the end; nothing is written if anything fails."""
        with told(self.name, doing):
            engine = self._engine().execution_options(**WRITES)
            with Session(engine) as session, session.begin():
                yield session

    def migrate(self) -> None:
        """Bring the tables to what this version needs; several processes may do so at once."""
        with told(self.name, "preparing the tables"):
            migrate(self._new_engine(), self.path)

    def close(self) -> None:
        """Close this process's connections; they are made again when they are needed."""
        self._close_all_but(None)

    def _close_all_but(self, kept: Key | None) -> None:
        for key in list(self._engines):  # other threads may add theirs meanwhile
            if key[0] == os.getpid() and key != kept and (engine := self._engines.pop(key, None)):
                engine.dispose()

    def _engine(self) -> Engine:
        key = self._key()
        engine = self._engines.get(key)
        if engine is None or key[1] is None:
            self._prepare()
            key = self._key()
            self._close_all_but(key)
            # No lock, which a fork could copy while it is held: of two threads, one engine stays.
            engine = self._engines.setdefault(key, self._new_engine())
        return engine

    def _prepare(self) -> None:
        if self.path is not None:
            migrate(self._new_engine(), self.path)
            return
        engine = self._new_engine()
        try:
            check(engine)
        finally:
            engine.dispose()

    def _key(self) -> Key:
        if self.path is None:
            return os.getpid(), 0
        try:
            return os.getpid(), self.path.stat().st_ino
        except OSError:
            return os.getpid(), None

    def _new_engine(self) -> Engine:
        if self.path is not None:
            engine = create_engine(
                self._url,
                hide_parameters=True,  # the log has no use for what people write
                connect_args={"timeout": WAIT_S},
            )
            event.listen(engine, "connect", _set_up_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
            return engine
        engine = create_engine(
            self._url,
            hide_parameters=True,
            pool_pre_ping=True,  # a server that was started anew has closed our connections
            pool_timeout=WAIT_S,
            # Poolers between us and the server do not know prepared statements.
            connect_args={"connect_timeout": CONNECT_S, "prepare_threshold": None},
        )
        event.listen(engine, "begin", _begin_postgresql)
        return engine


def _sqlalchemy_url(url: str) -> URL:
    if url.startswith(SQLITE):
        # All that follows is the path, whatever letters it has.
        return URL.create("sqlite", database=url.removeprefix(SQLITE))
    scheme, _, rest = url.partition("://")
    expected = "expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        if scheme not in {"postgres", "postgresql"}:
            raise ValueError(scheme)
        return make_url(f"postgresql+psycopg://{rest}")
    except (ArgumentError, ValueError):
        raise ValueError(f"DATABASE_URL is not shown, it may hold a password; {expected}") from None


def _set_up_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - of sqlite3
    # BEGIN is ours: the driver's own comes too late and takes no lock.
    connection.isolation_level = None
    connection.execute("PRAGMA synchronous = NORMAL")


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: taken later, it would fail instead of waiting."""
    writes = connection.get_execution_options().keys() >= WRITES.keys()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{WAIT_S}s'")
