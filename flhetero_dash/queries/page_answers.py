"""What opening the Examine page asks for, so that it can be computed before anybody opens it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flhetero_dash.data.errors import DataError
from flhetero_dash.jobs import JobCancelledError, JobsStoppedError, WorkersError, in_background
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    MatrixChoice,
    OverviewChoice,
)

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answered:
    """What became of the questions of a page.

    Attributes
    ----------
    gap : str or None
        Why there is nothing to show at all.
    problems : tuple of str
        What is wrong with files; the other questions are answered.
    """

    gap: str | None
    problems: tuple[str, ...]


def prepare(queries: Queries) -> None:
    """Compute and store what the page without a link needs, while the server starts.

    Gaps and broken files are left to the page, which says them where they belong.
    """
    try:
        with in_background():
            chosen = queries.federation.resolve({})
            answer_client(queries, chosen)
            answer_round(queries, chosen)
    except JobCancelledError:
        LOGGER.info("somebody cancelled what the first page needs; it is not prepared")
    except (DataError, NothingToShowError, JobsStoppedError):
        return
    except WorkersError as error:
        LOGGER.warning("the first page is not prepared: %s", error)


def answer_client(queries: Queries, chosen: ClientRound) -> Answered:
    """Compute and store what the page shows of a client, whatever the round."""
    return _answered(
        lambda: queries.learning.layers(chosen),
        lambda: queries.learning.disagreement(chosen),
        lambda: queries.record_rounds.rounds(chosen, 0),  # those of all records in one answer
    )


def answer_round(queries: Queries, chosen: ClientRound, *, explain: bool = False) -> Answered:
    """Compute and store what the page shows of a client in a round, by its default choices.

    Parameters
    ----------
    explain : bool, default=False
        Compute Grad-CAM too, which is one click away and needs torch.
    """
    clusters, focus, contrast = ClusterChoice(), Focus(), ContrastChoice()
    try:
        queries.overview.overview(chosen, OverviewChoice())
    except NothingToShowError as gap:
        return Answered(str(gap), ())
    except DataError as problem:
        return Answered(None, (str(problem),))
    questions: list[Callable[[], object]] = [
        lambda: queries.clusters.thumbnails(chosen, clusters, OverviewChoice()),
        lambda: queries.contrast.contrast(chosen, clusters, focus, contrast.contrast_alpha),
        lambda: queries.matrix.matrix(chosen, clusters, focus, contrast, MatrixChoice()),
    ]
    if explain:
        questions.append(lambda: queries.gradcam.maps(chosen, clusters, focus))
    return _answered(*questions)


def _answered(*questions: Callable[[], object]) -> Answered:
    problems = []
    for question in questions:
        try:
            question()
        except NothingToShowError:
            continue  # of one panel
        except DataError as problem:
            problems.append(str(problem))
    return Answered(None, tuple(dict.fromkeys(problems)))
