"""One record's outputs over the rounds of a training."""

import numpy as np

from flhetero_dash.arrays import IntArray

GAP = -1  # a round without outputs


def steady_since(values: IntArray) -> int | None:
    """Find the round from which a value is, and stays, what it is at the end.

    Parameters
    ----------
    values : ndarray of int, shape (n_rounds,)
        By round, from 0; `GAP` where none was recorded. Gaps break nothing.

    Returns
    -------
    int or None
        The first such recorded round; None when there is none at all.
    """
    recorded = np.flatnonzero(values != GAP)
    if not len(recorded):
        return None
    differing = np.flatnonzero(values[recorded] != values[recorded[-1]])
    return int(recorded[differing[-1] + 1]) if len(differing) else int(recorded[0])
