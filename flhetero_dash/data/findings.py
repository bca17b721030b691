"""Notes on a look at files: what is there, what is wrong, what is missing and what that costs."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from flhetero_dash.data.errors import DataError

T = TypeVar("T")


@dataclass
class Findings:
    """Filled in while files are looked at.

    Attributes
    ----------
    facts : list of str
        What is there.
    problems : list of str
        What cannot be used: file, key, found, expected.
    warnings : list of str
        What is missing or odd, and what that costs.
    """

    facts: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def attempt(self, read: Callable[[], T], *, needed: bool = True) -> T | None:
        """Read something; what is wrong with it is noted, once.

        With ``needed=False`` it is a warning, for what nothing depends on.
        """
        try:
            return read()
        except DataError as error:
            notes = self.problems if needed else self.warnings
            if str(error) not in notes:
                notes.append(str(error))
            return None


def rounds_in_words(rounds: Iterable[int]) -> str:
    """Name rounds as they are shown, from 1: ``1 to 4, 7``."""
    runs: list[list[int]] = []
    for number in sorted(index + 1 for index in rounds):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ", ".join(str(a) if a == b else f"{a} to {b}" for a, b in runs) or "none"


def counted_rounds(rounds: Collection[int]) -> str:
    """Name rounds with the word before them: ``round 7``, ``rounds 1 to 4``."""
    return f"{'round' if len(rounds) == 1 else 'rounds'} {rounds_in_words(rounds)}"
