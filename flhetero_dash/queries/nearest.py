"""Records close to the one under verification: consistent ones of its label, or local ones."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.nearest import nearest_records
from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.queries.comparable import comparable_inputs
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound

N_NEAREST = 6


@dataclass(frozen=True)
class Nearest:
    """Local records near a record.

    Attributes
    ----------
    rows : ndarray of int
        Of the local records, whatever inputs the record is of; the nearest first.
    distances : ndarray of float
        Euclidean; of records that are no pictures in standard deviations of each column.
    labels : tuple of str
        Ground truth of each, else the federated model's output.
    label : str or None
        The ground truth that they have in common with the record; None: there is none.
    of_sampled : bool
        Whether they are near a sampled input, which is no record itself.
    """

    rows: IntArray
    distances: FloatArray
    labels: tuple[str, ...]
    label: str | None
    of_sampled: bool


class NearestQueries:
    """Records near one record."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def nearest(self, chosen: ClientRound, record: int, count: int = N_NEAREST) -> Nearest:
        """Find local records near an input.

        Near a local record: consistent ones of the same ground truth (of any label where there
        is none). Near a sampled input: its nearest local record, one, whatever it is.

        Raises
        ------
        NothingToShowError
            If the outputs that tell the consistent records were not recorded.
        """
        reader = self._sources.reader
        info = reader.samples_info(chosen.dataset)
        local = compared(reader, chosen, "local")
        of_sampled = chosen.inputs != "local"
        settings = self._sources.settings
        X, inputs = (
            comparable_inputs(settings, chosen.dataset, chosen.client, kind)
            for kind in ("local", chosen.inputs)
        )
        if record >= len(inputs):
            raise NothingToShowError(f"There is no record {record} among {chosen.inputs} inputs.")
        label = None
        if of_sampled:
            candidates, count = np.arange(len(X)), 1
        else:
            allowed = ~local.inconsistent
            allowed[record] = False
            if local.y_true is not None:
                allowed &= local.y_true == local.y_true[record]
                label = info.label_name(int(local.y_true[record]))
            candidates = np.flatnonzero(allowed)
        rows, distances = nearest_records(X, inputs[record], candidates, count)
        known = local.y_global if local.y_true is None else local.y_true
        labels = tuple(info.label_name(int(known[row])) for row in rows)
        return Nearest(rows, distances, labels, label, of_sampled)
