"""What both back ends offer, and the simplest of them: this very process."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")


class WorkersError(Exception):
    """Nobody does the long computations; the message says what to start or to set."""


class RemoteError(RuntimeError):
    """A worker met an error that no job raises on purpose."""


class JobsStoppedError(RuntimeError):
    """The back end was stopped while somebody waited for it."""


class Jobs(ABC):
    """Run functions elsewhere and wait for what they return; one for a process.

    A function and its arguments must be importable and small: names, numbers, settings, record
    ids. Large arrays are read where they are needed, through the shared ingested files.
    """

    @abstractmethod
    def run(
        self,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Return what the function returns; raise what it raises on purpose.

        A function whose process was killed (out of memory, say) is started once more.
        """

    @abstractmethod
    def n_at_once(self) -> int:
        """Count the functions that can run at one time."""

    @abstractmethod
    def stop(self) -> None:
        """Let go of the back end: who waits gets `JobsStoppedError`, and nothing new is run."""


class JobsHere(Jobs):
    """The same interface, in this process: for commands and tests."""

    def run(
        self,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Call the function."""
        return function(*args, **kwargs)

    def n_at_once(self) -> int:
        """Count the callers: one."""
        return 1

    def stop(self) -> None:
        """Do nothing."""
