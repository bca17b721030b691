"""Answers of the page that a visitor without a link gets, computed while the server starts."""

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import (
    ClusterChoice,
    ContrastChoice,
    Focus,
    MatrixChoice,
    OverviewChoice,
)
from flhetero_dash.settings import Settings


def prepare(settings: Settings) -> None:
    """Compute and store what the first page needs; gaps and broken files are left to the page.

    A pool process runs it, and has imported all that computations need when it is done.
    """
    queries = Queries.over(Sources(settings, JobsHere()))
    try:
        chosen = queries.federation.resolve({})
        queries.learning.disagreement(chosen)
        queries.clusters.thumbnails(chosen, ClusterChoice(), OverviewChoice())
        queries.matrix.matrix(chosen, ClusterChoice(), Focus(), ContrastChoice(), MatrixChoice())
    except (DataError, NothingToShowError):
        return
