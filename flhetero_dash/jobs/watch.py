"""What a computation and those who wait for it know of each other: small files of one folder.

They are files so that any process of the server can answer whoever asks for the state of a
computation, or cancels it.
"""

import json
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from flhetero_dash.blocks import read_json, write_json
from flhetero_dash.jobs.progress import Told, telling

STALE_S = 15.0  # who waits says so about every second
SIGN = ".waits"
PROGRESS, CANCELLED = "progress.json", "cancelled"
PAGE = re.compile(r"[0-9a-f]{32}")  # of a browser: one for each time the page is opened
BACKGROUND = "background"  # waits for an answer, but is no reason to go on with it


class JobCancelledError(Exception):
    """Who waited for the computation wants it no longer."""


@dataclass(frozen=True)
class Watch:
    """The folder of one computation.

    Attributes
    ----------
    folder : Path or None
        None: nobody watches.
    """

    folder: Path | None

    def tell(self, told: Told) -> None:
        """Write how far the computation is."""
        if self.folder is not None:
            write_json(self.folder / PROGRESS, asdict(told))

    def told(self) -> Told | None:
        """Read how far the computation is; None before it begins."""
        if self.folder is None:
            return None
        try:
            return Told(**read_json(self.folder / PROGRESS))
        except (FileNotFoundError, json.JSONDecodeError, TypeError):
            return None

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Write what is reported in this context."""
        if self.folder is None:
            yield
        else:
            with telling(self.tell):
                yield

    def wait_as(self, name: str) -> None:
        """Say that somebody waits, for the first time or still."""
        if self.folder is not None:
            for _ in range(2):  # the last one that leaves removes the folder
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
                with suppress(FileNotFoundError):
                    (self.folder / f"{name}{SIGN}").touch()
                    return

    def still_waits(self, name: str) -> None:
        """Say that somebody waits still, unless that was cancelled."""
        if self.folder is not None:
            with suppress(FileNotFoundError):
                os.utime(self.folder / f"{name}{SIGN}")

    def is_waiting(self, name: str) -> bool:
        """Whether somebody still waits, as far as others know."""
        return self.folder is not None and (self.folder / f"{name}{SIGN}").exists()

    def leave(self, name: str) -> None:
        """Say that somebody waits no longer."""
        if self.folder is not None:
            (self.folder / f"{name}{SIGN}").unlink(missing_ok=True)
            with suppress(OSError):  # others wait
                self.folder.rmdir()

    def waiting(self) -> list[str]:
        """Name those who wait; one who has not said so for long was killed."""
        if self.folder is None:
            return []
        names = []
        for path in self.folder.glob(f"*{SIGN}"):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime < STALE_S:
                    names.append(path.name.removesuffix(SIGN))
        return names

    def cancel(self, name: str) -> bool:
        """Let one who waits go; end the computation if nobody else waits, and say if so."""
        if self.folder is None or not self.is_waiting(name):
            return False
        (self.folder / f"{name}{SIGN}").unlink(missing_ok=True)
        if set(self.waiting()) - {BACKGROUND}:
            return False
        (self.folder / f"{BACKGROUND}{SIGN}").unlink(missing_ok=True)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / CANCELLED).touch()
        return True

    def require_waiting(self) -> None:
        """Raise `JobCancelledError` if all went while the computation could not begin yet."""
        if self.folder is not None and not self.waiting():
            raise JobCancelledError

    def begin(self) -> None:
        """Forget that an earlier computation was cancelled."""
        if self.folder is not None:
            (self.folder / CANCELLED).unlink(missing_ok=True)

    def is_cancelled(self) -> bool:
        """Whether the computation is to be ended."""
        return self.folder is not None and (self.folder / CANCELLED).exists()

    def finish(self) -> None:
        """Forget a computation that has its outcome, and who waited for it.

        A page that was told to ask again finds the answer stored, and never comes by here.
        """
        if self.folder is not None:
            for path in self.folder.glob(f"*{SIGN}"):
                path.unlink(missing_ok=True)
        self.clear()

    def clear(self) -> None:
        """Forget a computation that has ended; who waits for the next one stays."""
        if self.folder is not None:
            for name in (PROGRESS, CANCELLED):
                (self.folder / name).unlink(missing_ok=True)
            with suppress(OSError):
                self.folder.rmdir()


UNWATCHED = Watch(None)
