"""Seconds, memory and floors of a run: one thread, contenders by turns, medians."""

import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tests.benchmarks.sizes import Sizes

Work = Callable[[], object]
ROOT = Path(__file__).parents[2]
# A quick call is repeated within one measurement until it has taken this long.
_LEAST_S = 0.02
_MOST_CALLS = 200
_SLOW_S = 1.0
_STATUS = Path("/proc/self/status")
_MB = 1e6


@dataclass(frozen=True)
class Bench:
    """One run of the benchmark.

    Attributes
    ----------
    sizes : Sizes
    quick : bool
    say : callable
        Gets a line about what is being done.
    """

    sizes: Sizes
    quick: bool
    say: Callable[[str], object] = field(default=lambda line: sys.stderr.write(f"{line}\n"))
    _memories: dict[str, "Memory"] = field(default_factory=dict)

    def seconds(
        self,
        contenders: Mapping[str, Work],
        rounds: int | None = None,
        clock: Callable[[], float] = time.process_time,
    ) -> dict[str, float]:
        """Time contenders by turns; the median over the rounds, by default of CPU seconds."""
        self.say("  " + ", ".join(contenders))
        rounds = 1 if self.quick else rounds or self.sizes.rounds
        calls = dict.fromkeys(contenders, 1)
        found: dict[str, list[float]] = {name: [] for name in contenders}
        if not self.quick:
            for name, work in contenders.items():
                # Once for nothing (imports, pages of memory, caches), unless that hardly counts.
                calls[name], first = _calls(work, clock)
                found[name] += [first] if first > _SLOW_S else []
        while waiting := [name for name, times in found.items() if len(times) < rounds]:
            for name in waiting:
                found[name].append(_timed(contenders[name], calls[name], clock))
        return {name: statistics.median(times) for name, times in found.items()}

    def once(self, work: Work) -> float:
        """Time something too slow to be repeated."""
        return _timed(work, 1, time.process_time)

    def memory(self, subject: str) -> "Memory":
        """Measure what one of the subjects takes, once, in a process of its own."""
        if subject not in self._memories and self.quick:
            self._memories[subject] = Memory(1.0, 1.0)
        elif subject not in self._memories:
            self.say(f"  memory of {subject}")
            done = subprocess.run(  # noqa: S603 - this program itself
                [sys.executable, "-m", "tests.benchmarks", "--memory-of", subject],
                cwd=ROOT,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._memories[subject] = Memory(**json.loads(done.stdout))
        return self._memories[subject]


def _calls(work: Work, clock: Callable[[], float]) -> tuple[int, float]:
    """How often to call within one measurement, and what the first call took."""
    first = taken = _timed(work, 1, clock)
    if taken < _LEAST_S:
        taken = _timed(work, 1, clock)
    return min(_MOST_CALLS, int(_LEAST_S / max(taken, 1e-7)) + 1), first


def _timed(work: Work, calls: int, clock: Callable[[], float]) -> float:
    started = clock()
    for _ in range(calls):
        work()
    return (clock() - started) / calls


@dataclass(frozen=True)
class Memory:
    """Memory of a process at most, in MB: beside what was there before, and in all."""

    beside_mb: float
    whole_mb: float


def memory_of(work: Work) -> Memory:
    """Measure a call in this process."""
    if not _STATUS.exists():  # no Linux: the peak so far cannot be forgotten
        before = _peak_of_all_mb()
        work()
        return Memory(_peak_of_all_mb() - before, _peak_of_all_mb())
    before = _status_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    work()
    peak = _status_mb("VmHWM")
    return Memory(peak - before, peak)


def _peak_of_all_mb() -> float:
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / _MB


def _status_mb(name: str) -> float:
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1]) * 1024 / _MB


@dataclass(frozen=True)
class Floors:
    """What this machine can do, on one thread.

    Attributes
    ----------
    single, double : float
        Products of matrices, in floating-point operations a second.
    reading : float
        Bytes a second, read from memory.
    """

    single: float
    double: float
    reading: float

    @classmethod
    def measured(cls, bench: Bench) -> "Floors":
        """Measure them."""
        side, length = bench.sizes.floor_side, bench.sizes.floor_bytes // 8
        squares = {kind: np.ones((side, side), dtype=kind) for kind in ("f4", "f8")}
        numbers = np.ones(length)
        found = bench.seconds(
            {
                "product f4": lambda: squares["f4"] @ squares["f4"],
                "product f8": lambda: squares["f8"] @ squares["f8"],
                "reading": lambda: numbers.max(),
            }
        )
        operations = 2.0 * side**3
        return cls(
            operations / found["product f4"],
            operations / found["product f8"],
            8.0 * length / found["reading"],
        )

    def __str__(self) -> str:
        return (
            f"products {self.single / 1e9:.0f} (single precision) and {self.double / 1e9:.0f} "
            f"(double) GFLOP/s, reading memory {self.reading / 1e9:.0f} GB/s"
        )
