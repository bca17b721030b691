"""The machine in words, and the tables in docs/performance.md."""

import platform
import re
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from tests.benchmarks.measuring import ROOT, Floors
from tests.benchmarks.rows import Row, table, verdict
from tests.benchmarks.scaling import Growth, growth_table

PAGE = ROOT / "docs" / "performance.md"


def machine(floors: Floors) -> str:
    """Describe the processor, the libraries and the floors."""
    libraries = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy", "torch"))
    return f"{_processor()}, Python {platform.python_version()}, {libraries}; one thread: {floors}."


def write(machine: str, rows: Sequence[Row], found: Sequence[Growth]) -> None:
    """Put what was measured between the markers of the page."""
    text = PAGE.read_text()
    text = _replaced(text, "table", f"{machine}\n\n{table(rows)}\n\n{verdict(rows)}")
    if found:
        text = _replaced(text, "growth", growth_table(found))
    PAGE.write_text(text)


def _replaced(text: str, name: str, content: str) -> str:
    start, end = f"<!-- {name}: written by --write-docs -->", f"<!-- end of {name} -->"
    pattern = re.compile(f"{re.escape(start)}.*?{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _: f"{start}\n\n{content}\n\n{end}", text)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
