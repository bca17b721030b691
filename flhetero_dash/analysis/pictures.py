"""Pixels, as they are stored and as they are shown."""

import numpy as np
import numpy.typing as npt

from flhetero_dash.analysis.names import COLOURS as _COLOURS
from flhetero_dash.arrays import SampleArray

_LOOKED_AT = 1_000  # records that tell how white is stored


def white_level(X: SampleArray) -> float:
    """Tell what a white pixel is in stored pictures: 255, or 1 where they hold shares.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        All pictures of one kind of a client: a dark one alone would not tell.

    Returns
    -------
    float
        255 for integers; for floats 1 if no pixel of up to 1,000 records, evenly spread, is
        larger.
    """
    if np.issubdtype(X.dtype, np.integer) or not X.size:
        return 255.0
    spread = X[:: -(-len(X) // _LOOKED_AT)]
    return 255.0 if float(spread.max()) > 1 else 1.0


def as_bytes(X: SampleArray, white: float) -> npt.NDArray[np.uint8]:
    """Bring pixels to 0..255; what lies beyond black or white is cut off."""
    values = np.asarray(X, dtype=np.float64) * (255 / white)
    return values.clip(0, 255).round().astype(np.uint8)


def as_tiles(X: SampleArray, shape: tuple[int, ...], white: float) -> npt.NDArray[np.uint8]:
    """Make a picture of each record.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
    shape : tuple of int
        Of one record: (height, width), or channels before these.
    white : float
        What a white pixel is: see `white_level`.

    Returns
    -------
    uint8 ndarray of shape (n_samples, height, width) or (n_samples, height, width, 3)
        Of channels, the first three or the first.
    """
    height, width = shape[-2:]
    tiles = as_bytes(X, white).reshape(len(X), -1, height, width)
    if tiles.shape[1] < len(_COLOURS):
        return tiles[:, 0]
    return tiles[:, : len(_COLOURS)].transpose(0, 2, 3, 1)
