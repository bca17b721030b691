"""Instance Verification, the contact sheet and the heat maps, as an analyst uses them."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#instance-facts")).to_contain_text("Federated", timeout=LIMIT_MS)
    expect(page.locator("#contrast-title")).not_to_be_empty(timeout=LIMIT_MS)


def test_arrow_keys_step_and_the_record_is_shown_from_all_sides(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    expect(page.locator("#instance-position")).to_have_text(re.compile("^1 of"))
    page.locator("#instance-verified").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#instance-position")).to_have_text(re.compile("^2 of"))
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#instance-position")).to_have_text(re.compile("^1 of"))
    # In the strip the focus goes along.
    strip = page.locator("#instance-strip button")
    strip.first.focus()
    page.keyboard.press("ArrowRight")
    expect(strip.nth(1)).to_be_focused()
    expect(strip.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#instance-verified")).to_have_attribute("aria-busy", "false")
    # Scores of both models, the ground truth among them.
    scores = page.locator("#instance-scores")
    expect(scores.locator("tr")).to_have_count(5)
    expect(scores.locator("b")).to_have_text(re.compile("✓ digit"))
    expect(scores.locator("td").first).to_contain_text("%")
    # A neighbour.
    near = page.locator("#instance-nearest button")
    expect(near).to_have_count(6)
    record = near.nth(2).get_attribute("data-record")
    near.nth(2).click()
    expect(page.locator("#instance-facts")).to_contain_text(f"Record{record}")
    expect(page.locator("#instance-position")).to_have_text("not in the selection")
    expect(page.locator("#instance-verified")).to_have_attribute("aria-busy", "false")
    federated = page.locator("#instance-facts dd").nth(2)
    alone = page.locator("#instance-facts dd").nth(3)
    assert federated.inner_text() == alone.inner_text()  # it is consistent


def test_the_strip_of_rounds_selects_a_round(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10&record=3")
    rounds = page.locator("#instance-rounds canvas")
    expect(rounds).to_have_attribute("aria-valuenow", "10")
    expect(rounds).to_have_attribute("aria-valuetext", re.compile("round 10: digit . [✓✗]"))
    expect(page.locator("#instance-rounds .since")).to_have_text(re.compile("since|in all"))
    box = rounds.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] - 3, box["y"] + 8)
    expect(rounds).to_have_attribute("title", re.compile("^round 20: "))
    page.mouse.click(box["x"] + box["width"] - 3, box["y"] + 8)
    expect(page.locator("#frame-round")).to_have_value("20")
    expect(rounds).to_have_attribute("aria-valuenow", "20")
    rounds.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#frame-round")).to_have_value("19")
    expect(page.locator("#instance-rounds canvas")).to_be_focused()
    expect(page).to_have_url(
        re.compile("record=3")
    )  # the keys of the rounds do not step through records


def test_the_contact_sheet_shows_the_selection_and_gives_the_focus_back(
    page: Page, demo: str
) -> None:
    opened(page, f"{demo}/?round=10")
    size = page.locator("#instance-position").inner_text().split()[-1]
    opener, dialog = page.locator("#sheet-open"), page.locator("#sheet-dialog")
    opener.focus()
    page.keyboard.press("Enter")
    tiles = dialog.locator(".tiles button")
    expect(tiles).to_have_count(int(size))
    expect(tiles.first).to_be_focused()
    expect(tiles.first).to_contain_text(re.compile("digit .→ [✓✗] digit"))
    addresses = tiles.locator(".picture").evaluate_all(
        "all => all.map((one) => one.style.backgroundImage)"
    )
    assert len(set(addresses)) == 1  # one file
    expect(tiles.first.locator(".picture")).to_be_visible()
    # The focus stays inside.
    for _ in range(4):
        page.keyboard.press("Tab")
        assert dialog.evaluate("one => one.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    # A record of it.
    page.keyboard.press("Enter")
    expect(tiles.first).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    chosen = page.evaluate("document.activeElement.dataset.record")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    expect(page.locator("#instance-facts")).to_contain_text(f"Record{chosen}")
    expect(page).to_have_url(re.compile(f"record={chosen}"))


def test_pages_of_a_large_selection(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=1&k=1")
    page.locator("#sheet-open").click()
    tiles = page.locator("#sheet-dialog .tiles button")
    expect(tiles).to_have_count(240)
    first = tiles.first.get_attribute("data-record")
    page.get_by_role("button", name="Next page").click()
    expect(page.locator(".pager")).to_contain_text("241 to")
    assert tiles.first.get_attribute("data-record") != first


def test_heat_maps_of_one_record_over_its_picture_and_of_another_class(
    page: Page, demo: str
) -> None:
    opened(page, f"{demo}/?round=10&record=3&explain=gradcam")
    title, maps = page.locator("#contrast-title"), page.locator("#contrast-maps")
    expect(title).to_contain_text("Round 10, mean over", timeout=LIMIT_MS)
    page.locator("#contrast-explained").get_by_text("This record").click()
    expect(title).to_contain_text("Round 10, record 3: federated model for digit", timeout=LIMIT_MS)
    expect(maps.locator(".imagelayer image, .im image")).to_have_count(4)
    page.locator("#contrast-class").get_by_text("Ground truth").click()
    expect(title).to_contain_text("looks for the ground truth", timeout=LIMIT_MS)
    page.locator("#contrast-variant").click()
    page.get_by_role("option", name="published").click()
    expect(title).to_contain_text("published variant", timeout=LIMIT_MS)
    expect(page).to_have_url(re.compile("cam=record"))
    expect(page).to_have_url(re.compile("variant=published"))
    page.locator("#frame-next").click()
    expect(title).to_contain_text("Round 11, record 3", timeout=LIMIT_MS)
    page.locator("#frame-inputs").get_by_text("Stratified").click()
    expect(maps).to_contain_text("The published variant needs", timeout=LIMIT_MS)
    expect(maps.locator(".heatmaplayer image")).to_have_count(0)


def test_a_sampled_input_and_its_nearest_local_record_are_kept_apart(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10&inputs=stratified")
    expect(page.locator("#instance-facts")).to_contain_text("of stratified inputs")
    expect(page.locator("#instance-picture img")).to_have_attribute(
        "src", re.compile("/stratified.png")
    )
    near = page.locator("#instance-nearest")
    expect(near).to_contain_text("Nearest local record")
    tile = near.locator("button")
    expect(tile).to_have_count(1)
    assert "/local.png" in tile.evaluate("one => one.style.backgroundImage")
    record = tile.get_attribute("data-record")
    tile.click()
    expect(page.locator("#instance-picture img")).to_have_attribute(
        "src", re.compile(f"/local.png.ids={record}$")
    )
    expect(page).not_to_have_url(re.compile("inputs="))


def test_a_table_of_instances_is_sorted_and_a_row_is_verified(
    page: Page, serve: Serve, tmp_path: Path
) -> None:
    names = np.array(["age", "<b>dose</b>", "sex", "blood.sugar", "weight"])
    write_history(tmp_path, "table", shape=(5,), kind="tabular", extra={"feature_names": names})
    opened(page, f"{serve(tmp_path)}/?dataset=table&k=1")
    attributes = page.locator("#instance-attributes")
    expect(attributes.locator("tr")).to_have_count(6)
    apart = attributes.locator("tr td:last-child").all_text_contents()
    distances = [float(text.removesuffix(" sd")) for text in apart]
    assert distances == sorted(distances, reverse=True)
    page.locator("#sheet-open").click()
    grid = page.locator("#sheet-table")
    rows = grid.locator(".ag-center-cols-container [role=row]")
    expect(rows).to_have_count(9, timeout=LIMIT_MS)
    expect(grid).to_contain_text("<b>dose</b>")
    expect(grid).to_contain_text("blood.sugar")
    grid.get_by_text("blood.sugar").click()
    expect(grid.locator("[role=columnheader][aria-sort=ascending]")).to_have_count(1)
    first = grid.locator("[row-index='0'] [col-id=record]")
    record = first.inner_text()
    first.click()
    expect(page.locator("#sheet-dialog")).to_be_hidden()
    expect(page.locator("#instance-facts")).to_contain_text(f"Record{record}")
