"""Which functions are jobs: only these are run for a message, and each names its own types."""

import dataclasses
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from flhetero_dash.cache import BlockSerializer
from flhetero_dash.data.errors import (
    BeingWrittenError,
    DamagedFileError,
    DataError,
    UnknownNameError,
)
from flhetero_dash.jobs.interface import JobDiedError, RemoteError
from flhetero_dash.settings import Settings

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")
SERIALIZER = BlockSerializer()
# What every job may raise on purpose, so that its asker gets the same.
RAISED: tuple[type[Exception], ...] = (
    DataError, DamagedFileError, BeingWrittenError, UnknownNameError, ValueError, TypeError,
    KeyError, IndexError, MemoryError, FileNotFoundError, PermissionError, JobDiedError,
)  # fmt: skip


@dataclass(frozen=True)
class Job:
    """A function that may be run elsewhere, and how its messages are written and read.

    No message names a type: what its parts are is what the function's annotations say. So a
    message can neither make another object nor reach another function.

    Attributes
    ----------
    name : str
        ``module:function``.
    function : callable
        Its first argument is the settings, which are never sent: a worker has its own.
    raises : tuple of exception types
        That it raises on purpose, beside those of `RAISED`.
    """

    name: str
    function: Callable[..., Any]
    raises: tuple[type[Exception], ...]

    def call(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bytes:
        """Write the message that asks for it."""
        given = inspect.signature(self.function).bind(*args, **kwargs).arguments
        settings, *names = given
        if not isinstance(given[settings], Settings):
            raise TypeError(f"{self.name}: the first argument of a job is the settings")
        arguments = {name: _plain(given[name]) for name in names}
        return SERIALIZER.dumps({"job": self.name, "arguments": arguments})

    def run(self, settings: Settings, arguments: dict[str, Any]) -> Any:  # noqa: ANN401
        """Call it with a message's arguments."""
        kinds = typing.get_type_hints(self.function)
        typed = {name: _typed(kinds[name], value) for name, value in arguments.items()}
        return self.function(settings, **typed)

    def answered(self, message: bytes) -> Any:  # noqa: ANN401 - what the function returns
        """Read the answer; raise the error that it tells of."""
        told = SERIALIZER.loads(message)
        if told is None:
            raise RemoteError(f"{self.name}: the answer was damaged on its way")
        if "error" in told:
            name, text = told["error"]
            for kind in (*RAISED, *self.raises):
                if kind.__name__ == name:
                    raise kind(text)
            raise RemoteError(f"{name}: {text}")
        return _typed(typing.get_type_hints(self.function)["return"], told["answer"])


_JOBS: dict[str, Job] = {}


def job(
    *raises: type[Exception],
) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Mark a function as one that may be run elsewhere, and say what it raises on purpose."""

    def mark(function: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        name = f"{function.__module__}:{function.__qualname__}"
        _JOBS[name] = Job(name, function, raises)
        return function

    return mark


def job_of(function: Callable[..., Any]) -> Job:
    """Give the job that a function is; ValueError if it is none."""
    return _known(f"{function.__module__}:{function.__qualname__}")


def job_asked_for(message: bytes) -> tuple[Job, dict[str, Any]]:
    """Read a message: the job and its arguments; ValueError if it asks for anything else."""
    told = SERIALIZER.loads(message)
    if not isinstance(told, dict) or set(told) != {"job", "arguments"}:
        raise ValueError("the message asks for no job")
    if not isinstance(told["arguments"], dict):
        raise ValueError("the message has no arguments")
    return _known(told["job"]), told["arguments"]


def answer_message(answer: object) -> bytes:
    """Write what a job returned."""
    return SERIALIZER.dumps({"answer": _plain(answer)})


def error_message(error: BaseException, raises: tuple[type[Exception], ...] = ()) -> bytes:
    """Write what a job raised: its words, and its type or the nearest known one above it."""
    known = [kind for kind in type(error).__mro__ if kind in (*RAISED, *raises)]
    only_words = len(error.args) == 1 and isinstance(error.args[0], str)
    text = error.args[0] if only_words else str(error)
    return SERIALIZER.dumps({"error": ((*known, type(error))[0].__name__, text)})


def _known(name: object) -> Job:
    known = _JOBS.get(name) if isinstance(name, str) else None
    if known is None:
        raise ValueError(f"{str(name)[:200]} is no job; mark it with @job if it shall be one")
    return known


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {entry.name: getattr(value, entry.name) for entry in dataclasses.fields(value)}
    return value


def _typed(kind: Any, value: Any) -> Any:  # noqa: ANN401 - annotations and plain values
    return kind(**value) if isinstance(kind, type) and dataclasses.is_dataclass(kind) else value
