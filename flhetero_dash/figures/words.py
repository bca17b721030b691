"""Numbers and names in the words of titles and labels."""

import math
import re
import textwrap


def percent(share: float) -> str:
    """Write a fraction in whole percent, a little as "<1%"; "?" where it is not known."""
    if 0 < share < 0.005:
        return "<1%"
    return f"{share:.0%}" if math.isfinite(share) else "?"


def without_units(names: tuple[str, ...]) -> tuple[str, ...]:
    """Leave out a unit in brackets at the end of names, if they stay apart without it."""
    short = tuple(re.sub(r" \([^()]*\)$", "", name) for name in names)
    return short if len(set(short)) == len(set(names)) else names


def in_lines(words: str, width: int, most: int = 3) -> list[str]:
    """Break words into lines of about `width` letters; what is left over ends in an ellipsis."""
    return textwrap.wrap(words, width, max_lines=most, placeholder="…") or [words]
