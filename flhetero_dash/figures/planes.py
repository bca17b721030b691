"""Names of planes, by which the browser knows whether a zoom still means the same place."""

import zlib

import numpy as np

from flhetero_dash.arrays import FloatArray


def plane_name(*places: FloatArray) -> str:
    """Name what is drawn: equal names for equal places, whatever their colours and order."""
    checksum = 0
    for array in places:
        checksum = zlib.crc32(np.ascontiguousarray(array).tobytes(), checksum)
    return f"{checksum:08x}"
