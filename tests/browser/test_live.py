"""A page that is open while a training writes its history."""

import re
import threading
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history

pytestmark = pytest.mark.browser
LIMIT_MS = 60_000
NAME = "running"
# Of the client's curve in the timeline.
LAST_POINT = """Math.max(...document.querySelector("#timeline-chart .js-plotly-plot")
  ._fullData.find((one) => one.name === "this client").x)"""


def grow(data_dir: Path, n_rounds: int, tmp_path: Path) -> None:
    """Write the same history with more rounds, and put its files there one by one."""
    write_history(tmp_path / str(n_rounds), NAME, n_rounds=n_rounds)
    made = tmp_path / str(n_rounds) / "history" / NAME
    # The curves last: from then on the round is there.
    for path in sorted(made.rglob("*.npz"), key=lambda path: path.name == "validation.npz"):
        target = data_dir / "history" / NAME / path.relative_to(made)
        if not target.exists() or path.name in ("validation.npz", "cosines.npz"):
            path.replace(target)


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    write_history(tmp_path / "data", NAME, n_rounds=3)
    return tmp_path / "data"


def test_new_rounds_appear_and_nothing_that_was_chosen_is_lost(
    page: Page, serve: Serve, data_dir: Path, tmp_path: Path
) -> None:
    page.goto(f"{serve(data_dir)}/?dataset={NAME}&client=Hospital+B&round=3&k=2")
    expect(page.locator("#clusters-board button").nth(1)).to_be_visible(timeout=LIMIT_MS)
    page.locator("#clusters-board button").nth(1).click()
    expect(page).to_have_url(re.compile("cluster=2"))
    page.get_by_placeholder(re.compile("Note on these")).fill("half a note")
    address = page.url
    expect(page.locator("#frame-n-rounds")).to_have_text("/ 3")
    page.wait_for_timeout(3500)  # the page has looked once, and knows what was there
    grow(data_dir, 5, tmp_path)
    expect(page.locator("#frame-n-rounds")).to_have_text("/ 5", timeout=LIMIT_MS)
    page.wait_for_function(LAST_POINT + " === 5")
    by_round = page.get_by_role("slider", name=re.compile("Federated output of this record"))
    expect(by_round).to_have_attribute("aria-valuemax", "5", timeout=LIMIT_MS)
    assert page.url == address
    chosen = page.locator("#clusters-board button").nth(1)
    expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_placeholder(re.compile("Note on these"))).to_have_value("half a note")
    page.get_by_title("Next round").click()
    expect(page).to_have_url(re.compile("round=4"))
    expect(page.locator("#instance-facts")).to_contain_text("Federated", timeout=LIMIT_MS)


def test_a_half_written_round_is_said_to_be_and_drawn_once_it_is_whole(
    page: Page, serve: Serve, data_dir: Path
) -> None:
    path = data_dir / "history" / NAME / "outputs" / "Hospital A_Server_r2.npz"
    whole, is_done = path.read_bytes(), threading.Event()

    def write_slowly() -> None:
        while not is_done.wait(0.2):
            path.write_bytes(whole[: len(whole) // 2])

    path.write_bytes(whole[: len(whole) // 2])
    writer = threading.Thread(target=write_slowly)
    writer.start()
    try:
        page.goto(f"{serve(data_dir)}/?dataset={NAME}&client=Hospital+A&round=3")
        # Plotly breaks the line anywhere.
        expect(page.locator("#overview-scatter")).to_contain_text(
            re.compile(r"Server_r2\.npz.*being\s*written"), timeout=LIMIT_MS
        )
        page.wait_for_timeout(3500)  # the page has looked once, and knows what was there
    finally:
        is_done.set()
        writer.join()
    path.write_bytes(whole)
    expect(page.locator("#clusters-board button").first).to_be_visible(timeout=LIMIT_MS)
    expect(page.locator("#instance-facts")).to_contain_text("Federated", timeout=LIMIT_MS)


def test_the_data_page_follows_too(
    page: Page, serve: Serve, data_dir: Path, tmp_path: Path
) -> None:
    page.goto(f"{serve(data_dir)}/data?dataset={NAME}&client=Hospital+A")
    there = page.locator("#data-there")
    expect(there).to_contain_text("federated model's outputs: rounds 1 to 3", timeout=LIMIT_MS)
    page.wait_for_timeout(3500)
    grow(data_dir, 4, tmp_path)
    expect(there).to_contain_text("federated model's outputs: rounds 1 to 4", timeout=LIMIT_MS)


def test_a_dataset_appears_where_there_was_none(page: Page, serve: Serve, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    (empty / "datasets").mkdir(parents=True)
    page.goto(serve(empty))
    expect(page.locator("#frame-problem")).to_contain_text("no dataset", timeout=LIMIT_MS)
    page.wait_for_timeout(3500)
    write_history(empty, NAME)
    expect(page.locator("#clusters-board button").first).to_be_visible(timeout=LIMIT_MS)
    expect(page.locator("#frame-problem")).to_be_empty()
    expect(page.get_by_role("textbox", name="Layer of the learning process")).to_have_value("All")
