"""Numbers in the words of titles."""

import math


def percent(share: float) -> str:
    """Write a fraction in whole percent, a little as "<1%"; "?" where it is not known."""
    if 0 < share < 0.005:
        return "<1%"
    return f"{share:.0%}" if math.isfinite(share) else "?"
