"""One comparison of the benchmark, and the table of all of them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

# What `against` ends with when the ratio is ours to theirs, and the target its upper bound.
AT_MOST = "(at most)"
HEADINGS = ("operation", "size", "ours", "against", "theirs", "ratio", "target", "floor", "peak")


@dataclass(frozen=True)
class Row:
    """One operation against one contender.

    Attributes
    ----------
    operation, size : str
    ours_s : float or None
        Seconds; None where something else is compared, which `size` names.
    against : str
        The contender, floor or limit.
    against_s : float or None
    ratio : float
        Theirs to ours, so that more is better; where `against` ends with ``(at most)`` ours to
        theirs, so that less is.
    target : float or None
        What the ratio has to reach, or where it has to stay.
    floor_s : float or None
        What the unavoidable part of the operation takes: a product, or reading memory.
    peak_mb : float or None
        Memory that the operation takes beside its inputs, in a process of its own.
    """

    operation: str
    size: str
    ours_s: float | None
    against: str
    against_s: float | None
    ratio: float
    target: float | None = None
    floor_s: float | None = None
    peak_mb: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None where there is none."""
        if self.target is None:
            return None
        at_most = self.against.endswith(AT_MOST)
        return self.ratio <= self.target if at_most else self.ratio >= self.target

    def as_json(self) -> dict[str, Any]:
        """Give all fields by name."""
        return asdict(self)


def faster(
    operation: str,
    size: str,
    ours_s: float,
    against: str,
    against_s: float,
    target: float | None = None,
    **more: float | None,
) -> Row:
    """Compare with a contender that ours should outrun."""
    ratio = against_s / ours_s
    return Row(operation, size, ours_s, against, against_s, ratio, target, **more)


def within(
    operation: str,
    size: str,
    ours_s: float,
    against: str,
    against_s: float,
    target: float | None = None,
    **more: float | None,
) -> Row:
    """Compare with a floor that ours should stay near."""
    ratio = ours_s / against_s
    named = f"{against} {AT_MOST}"
    return Row(operation, size, ours_s, named, against_s, ratio, target, **more)


def below(
    operation: str, size: str, ours_s: float, limit_s: float, peak_mb: float | None = None
) -> Row:
    """Compare with a limit in seconds."""
    limit = f"limit of {limit_s:g} s"
    return Row(
        operation, size, ours_s, limit, limit_s, limit_s / ours_s, target=1.0, peak_mb=peak_mb
    )


def memory_below(operation: str, size: str, peak_mb: float, limit_mb: float) -> Row:
    """Compare with a limit of memory."""
    limit = f"limit of {limit_mb:,.0f} MB"
    ratio = limit_mb / max(peak_mb, 0.1)
    return Row(operation, size, None, limit, None, ratio, target=1.0, peak_mb=peak_mb)


def table(rows: Sequence[Row]) -> str:
    """Write all rows as one table of Markdown, its columns aligned."""
    lines = [HEADINGS, *(_cells(row) for row in rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    drawn = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        for cells in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths)
    return "\n".join(
        line + ("|" if line is rule else " |") for line in [drawn[0], rule, *drawn[1:]]
    )


def verdict(rows: Sequence[Row]) -> str:
    """Say how many targets are met and which are not."""
    judged = [row for row in rows if row.target is not None]
    missed = [row for row in judged if not row.met]
    lines = [f"{len(judged) - len(missed)} of {len(judged)} targets met."]
    lines += [
        f"Missed: {row.operation}, {row.size}, against {row.against}: {_ratio(row)}, "
        f"target {_target(row)}."
        for row in missed
    ]
    return "\n".join(lines)


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row.operation,
        row.size,
        _seconds(row.ours_s),
        row.against,
        _seconds(row.against_s),
        _ratio(row),
        _target(row) + {None: "", True: "", False: " missed"}[row.met],
        _seconds(row.floor_s),
        "" if row.peak_mb is None else f"{row.peak_mb:,.0f} MB",
    )


def _seconds(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds:.3g} s" if seconds >= 1 else f"{seconds * 1000:.3g} ms"


def _ratio(row: Row) -> str:
    return f"{row.ratio:.3g} x"


def _target(row: Row) -> str:
    if row.target is None:
        return ""
    sign = "<=" if row.against.endswith(AT_MOST) else ">="
    return f"{sign} {row.target:g}"
