"""All records of a selection with their values, for files that leave the page."""

from dataclasses import dataclass

from flhetero_dash.analysis.names import attribute_name
from flhetero_dash.arrays import IntArray, SampleArray
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.own_selections import OwnSelectionQueries
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, read_records


@dataclass(frozen=True)
class SelectedRecords:
    """A selection's records, whose values are read as they are needed.

    Attributes
    ----------
    chosen : ClientRound
    info : SamplesInfo
    records : ndarray of int
        Rows of `X`, which is their number on the page.
    X : ndarray of shape (n_inputs, n_features)
        All inputs, as they are stored; mapped into memory.
    truth, federated, standalone : ndarray of int, of the length of `records`, or None
        Class ids; truth is None for inputs without.
    attributes : tuple of str, of length n_features
        Empty for pictures.
    """

    chosen: ClientRound
    info: SamplesInfo
    records: IntArray
    X: SampleArray
    truth: IntArray | None
    federated: IntArray
    standalone: IntArray
    attributes: tuple[str, ...]


class ExportQueries:
    """Selections as a whole."""

    def __init__(
        self, sources: Sources, clusters: ClusterQueries, own: OwnSelectionQueries
    ) -> None:
        self._sources = sources
        self._clusters = clusters
        self._own = own

    def records(
        self, chosen: ClientRound, clusters: ClusterChoice, focus: Focus
    ) -> SelectedRecords:
        """Give the records of a selection, of one by hand also where only its digest is known.

        Raises
        ------
        NothingToShowError
            If it holds none, or nobody shared it.
        """
        reader = self._sources.reader
        both = compared(reader, chosen)
        rows = self._clusters.selected(chosen, clusters, self._with_records(chosen, focus))
        if not len(rows):
            raise NothingToShowError("No record is selected, so there is nothing to save.")
        info = reader.samples_info(chosen.dataset)
        n_named = 0 if info.is_image else info.n_features
        return SelectedRecords(
            chosen,
            info,
            rows,
            both.X,
            None if both.y_true is None else both.y_true[rows],
            both.y_global[rows],
            both.y_local[rows],
            tuple(
                attribute_name(at, info.shape, info.feature_names, False) for at in range(n_named)
            ),
        )

    def _with_records(self, chosen: ClientRound, focus: Focus) -> Focus:
        if focus.own is None or focus.own_records:
            return focus
        text = self._own.text(chosen, focus.own, {})
        if text is None:
            raise NothingToShowError(
                f"The selection {focus.own} is not known here: one by hand lives in the browser "
                "in which it was made, until its link is copied."
            )
        return Focus(own=focus.own, own_records=read_records(text))
