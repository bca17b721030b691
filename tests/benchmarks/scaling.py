"""How the cost of operations grows with their sizes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.cpca import contrastive_plane
from flhetero_dash.analysis.rank_clustering import merge_tree, rank_dissimilarity
from flhetero_dash.analysis.trajectory import project_parameters
from tests.benchmarks.explanations import walk
from tests.benchmarks.inputs import colour_pictures, digits, inconsistent_rows
from tests.benchmarks.measuring import Bench, Work

_ROUNDS = 3


@dataclass(frozen=True)
class Growth:
    """Seconds of one operation while one of its sizes doubles.

    Attributes
    ----------
    operation, parameter, beside : str
        The size that grows, and the others.
    values : tuple of int
    seconds : tuple of float
    """

    operation: str
    parameter: str
    beside: str
    values: tuple[int, ...]
    seconds: tuple[float, ...]

    @property
    def power(self) -> float:
        """The cost grows like this power of the size: slope of a line through the logarithms."""
        return float(np.polyfit(np.log(self.values), np.log(self.seconds), 1)[0])


def growths(bench: Bench) -> Iterator[Growth]:
    """Measure all series."""
    few, m, side = bench.sizes.n // 4, bench.sizes.m_few[0], bench.sizes.side
    d = side**2
    series: list[tuple[str, str, str, Sequence[int], Callable[[int], Work]]] = [
        ("cPCA, automatic alpha", "n", f"{d} features, m = {m}", _doubled(few, 4),
         lambda n: _contrast_of_digits(n, side, m)),
        ("cPCA, automatic alpha", "m", f"{4 * few:,} x {d}", _doubled(m // 4, 5),
         lambda m: _contrast_of_digits(4 * few, side, m)),
        ("cPCA, automatic alpha", "d", f"{few:,} records, m = {m // 2}",
         [3 * s**2 for s in _doubled(bench.sizes.colour_side // 4, 3)],
         lambda d: _contrast_in_colour(few, d, m // 2)),
        ("rank products", "n", f"{d} features, m = {m}", _doubled(few, 4),
         lambda n: _ranks(n, side, m)),
        ("rank products", "m", f"{4 * few:,} x {d}", _doubled(m, 4),
         lambda m: _ranks(4 * few, side, m)),
        ("single linkage", "m", "dissimilarity given", _doubled(2 * m, 4), _linkage),
        ("weights view, a layer", "R", f"{bench.sizes.weights[0]:,} weights",
         _doubled(bench.sizes.n_rounds // 4, 4), lambda r: _weights(r, bench.sizes.weights[0])),
        ("weights view, a layer", "weights", f"{bench.sizes.n_rounds} rounds",
         _doubled(bench.sizes.weights[0], 4), lambda n: _weights(bench.sizes.n_rounds, n)),
    ]  # fmt: skip
    for operation, parameter, beside, values, prepared in series:
        bench.say(f"growth of {operation} with {parameter}")
        found = bench.seconds({str(value): prepared(value) for value in values}, _ROUNDS)
        yield Growth(operation, parameter, beside, tuple(values), tuple(found.values()))


def growth_table(found: Sequence[Growth]) -> str:
    """Write the series as a table of Markdown."""
    lines = ["| operation | grows | beside | seconds | like |", "|---|---|---|---|---|"]
    for growth in found:
        steps = ", ".join(
            f"{value:,}: {1000 * seconds:.3g} ms"
            for value, seconds in zip(growth.values, growth.seconds, strict=True)
        )
        like = f"{growth.parameter}^{growth.power:.1f}"
        lines.append(
            f"| {growth.operation} | {growth.parameter} | {growth.beside} | {steps} | {like} |"
        )
    return "\n".join(lines)


def _doubled(first: int, times: int) -> list[int]:
    return [first << step for step in range(times)]


def _contrast_of_digits(n: int, side: int, m: int) -> Work:
    X, labels = digits(n, side)
    rows = inconsistent_rows(X, labels, m, seed=0)
    return lambda: contrastive_plane(X, X[rows], None)


def _contrast_in_colour(n: int, d: int, m: int) -> Work:
    X, rows = colour_pictures(n, round((d / 3) ** 0.5), m)
    return lambda: contrastive_plane(X, X[rows], None)


def _ranks(n: int, side: int, m: int) -> Work:
    X, labels = digits(n, side)
    rows = inconsistent_rows(X, labels, m, seed=0)
    return lambda: rank_dissimilarity(X, rows)


def _linkage(m: int) -> Work:
    points = np.random.default_rng(0).normal(size=(m, 8))
    products = rank_dissimilarity(points, np.arange(m))
    return lambda: merge_tree(products, "single")


def _weights(n_rounds: int, n_weights: int) -> Work:
    initial, client, server = walk(n_rounds, 1, n_weights)
    return lambda: project_parameters(initial[0], client[0], server[0])
