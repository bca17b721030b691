"""Long computations: one interface, in a pool of local processes or on Celery workers."""

from flhetero_dash.jobs.flights import Flights, StillComputingError, asked_by, in_background
from flhetero_dash.jobs.interface import (
    JobDiedError,
    Jobs,
    JobsHere,
    JobsStoppedError,
    RemoteError,
    WorkersError,
)
from flhetero_dash.jobs.marks import job
from flhetero_dash.jobs.pool import PoolJobs
from flhetero_dash.jobs.progress import report
from flhetero_dash.jobs.watch import JobCancelledError, Watch
from flhetero_dash.jobs.workers import WorkerJobs
from flhetero_dash.settings import Settings

__all__ = [
    "Flights",
    "JobCancelledError",
    "JobDiedError",
    "Jobs",
    "JobsHere",
    "JobsStoppedError",
    "PoolJobs",
    "RemoteError",
    "StillComputingError",
    "Watch",
    "WorkerJobs",
    "WorkersError",
    "asked_by",
    "in_background",
    "job",
    "jobs_for",
    "report",
]


def jobs_for(settings: Settings, n_processes: int) -> Jobs:
    """Give the back end of a deployment: Celery workers with REDIS_URL, else a local pool."""
    if settings.redis_url is not None:
        return WorkerJobs(settings.redis_url)
    return PoolJobs(n_processes)
