"""Benchmarks of what a visitor waits for: clicks, files, a large client, the server's start."""

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from flhetero_dash.queries import Queries
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    OverviewChoice,
    RecordChoice,
)
from tests.benchmarks import published_views
from tests.benchmarks.explanations import walk
from tests.benchmarks.histories import (
    CLIENT,
    DATASET,
    copy_datasets,
    folder,
    queries_over,
    settle,
    write_clients,
    write_weights,
)
from tests.benchmarks.measuring import ROOT, Bench, Work
from tests.benchmarks.rows import Row, below, faster, memory_below
from tests.benchmarks.sizes import Sizes

PUBLISHED = "published, files read again"
CHOSEN = ClientRound(DATASET, CLIENT, 0)
CLUSTERS, FOCUS, OVERVIEW = ClusterChoice(), Focus(), OverviewChoice()
MOST_OF_VISIT_S, MOST_OF_SECOND_VISIT_S, MOST_OF_VISIT_MB = 6.0, 0.3, 2_000.0
MOST_OF_START_S, _PATIENCE_S = 5.0, 60.0
_RECORD, _ATTRIBUTE = 17, 300


def clicks(bench: Bench) -> Iterator[Row]:
    """Click on a record or an attribute when the page is there."""
    sizes = bench.sizes
    attribute = min(_ATTRIBUTE, sizes.side**2 - 1)
    with folder() as root:
        home, history = write_clients(root, sizes, sizes.n, sizes.n_clients, sizes.m_few[0])
        _settled(bench)
        queries = queries_over(root, root / "cache")

        def our_record() -> object:
            pictures = queries.records.pictures(DATASET, CLIENT, "local", [_RECORD])
            choice = RecordChoice(_RECORD)
            return queries.records.verified(CHOSEN, CLUSTERS, FOCUS, choice), pictures

        def our_attribute() -> object:
            choice = AttributeChoice(attribute)
            chosen = queries.distribution.attribute(
                CHOSEN, CLUSTERS, FOCUS, ContrastChoice(), choice
            )
            return queries.distribution.distribution(CHOSEN, CLUSTERS, FOCUS, chosen, "all")

        times = bench.seconds(
            {
                "record": our_record,
                "attribute": our_attribute,
                "record, published": lambda: published_views.clicked_record(
                    home, history, CLIENT, 0, _RECORD
                ),
                "attribute, published": lambda: published_views.clicked_attribute(
                    home, history, CLIENT, 0, attribute
                ),
            }
        )
    size = f"{sizes.n_clients} clients x {sizes.n:,} x {sizes.side**2} 8-bit"
    for name, article in (("record", "a"), ("attribute", "an")):
        theirs = times[f"{name}, published"]
        yield faster(f"click on {article} {name}", size, times[name], PUBLISHED, theirs, 200)


def weight_files(bench: Bench) -> Iterator[Row]:
    """Weights of a client and the server over all rounds: one file each."""
    sizes, n_weights = bench.sizes, bench.sizes.weights[0]
    with folder() as root:
        write_clients(root, sizes, 10 * sizes.side, 1, 3)
        initial, client, server = walk(sizes.n_rounds, sizes.n_layers + 1, n_weights)
        weights = write_weights(root, client, server, initial)
        _settled(bench)
        caches = iter(range(1_000_000))

        def first() -> object:
            queries = queries_over(root, root / "caches" / str(next(caches)))
            return queries.learning.layers(CHOSEN)

        def new_process() -> object:
            return queries_over(root, root / "cache").learning.layers(CHOSEN)

        warm = queries_over(root, root / "cache")
        times = bench.seconds(
            {
                "first time": first,
                "new process": new_process,
                PUBLISHED: lambda: published_views.read_weights(weights, CLIENT, sizes.n_rounds),
            }
        )
        times |= bench.seconds({"again": lambda: warm.learning.layers(CHOSEN)})
    size = f"{2 * sizes.n_rounds} files, {sizes.n_layers + 1} x {n_weights:,}"
    for name in ("first time", "new process", "again"):
        yield faster(f"weight files, {name}", size, times[name], PUBLISHED, times[PUBLISHED])


def large_client(bench: Bench) -> Iterator[Row]:
    """Open a large client: overview and clusters, from nothing and again."""
    sizes = bench.sizes
    with folder() as root:
        write_clients(root, sizes, sizes.n_visited, 1, sizes.m_visited)
        _settled(bench)
        caches = iter(range(1_000_000))
        times = bench.seconds(
            {
                "first": lambda: _page(queries_over(root, root / "caches" / str(next(caches)))),
                "second": lambda: _page(queries_over(root, root / "cache")),
            }
        )
    size = f"{sizes.n_visited:,} x {sizes.side**2} 8-bit, m = {sizes.m_visited:,}"
    memory = bench.memory("first visit")
    yield below(
        "overview and clusters, first visit",
        size,
        times["first"],
        MOST_OF_VISIT_S,
        memory.beside_mb,
    )
    yield below("overview and clusters, again", size, times["second"], MOST_OF_SECOND_VISIT_S)
    yield memory_below("first visit, whole process", size, memory.whole_mb, MOST_OF_VISIT_MB)


def memory_of_visit(sizes: Sizes) -> Work:
    """Return what is measured for memory: the first visit to a large client."""

    def work() -> None:
        with folder() as root:
            # By another process, whose memory does not count.
            write = partial(write_clients, root, sizes, sizes.n_visited, 1, sizes.m_visited)
            writer = multiprocessing.get_context("spawn").Process(target=write)
            writer.start()
            writer.join()
            _page(queries_over(root, root / "cache"))

    return work


def start(bench: Bench) -> Iterator[Row]:
    """Start the server until it answers, by the wall clock."""
    with folder() as root:
        datasets = {}
        for n_datasets in sorted({1, bench.sizes.n_datasets}):
            data_dir = root / str(n_datasets)
            copy_datasets(data_dir, n_datasets)
            datasets[f"datasets: {n_datasets}"] = data_dir
        times = bench.seconds(
            {name: partial(_started, path) for name, path in datasets.items()},
            clock=time.perf_counter,
        )
    for name, seconds in times.items():
        yield below("start of the server, wall clock", name, seconds, MOST_OF_START_S)


def _settled(bench: Bench) -> None:
    if not bench.quick:
        settle()


def _page(queries: Queries) -> object:
    """Compute what the panel Output Comparison shows."""
    queries.overview.overview(CHOSEN, OVERVIEW)
    queries.clusters.density(CHOSEN, OVERVIEW)
    return queries.clusters.thumbnails(CHOSEN, CLUSTERS, OVERVIEW)


def _started(data_dir: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    named = {"PORT": str(port), "FLHETERO_DATA_DIR": str(data_dir)}
    server = subprocess.Popen(  # noqa: S603 - the program itself
        [sys.executable, "app.py"],
        cwd=ROOT,
        env=os.environ | named,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _PATIENCE_S
        while not _answers(f"http://127.0.0.1:{port}/health"):
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"app.py does not answer; exit status {server.poll()}")
            time.sleep(0.01)
    finally:
        # Its own group: with it go the processes that it started.
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310 - http, this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
