"""What both back ends offer, and the simplest of them: this very process."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flhetero_dash.jobs.watch import UNWATCHED, Watch

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")
DIED = (
    "The computation was ended twice from outside, probably because memory ran out. Lower "
    "the settings MEMORY_BYTES or MAX_CLUSTERED, or give the machine more memory."
)


class WorkersError(Exception):
    """Nobody does the long computations; the message says what to start or to set."""


class RemoteError(RuntimeError):
    """A worker met an error that no job raises on purpose."""


class JobDiedError(RemoteError):
    """A computation ended its process, and did so again; the message says what may help."""

    def __init__(self, words: str = "") -> None:
        super().__init__(words or DIED)


class JobsStoppedError(RuntimeError):
    """The back end was stopped while somebody waited for it."""


class Jobs(ABC):
    """Run functions elsewhere and wait for what they return; one for a process.

    A function and its arguments must be importable and small: names, numbers, settings, record
    ids. Large arrays are read where they are needed, through the shared ingested files.
    """

    def run(
        self,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Return what the function returns; raise what it raises on purpose.

        A function whose process was killed (out of memory, say) is started once more.
        """
        return self.watched(UNWATCHED, function, *args, **kwargs)

    @abstractmethod
    def watched(
        self,
        watch: Watch,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Run a function that says how far it is, and that can be cancelled meanwhile.

        Raises
        ------
        JobCancelledError
            When the watch says so; the function was ended then.
        JobDiedError
            When its process was killed twice.
        """

    @abstractmethod
    def n_at_once(self) -> int:
        """Count the functions that can run at one time."""

    @abstractmethod
    def stop(self) -> None:
        """Let go of the back end: who waits gets `JobsStoppedError`, and nothing new is run."""


class JobsHere(Jobs):
    """The same interface, in this process: for commands and tests."""

    def watched(
        self,
        watch: Watch,
        function: Callable[Parameters, Answer],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Answer:
        """Call the function."""
        with watch.reported():
            return function(*args, **kwargs)

    def n_at_once(self) -> int:
        """Count the callers: one."""
        return 1

    def stop(self) -> None:
        """Do nothing."""
