"""How far a computation is: said by the computation, passed on to whoever waits for it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

EVERY_S = 0.3  # between two words of one kind


@dataclass(frozen=True)
class Told:
    """What a computation does at the moment.

    Attributes
    ----------
    words : str
        For a reader.
    done, total : int or None
        Parts of the work; None where nobody can say how many there are.
    """

    words: str
    done: int | None = None
    total: int | None = None


Tell = Callable[[Told], None]
_TELL: ContextVar[Tell | None] = ContextVar("tell", default=None)


def report(words: str, done: int | None = None, total: int | None = None) -> None:
    """Say in a job what it does, and how far it is; where nobody listens it costs nothing."""
    tell = _TELL.get()
    if tell is not None:
        tell(Told(words, done, total))


@contextmanager
def telling(tell: Tell) -> Iterator[None]:
    """Listen to what is reported: every new kind of work, and now and then how far it is."""
    last: tuple[str, float] = ("", 0.0)

    def sometimes(told: Told) -> None:
        nonlocal last
        now = time.monotonic()
        if told.words != last[0] or now - last[1] >= EVERY_S:
            last = (told.words, now)
            tell(told)

    token = _TELL.set(sometimes)
    try:
        yield
    finally:
        _TELL.reset(token)
