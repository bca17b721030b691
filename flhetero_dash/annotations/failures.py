"""What a database says when it fails, in words that a form can show."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    NotSupportedError,
)
from sqlalchemy.exc import (
    TimeoutError as PoolTimeoutError,
)
from sqlalchemy.orm.exc import StaleDataError

from flhetero_dash.annotations.errors import StorageError

LOGGER = logging.getLogger(__name__)
BUSY = "others were writing all the time; try again in a moment"
FULL = "the disk is full; make room and try again"
READ_ONLY = "the file or its folder cannot be written to"
MIGRATE = "its tables are not those that this version needs; run 'python -m preprocess migrate'"
# By the beginning of SQLite's name of the error, or of PostgreSQL's code.
REASONS = {
    "SQLITE_FULL": FULL,
    "SQLITE_BUSY": BUSY,
    "SQLITE_LOCKED": BUSY,
    "SQLITE_READONLY": READ_ONLY,
    "SQLITE_CANTOPEN": "the file cannot be opened or made; its folder must be writable",
    "SQLITE_IOERR": "the disk cannot be read or written, or is full",
    "SQLITE_CORRUPT": "the file is damaged; put a backup in its place",
    "SQLITE_NOTADB": "the file is no SQLite database",
    "53100": "the server's disk is full",
    "53": "the server has too little memory or too many connections; try again in a moment",
    "55P03": BUSY,
    "40": BUSY,
    "57": "the server is shutting down or starting; try again in a moment",
    "08": "the server cannot be reached",
    "25006": "the server is read-only at the moment",
    "28": "the server refuses the user or the password of DATABASE_URL",
    "3D000": "the server has no database of the name in DATABASE_URL",
    "42501": "the user of DATABASE_URL may not write there",
    "42P01": MIGRATE,
    "42703": MIGRATE,
    "XX": "the server reports damaged data",
}
UNREACHABLE = "the server cannot be reached"


@contextmanager
def told(where: str, doing: str) -> Iterator[None]:
    """Turn what a database raises into `StorageError`: what was tried, where, why it failed."""
    try:
        yield
    except (IntegrityError, DataError, NotSupportedError):
        raise  # a mistake of ours, which no advice helps
    except DBAPIError as error:
        LOGGER.warning("%s: %s failed", where, doing, exc_info=error)
        raise StorageError(f"{where}: {doing} failed: {_reason(error)}") from None
    except (PoolTimeoutError, StaleDataError):
        raise StorageError(f"{where}: {doing} failed: {BUSY}") from None
    except OSError as error:
        known = {errno.ENOSPC: FULL, errno.EACCES: READ_ONLY, errno.EROFS: READ_ONLY}
        reason = known.get(error.errno or 0, error.strerror or str(error))
        raise StorageError(f"{where}: {doing} failed: {reason}") from None


def _reason(error: DBAPIError) -> str:
    driver = error.orig
    code = getattr(driver, "sqlite_errorname", None) or getattr(driver, "sqlstate", None)
    if code is None and "no such table" in str(driver):
        code = "42P01"
    if code is None:  # PostgreSQL's driver knows no code of a connection that was not made
        return (
            UNREACHABLE
            if error.statement is None or error.connection_invalidated
            else (str(driver).strip().splitlines()[0][:300])
        )
    for length in range(len(code), 1, -1):
        if code[:length] in REASONS:
            return REASONS[code[:length]]
    if "no such" in str(driver):
        return MIGRATE
    return f"{str(driver).strip().splitlines()[0][:300]} ({code})"
