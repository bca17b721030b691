"""A selection of one's own: its records in few characters, and the digest that a link carries."""

import hashlib
import re
from collections.abc import Iterable

MOST_RECORDS = 1_000_000
_RUN = re.compile(r"([0-9]{1,9})(?:-([0-9]{1,9}))?")


def records_text(records: Iterable[int]) -> str:
    """Write record numbers, sorted and each once: runs as `3-7`, with commas between."""
    runs: list[list[int]] = []
    for record in sorted(set(records)):
        if runs and record == runs[-1][1] + 1:
            runs[-1][1] = record
        else:
            runs.append([record, record])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def read_records(text: str) -> tuple[int, ...]:
    """Read record numbers, ascending and each once; ValueError for anything else."""
    found: set[int] = set()
    for run in text.split(","):
        match = _RUN.fullmatch(run)
        if match is None:
            raise ValueError("record numbers such as 3-7,12")
        first, last = int(match[1]), int(match[2] or match[1])
        if len(found) + last - first >= MOST_RECORDS or first > last:
            raise ValueError(f"at most {MOST_RECORDS:,} records")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def digest_of(dataset: str, client: str, inputs: str, text: str) -> str:
    """Name the selection of these records of a table, in 32 characters."""
    parts = repr((dataset, client, inputs, text)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(parts, digest_size=16).hexdigest()
