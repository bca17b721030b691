"""What the queries draw from: files, memoised results, and processes for long computations."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from flhetero_dash.cache import Results
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.jobs import Flights, Jobs, Watch
from flhetero_dash.settings import Settings

Record = TypeVar("Record")


class NothingToShowError(Exception):
    """An ordinary gap of the history: the message says what is missing and what would fill it."""


@dataclass(frozen=True)
class Sources:
    """One for a process; opens nothing until it is asked."""

    settings: Settings
    jobs: Jobs

    @property
    def reader(self) -> HistoryReader:
        """The files."""
        return reader_of(self.settings)

    @property
    def results(self) -> Results:
        """The memoised answers."""
        return results_of(self.settings)

    @property
    def flights(self) -> Flights:
        """The answers that are being computed."""
        return flights_of(self.settings)

    def computed(
        self, kind: type[Record], key: str, function: Callable[..., Record], *args: Any
    ) -> Record:
        """Return the record stored under `key`, or have a job compute and store it.

        Parameters
        ----------
        kind, key
            As for `Results.get`.
        function : callable
            A job; it is given the settings, and then the arguments.

        Raises
        ------
        StillComputingError, JobCancelledError
            To the page of a browser: see `Flights.answer`.
        """
        stored = self.results.stored(kind, key)
        if stored is not None:  # most answers are, and need nothing more
            return stored

        def run(watch: Watch) -> Record:
            watch.require_waiting()
            return self.jobs.watched(watch, function, self.settings, *args)

        return self.flights.answer(
            key, lambda watch: self.results.get(kind, key, lambda: run(watch))
        )


@lru_cache(maxsize=2)
def reader_of(settings: Settings) -> HistoryReader:
    """Give this process's reader of the files."""
    return HistoryReader(settings)


@lru_cache(maxsize=2)
def results_of(settings: Settings) -> Results:
    """Give this process's view of the memoised results."""
    return Results(settings.cache_dir / "results", settings.cache_bytes)


@lru_cache(maxsize=2)
def flights_of(settings: Settings) -> Flights:
    """Give this process's view of the answers that are being computed."""
    return Flights(settings.cache_dir / "jobs")
