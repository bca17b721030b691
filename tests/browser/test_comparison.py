"""Output Comparison: selecting by hand, the record under the pointer, what clusters hold."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

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


def test_where_many_selected_records_lie_together_their_class_is_seen(
    page: Page, demo: str
) -> None:
    overlay = opened(page, demo + ROUND)
    size = page.locator("#clusters-board button b").first.inner_text()
    assert int(size) > 10
    expect(overlay).to_have_attribute("data-marked", size)
    # At the middle of each selected record's outline there is the colour of its class.
    share = page.evaluate(
        """() => {
        const plot = document.querySelector("#overview-scatter .js-plotly-plot");
        const canvas = document.querySelector("canvas.overlay"), ratio = window.devicePixelRatio;
        const { x, y } = flhetero.overlay.table(plot);
        const { ax, bx, ay, by } = flhetero.overlay.scales(plot);
        const ink = flhetero.colour("inconsistent");
        const [red, green, blue] = [1, 3, 5].map((at) => parseInt(ink.slice(at, at + 2), 16));
        const { records } = flhetero.link.state;
        const seen = records.filter((one) => {
            const [left, top] = [ax + bx * x[one], ay + by * y[one]];
            const pixel = [left * ratio, top * ratio, 1, 1];
            const [r, g, b] = canvas.getContext("2d").getImageData(...pixel).data;
            return Math.abs(r - red) + Math.abs(g - green) + Math.abs(b - blue) < 60;
        });
        return seen.length / records.length;
    }"""
    )
    # The ring of the one under verification lies over a few.
    assert share > 0.8


def unanswered(_route: Route) -> None:
    """Let a request wait for ever."""


def test_what_is_drawn_by_hand_is_marked_everywhere_before_the_server_answers(
    page: Page, demo: str
) -> None:
    opened(page, demo + ROUND)
    in_matrix = page.locator("#matrix-board canvas")
    expect(in_matrix).to_have_attribute("data-selected", re.compile(r"\d"))
    # From here on no answer comes: what is seen is the browser's own doing.
    page.route(re.compile("_dash-update-component"), unanswered)
    page.get_by_role("button", name="Select with a lasso").click()
    draw(page)
    size = page.evaluate("() => flhetero.link.state.records.length")
    assert size > 3
    expect(page.locator("canvas.overlay")).to_have_attribute("data-marked", str(size))
    # The matrix has the inconsistent ones of them.
    inside = page.evaluate(
        "() => flhetero.matrix.state.data.cells.flatMap((one) => one.records)"
        ".filter((one) => flhetero.link.state.records.includes(one)).length"
    )
    expect(in_matrix).to_have_attribute("data-selected", str(inside))
    expect(page.get_by_role("heading", name=f"Selected records ({size})")).to_be_visible()
    tile = page.locator("#instance-strip button").nth(2)
    tile.click()
    expect(page.locator("#instance-position")).to_have_text(f"3 of {size}")
    record = tile.get_attribute("data-record")
    expect(page.locator("#instance-picture img")).to_have_attribute(
        "src", re.compile(rf"\?ids={record}$")
    )


def test_a_record_under_the_pointer_in_one_panel_is_ringed_in_the_others(
    page: Page, demo: str
) -> None:
    opened(page, demo + ROUND)
    expect(page.locator("#matrix-board canvas")).to_be_visible()
    hovered = "() => flhetero.link.state.hovered"
    place = page.evaluate(
        """() => {
        const { state } = flhetero.matrix;
        const cell = state.data.cells.find((one) => one.records.length > 20);
        const [across, down] = flhetero.matrixShape.corner(state.shape, cell.row, cell.column);
        const left = across - state.view.left, top = down - state.view.top;
        const box = state.board.querySelector("canvas").getBoundingClientRect();
        const [x, y] = flhetero.matrix.pixel(state.window, state.shape, left, top, cell.places[0]);
        return [box.x + x, box.y + y];
    }"""
    )
    page.mouse.move(*place)
    page.wait_for_function("() => flhetero.link.state.hovered !== null")
    record = page.evaluate(hovered)
    inconsistent = page.evaluate(
        "() => flhetero.matrix.state.data.cells.flatMap((one) => one.records)"
    )
    assert record in inconsistent
    page.mouse.move(5, 5)
    page.wait_for_function("() => flhetero.link.state.hovered === null")


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
