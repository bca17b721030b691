"""All records of a selection, for the contact sheet and the table of instances."""

from dataclasses import dataclass

from flhetero_dash.analysis.names import attribute_name
from flhetero_dash.arrays import IntArray, SampleArray
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus

MOST_RECORDS = 10_000  # of a selection, on all pages of its contact sheet
MOST_ROWS = 1_000  # of a selection, in the table of instances
MOST_VALUES = 100_000  # numbers in that table
MOST_COLUMNS = 200


@dataclass(frozen=True)
class Sheet:
    """Records of a selection, and what both models say of them.

    Attributes
    ----------
    n_selected : int
        All records of the selection; those below are the first of them.
    records : ndarray of int
    truth, federated, standalone : ndarray of int, of the same length, or None
        Class ids; truth is None for inputs without.
    names : dict of int to str
        Of the classes that occur.
    attributes : tuple of str
        Names of the columns of `X`; empty for pictures.
    X : ndarray of shape (n_records, n_attributes)
    """

    n_selected: int
    records: IntArray
    truth: IntArray | None
    federated: IntArray
    standalone: IntArray
    names: dict[int, str]
    attributes: tuple[str, ...]
    X: SampleArray


class SheetQueries:
    """The records of a selection side by side."""

    def __init__(self, sources: Sources, clusters: ClusterQueries) -> None:
        self._sources = sources
        self._clusters = clusters

    def sheet(self, chosen: ClientRound, clusters: ClusterChoice, focus: Focus) -> Sheet:
        """List the records of a selection, up to a limit; of pictures without their values."""
        reader = self._sources.reader
        info = reader.samples_info(chosen.dataset)
        both = compared(reader, chosen)
        selected = self._clusters.selected(chosen, clusters, focus)
        if not len(selected):
            raise NothingToShowError("No record is selected, so there is nothing to list.")
        n_columns = 0 if info.is_image else min(info.n_features, MOST_COLUMNS)
        most = min(MOST_ROWS, MOST_VALUES // n_columns) if n_columns else MOST_RECORDS
        records = selected[:most]
        truth = None if both.y_true is None else both.y_true[records]
        federated, standalone = both.y_global[records], both.y_local[records]
        occurring = {
            int(one) for ids in (truth, federated, standalone) if ids is not None for one in ids
        }
        return Sheet(
            len(selected),
            records,
            truth,
            federated,
            standalone,
            {one: info.label_name(one) for one in sorted(occurring)},
            tuple(
                attribute_name(at, info.shape, info.feature_names, False) for at in range(n_columns)
            ),
            both.X[records, :n_columns],
        )
