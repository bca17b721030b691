"""Output Comparison: selecting by hand, the record under the pointer, what clusters hold."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser
ROUND = "/examine?dataset=typographic&client=Client-0&round=10"
# Shares of the plot's width and height: right of the middle, where records are consistent.
OUTLINE = [(0.66, 0.4), (0.85, 0.4), (0.85, 0.65), (0.66, 0.65)]


def opened(page: Page, address: str) -> Locator:
    page.goto(address)
    overlay = page.locator("canvas.overlay")
    # The first page of a new server waits for its computations.
    expect(overlay).to_have_attribute("data-marked", re.compile("[1-9]"), timeout=30_000)
    expect(page.locator("#clusters-board button").first).to_be_visible()
    return overlay


def draw(page: Page) -> None:
    box = page.locator("#overview-scatter").bounding_box()
    assert box is not None
    places = [(box["x"] + box["width"] * x, box["y"] + box["height"] * y) for x, y in OUTLINE]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in [*places[1:], places[0]]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_lasso_selects_and_its_link_is_shared_by_copying(
    page: Page, demo: str, browser: Browser
) -> None:
    overlay = opened(page, demo + ROUND)
    before = overlay.get_attribute("data-marked")
    page.get_by_role("button", name="Select with a lasso").click()
    draw(page)
    expect(page).to_have_url(re.compile("own=[0-9a-f]{32}"))
    expect(page.locator("#clusters-board button[aria-pressed=true]")).to_have_count(0)
    size = str(overlay.get_attribute("data-marked"))
    assert int(size) > 3
    expect(page.get_by_role("heading", name=f"Selected records ({size})")).to_be_visible()
    expect(page.get_by_text(f"{size} selected records against the consistent")).to_be_visible()
    page.reload()  # this browser remembers it
    expect(overlay).to_have_attribute("data-marked", size)
    expect(page.get_by_text("not known here")).to_have_count(0)

    stranger = browser.new_context().new_page()
    stranger.goto(page.url)
    expect(stranger.get_by_text("not known here")).to_be_visible()
    with page.expect_response(re.compile("_dash-update-component")):
        page.get_by_role("button", name="Copy link").click()
    stranger.reload()
    expect(stranger.locator("canvas.overlay")).to_have_attribute("data-marked", size)
    stranger.context.close()

    page.go_back()
    expect(overlay).to_have_attribute("data-marked", str(before))


def test_a_box_by_keyboard_selects_too(page: Page, demo: str) -> None:
    overlay = opened(page, demo + ROUND)
    page.get_by_role("button", name="Select with a box").press("Enter")
    expect(overlay).to_be_focused()
    for key in ("Shift+ArrowRight", "ArrowUp", " ", "Shift+ArrowDown", "Shift+ArrowRight", "Enter"):
        page.keyboard.press(key)
    expect(page).to_have_url(re.compile("own=[0-9a-f]{32}"))
    page.keyboard.press("Escape")
    move = page.get_by_role("button", name="Move and zoom")
    expect(move).to_have_attribute("aria-pressed", "true")


def test_the_record_under_the_pointer_is_shown_with_its_labels(page: Page, demo: str) -> None:
    opened(page, demo + ROUND)
    page.get_by_role("button", name="Select with a lasso").click()
    box = page.locator("#overview-scatter").bounding_box()
    assert box is not None
    card = page.locator("#record-tip")
    expect(card).to_be_hidden()
    # The plot's middle is crowded, so that a record is near.
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.45)
    expect(card).to_be_visible()
    record = card.get_attribute("data-record")
    expect(card).to_contain_text(f"record {record}")
    expect(card).to_contain_text("ground truth digit")
    expect(card).to_contain_text("stand-alone digit")
    picture = card.locator("img")
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("image => image.naturalWidth") > 0
    page.mouse.click(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.45)
    expect(page).to_have_url(re.compile(f"record={record}"))
    page.mouse.move(0, 0)
    expect(card).to_be_hidden()


def test_a_thumbnail_says_its_labels_and_a_click_on_the_merge_heights_cuts(
    page: Page, demo: str
) -> None:
    opened(page, demo + ROUND)
    largest = page.locator("#clusters-board button").first
    expect(largest).to_have_attribute("title", re.compile("^digit . called digit .: [0-9]+\n"))
    expect(largest.locator(".labels")).to_contain_text(re.compile("^[0-9] → [0-9]"))
    merges = page.get_by_role("img", name=re.compile("clusters join, cut into 8 clusters"))
    box = merges.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 3.5 / 30, box["y"] + 20)  # the fourth bar
    expect(page).to_have_url(re.compile("k=5"))
    expect(page.locator("#clusters-board button")).to_have_count(5)
    expect(page.get_by_role("img", name=re.compile("cut into 5 clusters"))).to_be_visible()
