"""Processes that write notes for the tests: `python -m tests.annotations.writers HOW URL ...`.

HOW is `write` or `be-killed`. Each line that is printed is a change that the store acknowledged.
"""

import os
import random
import signal
import sys
import time
from contextlib import suppress

from flhetero_dash.annotations import ConflictError, NoteDraft, NoteStore


def draft(text: str) -> NoteDraft:
    return NoteDraft.of(
        range(50), dataset="d", samples="s", client="c", round_index=0, inputs="local", text=text
    )


def say(*words: str) -> None:
    sys.stdout.write(" ".join(words) + "\n")


def write(url: str, shared_id: str, seconds: str) -> None:
    """Add notes of one's own and count in a note that all writers share."""
    store = NoteStore(url)
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        say("added", store.add(draft("mine" * 100)).id)
        with suppress(ConflictError):
            note = store.get(shared_id)
            store.edit(shared_id, note.version, str(int(note.text) + 1))
            say("counted", shared_id)
        say("seen", store.revision())


def be_killed(url: str, times: str) -> None:
    """Fork writers one after the other, and kill each at a moment that chance decides."""
    store = NoteStore(url)
    chance = random.Random(0)  # noqa: S311 - no secret
    store.revision()
    ours = store._database._engine()
    for _ in range(int(times)):
        reading, writing = os.pipe()
        writer = os.fork()
        if not writer:
            assert store._database._engine() is not ours  # a connection does not survive a fork
            while True:
                note = store.add(draft("a" * 1_000))
                edited = store.edit(note.id, 1, f"edited {note.id}")
                os.write(writing, f"{edited.id}\n".encode())
        os.close(writing)
        with os.fdopen(reading, "rb") as acknowledged:
            first = acknowledged.readline()
            time.sleep(chance.uniform(0, 0.02))
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            sys.stdout.write((first + acknowledged.read()).decode())


if __name__ == "__main__":
    how, *arguments = sys.argv[1:]
    if how == "write":
        write(*arguments)
    else:
        be_killed(*arguments)
