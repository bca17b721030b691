"""A few records as they are, for a report that is asked for them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from flhetero_dash.analysis.names import attribute_name
from flhetero_dash.analysis.pictures import as_tiles, white_level
from flhetero_dash.arrays import IntArray
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.outputs import Compared

MOST_PICTURES = 12
MOST_COLUMNS = 6  # records of a table, which stand side by side
MOST_ATTRIBUTES = 30


@dataclass(frozen=True)
class Examples:
    """The first records of a note.

    Attributes
    ----------
    n_records : int
        Of the note; those below are the first of them.
    records : tuple of int
    labels : tuple of tuple of (str, str)
        Of each record, what says which label.
    pictures : uint8 ndarray of shape (n, height, width) or (n, height, width, 3), or None
    n_attributes : int
        Of the records, where they are no pictures; `rows` has the first of them.
    rows : tuple of (str, tuple of str)
        An attribute and its values in words.
    """

    n_records: int
    records: tuple[int, ...]
    labels: tuple[tuple[tuple[str, str], ...], ...]
    pictures: npt.NDArray[np.uint8] | None
    n_attributes: int = 0
    rows: tuple[tuple[str, tuple[str, ...]], ...] = ()


def record_examples(both: Compared, info: SamplesInfo, records: IntArray) -> Examples:
    """Give the first records with their labels, as pictures or in a table."""
    first = records[: MOST_PICTURES if info.is_image else MOST_COLUMNS]
    X = both.X[first]
    labels = tuple(_labels(both, info, int(record)) for record in first)
    numbers = tuple(int(record) for record in first)
    if info.is_image:
        tiles = as_tiles(X, info.shape, white_level(both.X))
        return Examples(len(records), numbers, labels, tiles)
    rows = []
    for at in range(min(info.n_features, MOST_ATTRIBUTES)):
        name = attribute_name(at, info.shape, info.feature_names, False)
        known = info.categories.get(name, ())
        rows.append((name, tuple(_word(value, known) for value in X[:, at].tolist())))
    return Examples(len(records), numbers, labels, None, info.n_features, tuple(rows))


def _labels(both: Compared, info: SamplesInfo, record: int) -> tuple[tuple[str, str], ...]:
    outputs = {"federated": both.y_global, "stand-alone": both.y_local}
    known = outputs if both.y_true is None else {"ground truth": both.y_true, **outputs}
    return tuple((said, info.label_name(int(ids[record]))) for said, ids in known.items())


def _word(value: float, categories: tuple[str, ...]) -> str:
    is_known = value == int(value) and 0 <= value < len(categories)
    return categories[int(value)] if is_known else f"{value:.4g}"
