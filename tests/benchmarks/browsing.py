"""Benchmark of the page itself: how long a browser takes from an action to the last panel."""

import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

from tests.benchmarks.histories import folder, settle, write_clients
from tests.benchmarks.measuring import ROOT, Bench
from tests.benchmarks.rows import Row, below
from tests.serving import CHROMIUM_OPTIONS, DEMO, chromium, serving

Act = Callable[[int], object]
N_ACTIONS, N_LINKED = 20, 5_000
MOST_S = 0.1
_PATIENCE_MS = 120_000
# What the page does is over when no answer is awaited and nothing in the document has changed for
# a while; what counts is when the last of it happened. The clock starts with the press itself.
_WATCH = """
window.watched = { waiting: 0, last: 0, start: 0 };
const before = window.fetch;
window.fetch = async (...given) => {
  // The look for others' notes, every three seconds, answers no action.
  if (String(given[0]).endsWith("annotations/revision")) return before(...given);
  watched.waiting += 1;
  try { return await before(...given); }
  finally { watched.waiting -= 1; watched.last = performance.now(); }
};
new MutationObserver(() => { watched.last = performance.now(); }).observe(
  document, { subtree: true, childList: true, attributes: true, characterData: true });
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => { watched.start ||= performance.now(); }, true);
}
"""
_SETTLED = """() => new Promise((done) => {
  const look = () => {
    const quiet = performance.now() - Math.max(watched.last, watched.start);
    if (watched.waiting || quiet < 250) requestAnimationFrame(look);
    else done(watched.last - watched.start);
  };
  look();
})"""
# From the choice of the records to the frame in which all panels have drawn them.
_LINKED = """(records) => new Promise((done) => {
  const start = performance.now();
  flhetero.link.set({ records, record: records[0] });
  requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start)));
})"""


def pages(bench: Bench) -> Iterator[Row]:
    """Act on a page whose answers are known already, and link panels of a large client."""
    path = chromium()
    if path is None:
        bench.say("  no Chromium on this machine, so nothing is measured in the browser")
        return
    if not (DEMO / "datasets").is_dir():
        make = [sys.executable, "-m", "preprocess", "demo", "--out", str(DEMO)]
        subprocess.run(make, cwd=ROOT, check=True, stdout=sys.stderr)  # noqa: S603 - our own
    with _browser(path) as page, folder() as root:
        with serving(DEMO, root / "cache") as address:
            for name, seconds in _actions(page, address, 2 if bench.quick else N_ACTIONS).items():
                yield _row(bench, name, "demo, 900 records, 1440 x 900 pixels", seconds)
        yield _linking(bench, page, root / "large")


def _linking(bench: Bench, page: Page, root: Path) -> Row:
    sizes = bench.sizes
    write_clients(root, sizes, sizes.n_visited, 1, sizes.m_visited)
    if not bench.quick:
        settle()
    n_linked = min(N_LINKED, sizes.n_visited // 2)
    with serving(root, root / "cache") as address:
        _open(page, address)
        choose = np.random.default_rng(0)
        times = []
        for _ in range(2 if bench.quick else N_ACTIONS):
            records = choose.choice(sizes.n_visited, n_linked, replace=False)
            times.append(page.evaluate(_LINKED, np.sort(records).tolist()) / 1_000)
    size = f"{n_linked:,} of {sizes.n_visited:,} records in all panels"
    return _row(bench, "linking a selection", size, times)


@contextmanager
def _browser(path: str) -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(_WATCH)
        page.set_default_timeout(_PATIENCE_MS)
        yield page
        browser.close()


def _open(page: Page, address: str) -> None:
    page.goto(address)
    page.locator("#matrix-board canvas[data-selected]").wait_for()
    page.locator("#overview-scatter canvas.overlay[data-marked]").wait_for()
    page.locator("#instance-facts dd").first.wait_for()
    page.evaluate(_SETTLED)


def _actions(page: Page, address: str, n_actions: int) -> dict[str, list[float]]:
    _open(page, f"{address}/?round=10")
    tiles = page.locator("#clusters-board button[aria-pressed]")

    def by_turns(*controls: Locator) -> Act:
        return lambda turn: controls[turn % len(controls)].click()

    def word(group: str, text: str) -> Locator:
        return page.locator(f"#{group}").get_by_text(text, exact=True)

    button = page.locator
    strip = button("#instance-strip button")
    actions: dict[str, Act] = {
        "a cluster": by_turns(tiles.nth(0), tiles.nth(1), tiles.nth(2)),
        "a record of the strip": by_turns(*(strip.nth(at) for at in range(5))),
        "the next record": by_turns(button("#instance-next"), button("#instance-previous")),
        "another attribute": by_turns(
            button("#distribution-next"), button("#distribution-previous")
        ),
        "a logarithmic scale": by_turns(
            word("distribution-scale", "Log"), word("distribution-scale", "Linear")
        ),
        "a background of the matrix": by_turns(
            word("matrix-background", "Enrichment"), word("matrix-background", "Share")
        ),
        "a curve of the timeline": by_turns(
            word("timeline-curve", "Loss"), word("timeline-curve", "Accuracy")
        ),
        "the next round": by_turns(button("#frame-next"), button("#frame-previous")),
    }
    found = {}
    for name, act in actions.items():
        for turn in range(6):  # so that all answers are known
            _timed(page, act, turn)
        found[name] = [_timed(page, act, turn) for turn in range(n_actions)]
    return found


def _timed(page: Page, act: Act, turn: int) -> float:
    page.evaluate("() => { watched.start = 0; }")
    act(turn)
    return float(page.evaluate(_SETTLED)) / 1_000


def _row(bench: Bench, name: str, size: str, seconds: list[float]) -> Row:
    """Judge what all but the slowest twentieth stay below."""
    ordered = sorted(seconds)
    late = ordered[max(0, round(0.95 * len(ordered)) - 1)]
    bench.say(f"  {name}: median {statistics.median(ordered):.3f} s, 95% within {late:.3f} s")
    return below(f"browser: {name}, 95%", size, late, MOST_S)
