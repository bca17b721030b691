"""What the queries draw from: files, memoised results, and processes for long computations."""

from dataclasses import dataclass
from functools import lru_cache

from flhetero_dash.cache import Results
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.jobs import Jobs
from flhetero_dash.settings import Settings


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


@lru_cache(maxsize=2)
def reader_of(settings: Settings) -> HistoryReader:
    """Give this process's reader of the files."""
    return HistoryReader(settings)


@lru_cache(maxsize=2)
def results_of(settings: Settings) -> Results:
    """Give this process's view of the memoised results."""
    return Results(settings.cache_dir / "results", settings.cache_bytes)
