"""Numbers in the words of titles."""

import math


def percent(share: float) -> str:
    """Write a fraction in whole percent; "?" where it is not known."""
    return f"{share:.0%}" if math.isfinite(share) else "?"
