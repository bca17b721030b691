"""What a network takes instead of stored pictures (imports torch)."""

from dataclasses import dataclass

import numpy as np
import torch
from torchvision.transforms.v2 import functional as pictures

from flhetero_dash.arrays import SampleArray


@dataclass(frozen=True)
class PictureScaling:
    """How stored values become what the model was trained on.

    Attributes
    ----------
    means, stds : tuple of float
        One per channel, or one for all; applied after the division.
    divisor : float or None
        What stored values are divided by; None: 255 for integers, 1 for others.
    """

    means: tuple[float, ...] = (0.5,)
    stds: tuple[float, ...] = (0.5,)
    divisor: float | None = None


def scaled_pictures(
    X: SampleArray, shape: tuple[int, ...], scaling: PictureScaling
) -> torch.Tensor:
    """Make stored pictures (n_samples, n_features) what a network takes: (n_samples, *shape).

    Raises
    ------
    ValueError
        If there are other means or deviations than channels; `shape` has these first.
    """
    default = 255.0 if np.issubdtype(X.dtype, np.integer) else 1.0
    divisor = default if scaling.divisor is None else scaling.divisor
    batch = torch.from_numpy(np.asarray(X, dtype=np.float32).reshape(-1, *shape))
    means, stds = (
        list(values) * shape[0] if len(values) == 1 else list(values)
        for values in (scaling.means, scaling.stds)
    )
    if not len(means) == len(stds) == shape[0]:
        raise ValueError(
            f"scaling has {len(means)} means, {len(stds)} stds for {shape[0]} channels"
        )
    # The division is part of the scaling: one pass less over the pictures.
    normalized: torch.Tensor = pictures.normalize(
        batch, [divisor * mean for mean in means], [divisor * std for std in stds]
    )
    return normalized
