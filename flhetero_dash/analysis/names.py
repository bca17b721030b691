"""Names of attributes."""

import math

COLOURS = ("red", "green", "blue")  # of the three channels of a picture


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
    return f"pixel (row {row}, column {column}){_suffix(channel, math.prod(shape[:-2]))}"


def _suffix(channel: int, n_channels: int) -> str:
    if n_channels == len(COLOURS):
        return f", {COLOURS[channel]}"
    return f", channel {channel}" if n_channels > 1 else ""
