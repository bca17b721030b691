"""A panel whose answer takes long: a skeleton, a bar with words, cancel, and start again."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.odd_histories import write_history
from tests.serving import serving

pytestmark = pytest.mark.browser
CANCELLED = "Cancelled. Choose again or"
# What became of the covers over the clusters, in order.
RECORD = """
window.covers = [];
new MutationObserver(() => {
  const cover = document.querySelector('#clusters-board + .cover');
  const state = cover ? cover.dataset.state || 'skeleton' : 'none';
  if (window.covers.at(-1) !== state) window.covers.push(state);
}).observe(document, { childList: true, subtree: true, attributeFilter: ['data-state'] });
"""


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """Give a file: clusters are not computed before it is removed."""
    path = tmp_path / "hold"
    path.touch()
    return path


@pytest.fixture
def slow(tmp_path: Path, hold: Path) -> Iterator[str]:
    write_history(tmp_path / "data", "slow")
    program = ("-m", "tests.browser.slow_app")
    with serving(
        tmp_path / "data", tmp_path / "cache", program, HOLD_CLUSTERS=str(hold)
    ) as address:
        yield address


def cover(page: Page, picture: str = "#clusters-board") -> Locator:
    return page.locator(f"{picture} + .cover")


def jobs_in(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "cache" / "jobs").iterdir())


def sum_of_clusters(page: Page) -> int:
    sizes = page.locator("#clusters-board button b")
    expect(sizes.first).to_be_visible(timeout=20_000)
    return sum(int(size) for size in sizes.all_text_contents())


def test_what_takes_long_is_covered_told_cancelled_and_started_again(
    page: Page, slow: str, hold: Path, tmp_path: Path
) -> None:
    page.add_init_script(RECORD)
    page.goto(f"{slow}/?dataset=slow")
    told = cover(page)
    expect(told).to_contain_text(re.compile(r"Ranking 9 records … [1-9][0-9]* s"), timeout=30_000)
    expect(told.locator("progress")).to_have_js_property("position", 0.25)
    expect(told.get_by_role("status")).to_have_text("Ranking 9 records")
    seen = page.evaluate("window.covers")
    assert seen[-2:] == ["skeleton", "waiting"]  # the bar comes after the skeleton
    expect(cover(page, "#matrix-board")).to_contain_text("Ranking 9 records")
    # The rest of the page is usable meanwhile.
    page.locator("#timeline-curve").get_by_text("Loss").click()
    expect(page).to_have_url(re.compile("curve=loss"))
    expect(page.locator("#timeline-chart")).to_contain_text("loss (nats)")
    link = page.url

    told.get_by_role("button", name="Cancel").focus()
    page.keyboard.press("Enter")
    expect(told).to_contain_text(CANCELLED)
    expect(told.locator("progress")).to_be_hidden()
    expect(told.get_by_role("button", name="Compute")).to_be_focused()
    expect(cover(page, "#matrix-board")).to_contain_text(CANCELLED)
    for _ in range(100):
        if not jobs_in(tmp_path):
            break
        page.wait_for_timeout(100)
    assert jobs_in(tmp_path) == []  # ended, and nothing is left of it
    assert page.url == link
    expect(page.locator("#frame-page-error")).to_be_empty()

    hold.unlink()
    page.keyboard.press("Enter")
    assert sum_of_clusters(page) == 9
    expect(page.locator("#matrix-board canvas")).to_be_visible(timeout=20_000)
    expect(page.locator("#instance-facts")).to_contain_text("Ground truth", timeout=20_000)
    expect(page.locator(".cover")).to_have_count(0, timeout=20_000)
    expect(page.locator("[data-waiting]")).to_have_count(0)


def test_another_choice_meanwhile_is_the_one_that_is_shown(
    page: Page, slow: str, hold: Path
) -> None:
    page.goto(f"{slow}/?dataset=slow&k=2")
    expect(cover(page)).to_contain_text("Ranking", timeout=30_000)
    field = page.locator("#clusters-number")
    field.fill("3")
    field.press("Enter")
    expect(page).to_have_url(re.compile("k=3"))
    expect(cover(page)).to_contain_text(re.compile("Ranking|Waiting"))
    hold.unlink()
    expect(page.locator("#clusters-board button")).to_have_count(3, timeout=20_000)
    expect(page.locator(".cover")).to_have_count(0, timeout=20_000)
    expect(page.locator("#clusters-board button")).to_have_count(3)


def test_choosing_again_takes_a_cancelled_panel_back(page: Page, slow: str, hold: Path) -> None:
    page.goto(f"{slow}/?dataset=slow&k=2")
    cover(page).get_by_role("button", name="Cancel").click(timeout=30_000)
    expect(cover(page)).to_contain_text(CANCELLED)
    hold.unlink()
    field = page.locator("#clusters-number")
    field.fill("3")
    field.press("Enter")
    expect(page.locator("#clusters-board button")).to_have_count(3, timeout=20_000)
    expect(cover(page)).to_have_count(0)


def test_who_waits_for_the_same_answer_gets_it_when_another_cancels(
    page: Page, browser: Browser, slow: str, hold: Path
) -> None:
    other = browser.new_page()
    for one in (page, other):
        one.goto(f"{slow}/?dataset=slow")
        expect(cover(one)).to_contain_text("Ranking 9 records", timeout=30_000)
    cover(page).get_by_role("button", name="Cancel").click()
    expect(cover(page)).to_contain_text(CANCELLED)
    expect(cover(other)).to_contain_text("Ranking 9 records")
    hold.unlink()
    assert sum_of_clusters(other) == 9
    cover(page).get_by_role("button", name="Compute").click()
    assert sum_of_clusters(page) == 9
    other.close()


def test_a_server_that_is_gone_is_told_and_asked_again(
    browser: Browser, slow: str, hold: Path
) -> None:
    page = browser.new_page()  # the browser itself logs an error here
    page.goto(f"{slow}/?dataset=slow")
    expect(cover(page)).to_contain_text("Ranking 9 records", timeout=30_000)
    page.route("**/_dash-update-component*", lambda route: route.abort())
    expect(cover(page)).to_contain_text("The server does not answer.")
    page.unroute("**/_dash-update-component*")
    hold.unlink()
    cover(page).get_by_role("button", name="Try again").click()
    assert sum_of_clusters(page) == 9
    page.close()
