"""Names of attributes."""

import math


def attribute_name(
    attribute: int, shape: tuple[int, ...], feature_names: tuple[str, ...] | None, is_image: bool
) -> str:
    """Name an attribute: its own name, the place of a pixel, or its number (from 0)."""
    if feature_names is not None:
        return feature_names[attribute]
    if not is_image or len(shape) < 2:
        return f"attribute {attribute}"
    height, width = shape[-2:]
    channel, place = divmod(attribute, height * width)
    row, column = divmod(place, width)
    suffix = f", channel {channel}" if math.prod(shape[:-2]) > 1 else ""
    return f"pixel (row {row}, column {column}){suffix}"
