"""The folder of a run: who may record into it, and what an earlier process left there."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flhetero_dash.blocks import Claim, exclusive, read_json, write_json
from flhetero_dash.data.layout import SERVER
from flhetero_dash.recorder.errors import RecordingError
from flhetero_dash.recorder.pending import Pending
from flhetero_dash.recorder.run import Run

_ROUND_FILE = re.compile(r"(.+)_r(\d+)\.npz")
# Files of all clients, written when the last process ends. The manifest comes last and goes
# first: while it is not there, the reader takes what these lack from the rounds themselves.
_JOINT = ("cosines", "norms", "shares", "batchnorm")


class RunFolder:
    """Keeps processes apart that record into one folder.

    Each client is recorded by one process at a time, or all of them by one: that is what locks
    are for, which the system releases when a process is killed. Entering and leaving go one
    after the other; the last one that leaves joins the files of all clients.

    Parameters
    ----------
    run : Run
    client : str or None
        Whose files this process writes; None: everybody's.
    role : dict
        What must be the same when the run is resumed, besides the run itself.
    pending : Pending
    """

    def __init__(
        self, run: Run, client: str | None, role: dict[str, Any], pending: Pending
    ) -> None:
        self._run, self._client, self._pending = run, client, pending
        self._layout = run.layout
        self._said = {**run.as_json(), **role}
        self._claims: list[Claim] = []

    @property
    def finished(self) -> tuple[int, ...]:
        """Rounds that this recorder has noted, ascending."""
        own = self._layout.facts_folder(self._client)
        files = self._layout.fact_files(() if self._client is None else (self._client,))
        return tuple(sorted(index for index, path in files if path.parent == own))

    def enter(self, *, resume: bool) -> None:
        """Take the folder.

        Raises
        ------
        RecordingError
            If another process has it, it holds another run, or this run and `resume` is False.
        """
        with exclusive(self._layout.recording / "gate.lock"):
            try:
                alone = self._take()
                self._require_fit(resume=resume)
            except RecordingError:
                self._release()
                raise
            write_json(self._layout.recording / "run.json", self._said)
            self._layout.facts_folder(self._client).mkdir(parents=True, exist_ok=True)
            self._forget_unfinished(alone=alone)
            self._forget_joint()

    def leave(self, join: Callable[[], None]) -> None:
        """Let the folder go; the last one joins the files of all clients."""
        with exclusive(self._layout.recording / "gate.lock"):
            self._release()
            everyone = Claim(self._layout.recording / "all.lock")
            try:
                if everyone.taken():
                    join()
            finally:
                everyone.release()

    def once(self, path: Path, write: Callable[[], None], is_same: Callable[[], bool]) -> None:
        """Write a file that several processes know: the first one writes, the others compare.

        Raises
        ------
        RecordingError
            If the file holds something else.
        """
        with exclusive(self._layout.recording / "server.lock"):
            if not path.exists():
                write()
            elif not is_same():
                raise RecordingError(
                    f"{path}: is there and holds something else than this process would write; "
                    "expected the same run in all processes: record another run into a folder "
                    "of its own"
                )

    def require_same_model(self, layers: dict[str, Any]) -> None:
        """Note the model's parameters, or compare them with those of the other processes."""
        path = self._layout.recording / "parameters.json"
        self.once(path, lambda: write_json(path, layers), lambda: bool(read_json(path) == layers))

    def _take(self) -> bool:
        """Claim what this process writes; whether nobody else records."""
        everyone = self._claim("all.lock")
        alone = everyone.taken()
        if self._client is None:
            free = alone
        else:
            free = everyone.taken(shared=True)
            free = free and self._claim(f"locks/{self._client}.lock").taken()
        if not free:
            whose = "this run" if self._client is None else f"client '{self._client}'"
            raise RecordingError(
                f"{self._layout.history}: another process records {whose}; expected one at a time"
            )
        return alone

    def _claim(self, name: str) -> Claim:
        self._claims.append(Claim(self._layout.recording / name))
        return self._claims[-1]

    def _release(self) -> None:
        for claim in self._claims:
            claim.release()
        self._claims.clear()

    def _require_fit(self, *, resume: bool) -> None:
        layout = self._layout
        path = layout.recording / "run.json"
        if not path.exists():
            others = {entry.name for entry in layout.history.iterdir()} - {layout.recording.name}
            if others or layout.samples.exists():
                raise RecordingError(
                    f"{layout.history if others else layout.samples}: is there, and no recorder "
                    "has begun it; expected a new dataset name or an empty folder"
                )
            return
        found = _as_object(path)
        for key in dict.fromkeys([*self._said, *found]):
            if found.get(key) != self._said.get(key):
                raise RecordingError(
                    f"{path}: '{key}' is {json.dumps(found.get(key))}, and this run has "
                    f"{json.dumps(self._said.get(key))}; expected the same run: record another "
                    "one into a folder of its own"
                )
        begun = layout.facts_folder(self._client).exists() or layout.manifest.exists()
        if begun and not resume:
            raise RecordingError(
                f"{layout.history}: holds a run already, {len(self.finished)} rounds of it; "
                "expected resume=True to go on with it, or another folder"
            )

    def _forget_joint(self) -> None:
        layout = self._layout
        joint = [layout.manifest, layout.validation, layout.summary]
        for path in [*joint, *map(layout.extra_weights, _JOINT)]:
            path.unlink(missing_ok=True)

    def _forget_unfinished(self, *, alone: bool) -> None:
        """Remove files of rounds that a killed process began and did not finish."""
        last = max(self.finished, default=-1)
        clients = self._run.clients if self._client is None else (self._client,)
        # A client's process may end between its training and the server's model of the round.
        # Who records everybody trains everybody again.
        waiting = None if self._client is None else self._pending.update_round(self._client)
        if waiting is None or waiting <= last:
            for client in clients:
                self._pending.drop_update(client)
        for folder, suffix, kept in (
            (self._layout.weights, "", waiting),
            (self._layout.outputs, "_update", waiting),
            (self._layout.outputs, f"_{SERVER}", None),
        ):
            for index, path in _owned(folder, {client + suffix for client in clients}):
                if index > last and index != kept:
                    path.unlink()
        if alone:
            self._forget_common(begun=waiting is not None)

    def _forget_common(self, *, begun: bool) -> None:
        """Remove what was written of rounds that nobody finished; nobody else records now."""
        layout = self._layout
        known = max((index for index, _ in layout.fact_files(self._run.clients)), default=-1)
        if known < 0 and not begun:
            layout.initial_weights.unlink(missing_ok=True)
        for index in layout.weight_rounds(SERVER):
            if index > known:
                layout.round_weights(SERVER, index).unlink(missing_ok=True)
                layout.checkpoint(SERVER, index).unlink(missing_ok=True)
        for folder in (layout.history, layout.home):
            for path in folder.rglob(".*.part"):
                path.unlink()


def _owned(folder: Path, named: set[str]) -> list[tuple[int, Path]]:
    """List the files of rounds that are named for one of these."""
    paths = list(folder.iterdir()) if folder.is_dir() else []
    found = [(match, path) for path in paths if (match := _ROUND_FILE.fullmatch(path.name))]
    return [(int(match[2]), path) for match, path in found if match[1] in named]


def _as_object(path: Path) -> dict[str, Any]:
    found = read_json(path)
    if not isinstance(found, dict):
        raise RecordingError(f"{path}: is a JSON {type(found).__name__}; expected an object")
    return found
