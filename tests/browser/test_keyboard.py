"""The help sheet, and the page without a pointer."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from flhetero_dash.views.help_sheet import PANELS
from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000
MOST_STOPS = 200
RANGE = """() => [...document.querySelector("#overview-scatter .js-plotly-plot")
    ._fullLayout.xaxis.range]"""
# What has the focus: a word for it, and where it is seen.
STOP = """() => {
    const one = document.activeElement;
    if (!one || one === document.body) return null;
    const isSecond = Boolean(one.flheteroSeen);
    one.flheteroSeen = true;
    // The grid draws its focus into the matrix; a radio button is as small as a point.
    const shown = one.closest("[role=grid]") ? one.closest(".matrix-board")
        : one.type === "radio" ? one.labels[0] : one;
    const box = shown.getBoundingClientRect();
    return {
        name: one.id || one.getAttribute("aria-label") || one.textContent.slice(0, 40) || one.name,
        box: [box.x, box.y, box.width, box.height], isSecond,
    };
}"""


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#clusters-board button").first).to_be_visible(timeout=LIMIT_MS)
    expect(page.locator("#contrast-title")).to_contain_text("selected record", timeout=LIMIT_MS)
    expect(page.locator("#instance-facts")).to_contain_text("Federated", timeout=LIMIT_MS)
    expect(page.locator("#timeline-chart")).to_contain_text("round")
    expect(page.locator("#instance-strip button").first).to_be_visible()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until something has the focus."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the Tab key does not reach {selector}")


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def choose_next(page: Page) -> None:
    """Open the list of the field that has the focus, and take the line after the chosen one."""
    press(page, "ArrowDown")
    expect(page.locator("[role=option][data-combobox-selected]")).to_be_visible()
    press(page, "ArrowDown", "Enter")


def picture(page: Page, box: list[float]) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """Take a picture of a place of the page and a little around it."""
    x, y, width, height = box
    clip = {"x": max(0, x - 6), "y": max(0, y - 6), "width": width + 12, "height": height + 12}
    taken = page.screenshot(clip=clip, animations="disabled")  # type: ignore[arg-type]
    return np.asarray(Image.open(io.BytesIO(taken)).convert("RGB"), dtype=np.int16)


def test_the_help_lists_every_panel_and_every_key_and_gives_the_focus_back(
    page: Page, demo: str
) -> None:
    opened(page, f"{demo}/?round=10")
    dialog, button = page.get_by_role("dialog", name="Help"), page.locator("#help-open")
    tab_to(page, "#contrast-alpha")
    press(page, "?")  # a text here
    expect(dialog).to_be_hidden()
    page.locator("#clusters-auto").focus()
    press(page, "?")
    expect(dialog).to_be_visible()
    for panel in PANELS.values():
        expect(dialog.get_by_role("heading", name=panel.title, exact=True)).to_be_visible()
        expect(dialog).to_contain_text(panel.shows)
    declared = page.evaluate(
        """() => [...flhetero.shortcuts.map((one) => one.description),
            ...flhetero.keyed.flatMap((one) => one.rows.map(([, words]) => words))]"""
    )
    assert len(declared) > 20
    cells = dialog.locator(".keys td").all_text_contents()
    assert set(declared) <= set(cells)
    for words in ("inconsistent: both models differ", "the output is the ground truth"):
        assert any(cell.startswith(words) for cell in cells)
    # The page below is out of reach.
    press(page, "]")
    for _ in range(5):
        press(page, "Tab")
        assert dialog.evaluate("one => one.contains(document.activeElement)")
    press(page, "Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("#clusters-auto")).to_be_focused()
    expect(page.locator("#frame-round")).to_have_value("10")
    button.focus()
    press(page, "Enter")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_single_keys_can_be_switched_off(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    press(page, "?")
    page.get_by_role("checkbox", name="The keys that work anywhere are on").press(" ")
    press(page, "Escape", "]", "?")
    expect(page.locator("#help-dialog")).to_be_hidden()
    page.reload()
    opened(page, f"{demo}/?round=10")
    press(page, "]", "?")
    expect(page.locator("#help-dialog")).to_be_hidden()
    expect(page.locator("#frame-round")).to_have_value("10")
    page.locator("#help-open").press("Enter")  # the button stays
    page.get_by_role("checkbox", name="The keys that work anywhere are on").press(" ")
    press(page, "Escape", "]")
    expect(page.locator("#frame-round")).to_have_value("11")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_stop_of_the_tab_key_is_seen_and_none_holds_it(
    page: Page, demo: str, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    opened(page, f"{demo}/?round=10")
    # Waited for instead of shown, the picture would be taken half way.
    page.add_style_tag(content="* { transition: none !important; caret-color: transparent; }")
    names, unseen = [], []
    for _ in range(MOST_STOPS):
        press(page, "Tab")
        stop = page.evaluate(STOP)
        if stop is None:
            break
        assert not stop["isSecond"], f"{stop['name']} leads round in a circle"
        names.append(stop["name"])
        page.evaluate("new Promise((done) => setTimeout(done, 60))")
        if stop["name"].startswith("Skip"):
            continue  # it lies outside while it has not the focus
        box = page.evaluate(STOP)["box"]  # a list that opened may have moved it
        focused = picture(page, box)
        page.evaluate("() => { window.left = document.activeElement; window.left.blur(); }")
        page.evaluate("new Promise((done) => setTimeout(done, 60))")
        changed = np.abs(focused - picture(page, box)).max(axis=2) > 60
        if changed.sum() < 40:
            unseen.append(stop["name"])
        page.evaluate("() => window.left.focus({ preventScroll: true, focusVisible: true })")
    else:
        pytest.fail("the Tab key does not leave the page")
    assert unseen == []
    wanted = (
        "frame-dataset", "frame-client", "frame-round", "Round, by slider", "frame-copy",
        "frame-theme-switch", "help-open", "monitor-layer", "Minimum", "Maximum", "overview-alpha",
        "overview-auto", "overview-inconsistent", "overview-consistent", "Select with a lasso",
        "Select with a box", "clusters-number", "clusters-auto", "clusters-linkage",
        "contrast-alpha", "contrast-auto", "distribution-attribute", "distribution-previous",
        "distribution-next", "distribution-auto", "matrix-zoom-in", "instance-verified",
        "instance-previous", "instance-next", "sheet-open", "record 3", "Round on the timeline",
    )  # fmt: skip
    assert set(wanted) <= set(names)
    for begin in ("Label matrix", "Federated output of this record", "Zoom in", "Save as CSV"):
        assert any(name.startswith(begin) for name in names)


def test_clusters_and_explanations_are_chosen_by_keys(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    tab_to(page, "#monitor-layer")
    choose_next(page)
    expect(page).to_have_url(re.compile("layer=conv1"))
    tab_to(page, "#overview-consistent")
    press(page, "Enter")
    expect(page).to_have_url(re.compile("top=consistent"))
    tab_to(page, "#clusters-number")  # what a click on the merge heights does
    press(page, "Control+a", "5", "Enter")
    expect(page.locator("#clusters-board button")).to_have_count(5)
    tab_to(page, "#clusters-linkage")
    choose_next(page)
    expect(page).to_have_url(re.compile("linkage=single"))
    tab_to(page, "#clusters-board button:nth-child(2)")
    press(page, "Enter")
    expect(page.locator("#clusters-board button").nth(1)).to_have_attribute("aria-pressed", "true")
    tab_to(page, "#contrast-method input")
    press(page, "ArrowRight")
    expect(page.locator("#contrast-maps")).to_contain_text("Federatedconv1", timeout=LIMIT_MS)
    press(page, "ArrowLeft")
    expect(page.locator("#contrast-title")).to_contain_text("selected record")
    tab_to(page, "#distribution-attribute")  # what a click on a weight map does
    page.keyboard.type("row 10, column 14")
    expect(page.get_by_role("option", name="pixel (row 10, column 14)")).to_be_visible()
    press(page, "ArrowDown", "Enter")
    expect(page).to_have_url(re.compile(f"attribute={10 * 28 + 14}"))
    tab_to(page, "#instance-nearest button")
    record = page.evaluate("document.activeElement.dataset.record")
    press(page, "Enter")
    expect(page.locator("#instance-facts")).to_contain_text(f"Record{record}")


def test_a_record_of_the_overview_is_verified_by_keys(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    tab_to(page, "[data-overlay-mode=box]")
    press(page, "Enter")
    expect(page.locator("canvas.overlay")).to_be_focused()
    card = page.locator("#record-tip")
    press(page, "ArrowRight", "ArrowLeft")  # the middle is crowded
    for _ in range(12):
        if card.is_visible():
            break
        press(page, "ArrowLeft")
        page.wait_for_timeout(150)  # a record that is passed by is not asked for
    record = card.get_attribute("data-record")
    press(page, "Enter")
    expect(page).to_have_url(re.compile(rf"record={record}\b"))
    assert "own=" not in page.url  # the selection stays
    press(page, "Escape", "Escape")
    expect(card).to_be_hidden()
    expect(page.get_by_role("button", name="Move and zoom")).to_have_attribute(
        "aria-pressed", "true"
    )


def test_what_a_chart_shows_is_moved_by_keys(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    tab_to(page, "[aria-label='Zoom in: All inputs in the contrastive plane']")
    press(page, "Enter")
    page.wait_for_timeout(100)
    first, last = page.evaluate(RANGE)
    press(page, "ArrowRight")
    moved = f"([from, by]) => Math.abs(({RANGE})()[0] - from - by) < 1e-3 * by"
    page.wait_for_function(moved, arg=[first, 0.2 * (last - first)])
    expect(page.locator("#frame-round")).to_have_value("10")


def test_a_table_is_one_stop_of_the_tab_key(page: Page, serve: Serve, tmp_path: object) -> None:
    write_history(tmp_path, "table", shape=(5,), kind="tabular")  # type: ignore[arg-type]
    opened(page, f"{serve(tmp_path)}/?dataset=table&k=1")  # type: ignore[arg-type]
    tab_to(page, "#sheet-open")
    press(page, "Enter")
    cell = page.locator("#sheet-table [row-index='1'] [col-id=record]")
    expect(cell).to_be_visible(timeout=LIMIT_MS)
    record = cell.inner_text()
    close = page.locator("#sheet-close")
    close.focus()
    press(page, "Tab")
    for _ in range(4):  # its heads come first
        press(page, "ArrowDown")
    press(page, "Tab")
    expect(page.locator("#sheet-save button").first).to_be_focused()  # around the dialog's ends
    tab_to(page, "#sheet-table .ag-header-cell")
    press(page, "ArrowDown", "ArrowDown")
    expect(cell).to_be_focused()
    press(page, "Enter")
    expect(page.locator("#sheet-dialog")).to_be_hidden()
    expect(page.locator("#instance-facts")).to_contain_text(f"Record{record}")
    expect(page.locator("#sheet-open")).to_be_focused()
