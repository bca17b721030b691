"""Array types shared by all layers."""

from typing import Any

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
BoolArray = npt.NDArray[np.bool_]
StrArray = npt.NDArray[np.str_]
# Records as they are stored: 8-bit images, or floats.
SampleArray = npt.NDArray[np.number[Any]]
