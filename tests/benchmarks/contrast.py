"""Benchmarks of contrastive PCA."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy.linalg
from contrastive import CPCA

from flhetero_dash.analysis.alpha_choice import CANDIDATES
from flhetero_dash.analysis.cpca import contrastive_fit, contrastive_plane
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from tests.benchmarks import plain_routes, published_contrast
from tests.benchmarks.inputs import (
    colour_pictures,
    digits,
    inconsistent_rows,
    median_of,
    shape_of,
)
from tests.benchmarks.measuring import Bench, Work
from tests.benchmarks.rows import AT_MOST, Row, below, faster, within
from tests.benchmarks.sizes import Sizes

AUTOMATIC = "cPCA, automatic alpha"
PUBLISHED, WITH_EIGH = "published", "published, were it to use eigh"
PLAIN, FLOOR, PACKAGE = "plain: float64, scipy top 2", "floor X'X", "package contrastive"
_N_INPUTS = 3
# Slow contenders are measured on each input this often: six times in all.
_SLOW_ROUNDS = 2
_N_SEEDS = 20
_ANGLE, _ROUNDINGS = 1e-6, 1000


@dataclass(frozen=True)
class Case:
    """Records, and which of them are the background."""

    X: SampleArray
    rows: IntArray

    @classmethod
    def of_digits(cls, sizes: Sizes, m: int, seed: int = 0) -> "Case":
        """Real digits."""
        X, labels = digits(sizes.n, sizes.side)
        return cls(X, inconsistent_rows(X, labels, m, seed))

    @classmethod
    def in_colour(cls, sizes: Sizes) -> "Case":
        """Made-up pictures."""
        return cls(*colour_pictures(sizes.n_colour, sizes.colour_side, sizes.m_colour))

    @property
    def background(self) -> SampleArray:
        """The background's records."""
        return self.X[self.rows]

    def ours(self) -> object:
        """Plane of the automatic contrast."""
        return contrastive_plane(self.X, self.background, None)

    def published(self) -> object:
        """Do the same in the published way."""
        return published_contrast.automatic(self.X, self.background, self.X)

    def published_with_eigh(self) -> object:
        """Do the same with the solver for symmetric matrices."""
        return published_contrast.automatic(self.X, self.background, self.X, solver=np.linalg.eigh)

    def plain(self) -> object:
        """Do the same in the plain way."""
        return plain_routes.automatic_plane(self.X, self.background)

    def package(self) -> object:
        """Do the same with the package of Abid et al."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return CPCA(standardize=False).fit_transform(
                self.X.astype(np.float64),
                self.background.astype(np.float64),
                n_alphas=len(CANDIDATES) - 1,
                n_alphas_to_return=5,
            )

    def floor(self) -> Work:
        """Return the product that no exact way can avoid, in single precision."""
        single = self.X.astype(np.float32)
        return lambda: single.T @ single


def automatic(bench: Bench) -> Iterator[Row]:
    """Automatic contrast on digits, few inconsistent records: three inputs, their median."""
    for m in bench.sizes.m_few:
        cases = [Case.of_digits(bench.sizes, m, seed) for seed in range(_N_INPUTS)]
        found = [_timed(bench, case) for case in cases]
        ours, floor = (median_of([times[name] for times in found]) for name in ("ours", FLOOR))
        size = shape_of(cases[0].X, m)
        peak = bench.memory("cPCA of digits").beside_mb
        for against, target in ((PUBLISHED, 15), (WITH_EIGH, None), (PLAIN, 2)):
            theirs = median_of([times[against] for times in found])
            yield faster(
                AUTOMATIC, size, ours, against, theirs, target, floor_s=floor, peak_mb=peak
            )
        yield within(AUTOMATIC, size, ours, FLOOR, floor, 15, floor_s=floor, peak_mb=peak)
        if m == bench.sizes.m_few[0]:
            theirs = bench.seconds({PACKAGE: cases[0].package})[PACKAGE]
            yield faster(AUTOMATIC, size, ours, PACKAGE, theirs, None, floor_s=floor, peak_mb=peak)


def automatic_many(bench: Bench) -> Iterator[Row]:
    """Automatic contrast on digits, many inconsistent records, and records stored as floats."""
    sizes = bench.sizes
    few = Case.of_digits(sizes, sizes.m_few[0])
    for case, targets in (
        (Case.of_digits(sizes, sizes.m_some), {PUBLISHED: 9, PLAIN: None}),
        (Case.of_digits(sizes, sizes.m_most), {PUBLISHED: 8, PLAIN: None}),
        (Case(few.X.astype(np.float64), few.rows), {PLAIN: None}),
    ):
        contenders = {
            "ours": case.ours,
            PUBLISHED: case.published,
            PLAIN: case.plain,
            FLOOR: case.floor(),
        }
        if PUBLISHED not in targets:
            del contenders[PUBLISHED]
        times = bench.seconds(contenders)
        size, ours = shape_of(case.X, len(case.rows)), times["ours"]
        for against, target in targets.items():
            yield faster(
                AUTOMATIC, size, ours, against, times[against], target, floor_s=times[FLOOR]
            )


def automatic_in_colour(bench: Bench) -> Iterator[Row]:
    """Automatic contrast of 3,072 columns, 8-bit and floats."""
    case = Case.in_colour(bench.sizes)
    floating = Case(case.X.astype(np.float64), case.rows)
    times = bench.seconds({"ours": case.ours, "floats": floating.ours, FLOOR: case.floor()})
    dense = _extrapolated(bench, case, plain_routes.leading_pair, n_solves=3)
    published = _extrapolated(bench, case, published_contrast.directions_of, n_solves=1)
    size, peak = shape_of(case.X, len(case.rows)), bench.memory("cPCA in colour").beside_mb
    ours, floor = times["ours"], times[FLOOR]
    label = f"{len(CANDIDATES)} dense top-2 solves, extrapolated from 3"
    yield faster(AUTOMATIC, size, ours, label, dense, 20, floor_s=floor, peak_mb=peak)
    yield within(AUTOMATIC, size, ours, FLOOR, floor, 8, floor_s=floor, peak_mb=peak)
    label = f"{PUBLISHED}, extrapolated from 1 solve"
    yield faster(AUTOMATIC, size, ours, label, published, None, floor_s=floor, peak_mb=peak)
    size = shape_of(floating.X, len(case.rows))
    label = f"{len(CANDIDATES)} dense top-2 solves, extrapolated from 3"
    yield faster(AUTOMATIC, size, times["floats"], label, dense, 20, floor_s=floor)


def other_alpha(bench: Bench) -> Iterator[Row]:
    """Another contrast after a fit, as the slider asks for it."""
    operation = "cPCA, another alpha"
    for case in (Case.of_digits(bench.sizes, bench.sizes.m_few[0]), Case.in_colour(bench.sizes)):
        fit = contrastive_fit(case.X, case.background)
        alphas = iter(np.tile(np.geomspace(0.2, 900, 97), 1000).tolist())

        def ours(fit=fit, alphas=alphas) -> object:
            return fit.plane(next(alphas))

        def published(case=case) -> object:
            return published_contrast.one_alpha(case.X, case.background, 7.0, case.X)

        size = shape_of(case.X, len(case.rows))
        seconds = bench.seconds({"ours": ours})["ours"]
        slow = case.X.shape[1] > 1_000
        theirs = bench.once(published) if slow else bench.seconds({PUBLISHED: published})[PUBLISHED]
        against = f"{PUBLISHED}, one run" if slow else PUBLISHED
        yield faster(operation, size, seconds, against, theirs, 100)
        yield below(operation, size, seconds, 0.005)


def accuracy(bench: Bench) -> Iterator[Row]:
    """Planes of all candidates against dense solves in double precision; the chosen contrast."""
    sizes = bench.sizes
    digits_of = (*sizes.m_few, sizes.m_some, sizes.m_most)
    cases = [Case.of_digits(sizes, m, seed) for seed, m in enumerate(digits_of)]
    found = [_checked(bench, case, CANDIDATES) for case in cases]
    reached = sum(each.alpha_is_reached for each in found)
    found.append(_checked(bench, Case.in_colour(sizes), CANDIDATES[5::10]))
    angles = [angle for each in found for angle in each.angles]
    shares = [share for each in found for share in each.shares]
    excused = sum(angle > _ANGLE for angle in angles)
    size = f"{len(angles)} planes, largest angle {max(angles):.1e}, {excused} excused"
    allowed = f"angle allowed, of dense float64 {AT_MOST}"
    yield Row("cPCA, planes", size, None, allowed, None, max(shares), target=1.0)
    size = f"{len(cases)} inputs, share that the published rule reaches"
    against, share = f"published rule, {_N_SEEDS} seeds", reached / len(cases)
    yield Row("cPCA, choice of alpha", size, None, against, None, share, target=1.0)


def memory_in_colour(sizes: Sizes) -> Work:
    """Return what is measured for memory, on pictures in colour."""
    return Case.in_colour(sizes).ours


def memory_of_digits(sizes: Sizes) -> Work:
    """Return what is measured for memory, on digits."""
    return Case.of_digits(sizes, sizes.m_few[0]).ours


def _timed(bench: Bench, case: Case) -> dict[str, float]:
    """Time all contenders by turns, the slow ones in fewer rounds."""
    slow: dict[str, Work] = {
        "ours": case.ours,
        PUBLISHED: case.published,
        WITH_EIGH: case.published_with_eigh,
    }
    quick: dict[str, Work] = {"ours": case.ours, PLAIN: case.plain, FLOOR: case.floor()}
    return bench.seconds(slow, _SLOW_ROUNDS) | bench.seconds(quick)


def _extrapolated(
    bench: Bench, case: Case, solve: Callable[[FloatArray], FloatArray], n_solves: int
) -> float:
    """Seconds of all candidates: covariances, and a few solves instead of all of them."""
    moments = bench.once(lambda: plain_routes.covariances(case.X, case.background))
    of_target, of_background = plain_routes.covariances(case.X, case.background)
    if solve is published_contrast.directions_of:
        of_target, of_background = of_target.astype(np.float32), of_background.astype(np.float32)
    solves = [
        bench.once(partial(solve, of_target - alpha * of_background))
        for alpha in map(float, CANDIDATES[np.linspace(5, 35, n_solves).astype(int)])
    ]
    return moments + len(CANDIDATES) * float(np.mean(solves))


@dataclass(frozen=True)
class Checked:
    """Angles of planes to dense ones, their shares of what is allowed, and the choice."""

    angles: tuple[float, ...]
    shares: tuple[float, ...]
    alpha_is_reached: bool


def _checked(bench: Bench, case: Case, alphas: FloatArray) -> Checked:
    bench.say(f"  planes of {shape_of(case.X, len(case.rows))}")
    # What never varies has eigenvalue 0, and would win: it takes no part.
    live = case.X.min(axis=0) < case.X.max(axis=0)
    of_target, of_background = plain_routes.covariances(case.X[:, live], case.background[:, live])
    fit = contrastive_fit(case.X, case.background)
    compared = [
        _compared(fit.plane(alpha).directions[:, live], of_target - alpha * of_background)
        for alpha in alphas.tolist()
    ]
    angles, allowed, planes = zip(*compared, strict=True)
    reached = False
    if len(alphas) == len(CANDIDATES):
        affinity = plain_routes.affinities(list(planes), of_target)
        candidates = {published_contrast.chosen_candidate(affinity, s) for s in range(_N_SEEDS)}
        reached = fit.automatic().alpha in CANDIDATES[list(candidates)]
    shares = tuple(angle / most for angle, most in zip(angles, allowed, strict=True))
    return Checked(angles, shares, reached)


def _compared(directions: FloatArray, contrast: FloatArray) -> tuple[float, float, FloatArray]:
    """Sine of the largest angle to the dense plane, the angle allowed, and that plane."""
    last = len(contrast) - 1
    values, vectors = scipy.linalg.eigh(contrast, subset_by_index=[last - 2, last])
    dense = vectors[:, 1:].T
    ours = np.linalg.qr(directions.T)[0].T
    angle = float(np.linalg.norm(ours - ours @ dense.T @ dense, 2))
    norm = float(np.linalg.norm(contrast, 2))
    rounding = _ROUNDINGS * np.finfo(float).eps * norm / max(values[1] - values[0], 1e-300)
    return angle, max(_ANGLE, float(rounding)), dense[::-1]
