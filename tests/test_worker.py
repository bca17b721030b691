"""Celery's entry point, as an operator starts it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np

from flhetero_dash.cache import tidy
from flhetero_dash.jobs import JobsHere, WorkerJobs
from flhetero_dash.jobs.broker import Broker
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, OverviewChoice
from flhetero_dash.settings import Settings

ROOT = Path(__file__).parents[1]
CHOSEN = ClientRound("mnist", "Client-0", 5)


def test_workers_answer_the_queries_as_this_process_does(
    start_worker, redis_url, published, tmp_path
):
    worker = start_worker()
    answers = []
    for name, jobs in (("here", JobsHere()), ("there", WorkerJobs(redis_url))):
        settings = Settings(published, tmp_path / name)
        tidy(settings.cache_dir)
        queries = Queries.over(Sources(settings, jobs))
        answers.append(
            (
                queries.overview.overview(CHOSEN, OverviewChoice()).coordinates,
                *queries.clusters.clusters(CHOSEN, ClusterChoice()).members,
                queries.contrast.contrast(CHOSEN, ClusterChoice(), Focus(), None).directions,
                queries.gradcam.maps(CHOSEN, ClusterChoice(), Focus()).federated,
            )
        )
    for here, there in zip(*answers, strict=True):
        np.testing.assert_allclose(there, here, atol=1e-5)
        assert there.dtype == here.dtype
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(30) == 0
    assert Broker(redis_url).alive() == []  # it said that it ends


def test_a_worker_without_redis_url_says_what_is_missing(tmp_path):
    run = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "celery", "-A", "flhetero_dash.worker", "worker"],
        cwd=ROOT,
        env={name: value for name, value in os.environ.items() if "REDIS_URL" not in name},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode != 0
    assert "REDIS_URL is not set" in run.stderr
    assert "Traceback" not in run.stderr
