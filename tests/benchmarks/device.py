"""Benchmarks on a CUDA device, against the same code on the CPU; none where there is no device."""

import time
from collections.abc import Iterator

from flhetero_dash.analysis.cpca import contrastive_plane
from flhetero_dash.analysis.rank_products import RankProducts
from flhetero_dash.arrays import IntArray
from tests.benchmarks.inputs import Pictures, colour_pictures, shape_of
from tests.benchmarks.measuring import Bench, Work
from tests.benchmarks.rows import Row, faster

CUDA, CPU = "cuda", "cpu"
TARGET = 30


def on_device(bench: Bench) -> Iterator[Row]:
    """Automatic contrast and rank products of many pictures in colour, by the wall clock."""
    import torch

    if not torch.cuda.is_available():
        return
    sizes = bench.sizes
    X, rows = colour_pictures(sizes.n_device, sizes.colour_side, sizes.m_colour)
    name = torch.cuda.get_device_name()
    for operation, contenders in (
        ("cPCA, automatic alpha", {where: _plane(X, rows, where) for where in (CUDA, CPU)}),
        ("rank products", {where: _products(X, rows, where) for where in (CUDA, CPU)}),
    ):
        times = bench.seconds(contenders, clock=time.perf_counter)
        yield faster(
            f"{operation}, on {name}",
            shape_of(X, len(rows)),
            times[CUDA],
            "the same code on one CPU thread",
            times[CPU],
            TARGET,
        )


def _plane(X: Pictures, rows: IntArray, device: str) -> Work:
    return lambda: contrastive_plane(X, X[rows], None, device=device)


def _products(X: Pictures, rows: IntArray, device: str) -> Work:
    return lambda: RankProducts(X, device=device).among(rows)
