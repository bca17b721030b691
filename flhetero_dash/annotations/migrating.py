"""Brings the tables to the newest form; the steps are found beside this file."""

import logging
from contextlib import nullcontext
from pathlib import Path

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from flhetero_dash.annotations.errors import StorageError
from flhetero_dash.annotations.failures import MIGRATE
from flhetero_dash.blocks import exclusive

LOGGER = logging.getLogger(__name__)
STEPS = Path(__file__).resolve().parent / "migrations"
TABLE = "notes_migration"
# The option of a connection whose transactions write.
WRITES = {"notes_write": True}
# Any number that no other program takes: who holds it in PostgreSQL migrates the notes.
LOCK = 0x464C_4E4F_5445_53


def migrate(engine: Engine, path: Path | None) -> None:
    """Run the steps that are missing; a second process waits for the first and finds none.

    Parameters
    ----------
    engine : Engine
        Disposed of at the end.
    path : Path or None
        SQLite's file; None: PostgreSQL.

    Raises
    ------
    StorageError
        If the tables are of a newer version than this program.
    """
    try:
        if path is not None and path.is_file() and is_newest(engine):
            return  # without a lock, which needs a folder that can be written to
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        with nullcontext() if path is None else exclusive(path.with_name(f".{path.name}.lock")):
            if path is not None:
                _make_file(engine, path)
            with engine.execution_options(**WRITES).begin() as connection:
                if path is None:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": LOCK})
                _run_steps(connection)
    finally:
        engine.dispose()


def check(engine: Engine) -> None:
    """Refuse tables of another version."""
    if not is_newest(engine):
        raise StorageError(f"the notes' database: {MIGRATE}")


def is_newest(engine: Engine) -> bool:
    """Whether no step is missing; StorageError if there are steps that this program lacks."""
    with engine.connect() as connection:
        return _found(connection) == _steps().get_current_head()


def _steps() -> ScriptDirectory:
    return ScriptDirectory(str(STEPS))


def _found(connection: Connection) -> str | None:
    context = MigrationContext.configure(connection, opts={"version_table": TABLE})
    found = context.get_current_revision()
    steps = _steps()
    try:
        if found is not None:
            steps.get_revision(found)
    except CommandError:
        raise StorageError(
            f"the notes' database is of version {found}; this program knows versions up to "
            f"{steps.get_current_head()}. Update the program"
        ) from None
    return found


def _make_file(engine: Engine, path: Path) -> None:
    """Readers and writers do not wait for each other in WAL mode, which the file remembers."""
    if not path.exists():
        path.touch(mode=0o600)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        mode = driver.execute("PRAGMA journal_mode = WAL").fetchone()[0] if driver else ""
    if mode != "wal":
        LOGGER.warning("%s: its file system has no WAL mode; expected a local disk", path)


def _run_steps(connection: Connection) -> None:
    steps = _steps()
    _found(connection)

    def missing(revision: object, _context: object) -> object:
        return steps._upgrade_revs("head", revision)  # type: ignore[arg-type]

    with EnvironmentContext(Config(), steps, fn=missing) as environment:
        environment.configure(
            connection=connection, version_table=TABLE, transaction_per_migration=False
        )
        environment.run_migrations()
