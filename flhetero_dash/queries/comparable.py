"""Inputs in which all columns have one unit: what distances and planes are computed from.

The one place that decides it. Pixels are in one unit; the columns of a table are years, millimetres
of mercury or codes of categories, and the one with the largest numbers would hide the others.
"""

from collections.abc import Iterator
from functools import lru_cache

from flhetero_dash.analysis.column_units import column_units, row_parts
from flhetero_dash.arrays import FloatArray, SampleArray
from flhetero_dash.cache import key_of, mapped_rows
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.sources import reader_of
from flhetero_dash.settings import Settings

VERSION = 1
IN_DEVIATIONS = "columns in standard deviations"
LOCAL = "local"


def in_one_unit(info: SamplesInfo) -> bool:
    """Whether the records are in one unit as they are stored: pictures, of any shape."""
    return info.kind == "image"


def comparable_inputs(settings: Settings, dataset: str, client: str, inputs: str) -> SampleArray:
    """Give the inputs of a client with all columns in one unit.

    Returns
    -------
    ndarray of shape (n_samples, n_features)
        Read-only. Pictures as they are stored; other records in standard deviations of the
        client's *local* records, whichever the inputs, and 0 in a column that is constant there.
    """
    reader = reader_of(settings)
    if in_one_unit(reader.samples_info(dataset)):
        return reader.samples(dataset, client).inputs[inputs]
    identity = reader.samples_identity(dataset, client)
    return _scaled(settings, identity, dataset, client, inputs)


# Every click asks; a process mostly sees one or two clients, each with up to three inputs.
@lru_cache(maxsize=6)
def _scaled(
    settings: Settings, identity: str, dataset: str, client: str, inputs: str
) -> FloatArray:
    held = reader_of(settings).samples(dataset, client).inputs
    X = held[inputs]

    def rows() -> Iterator[FloatArray]:
        units = column_units(held[LOCAL])
        return (units.applied(part) for part in row_parts(X))

    key = key_of("scaled", VERSION, identity=identity, client=client, inputs=inputs)
    return mapped_rows(settings.cache_dir / "arrays" / "scaled", key, X.shape, rows)
