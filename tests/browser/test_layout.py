"""One look at every size: nothing cut, nothing on top of each other, rows and sizes alike."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000
LEGIBLE = re.sub(r"^/\*.*?\*/\s*", "", (Path(__file__).parent / "legible.js").read_text())
SIZES = ((1280, 800), (1440, 900), (1920, 1080), (2560, 1440), (1024, 768), (768, 1024))
IMAGES = "/examine?dataset=typographic&client=Client-0&round=10"
TABLES = "/examine?dataset=heart&client=VA+Long+Beach"


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#contrast-title")).to_contain_text("selected records", timeout=LIMIT_MS)
    expect(page.locator("canvas.overlay")).to_have_attribute(
        "data-marked", re.compile("[1-9]"), timeout=LIMIT_MS
    )
    expect(page.locator("#distribution-effect")).to_contain_text("apart", timeout=LIMIT_MS)
    expect(page.locator("#distribution-attribute")).not_to_have_value("", timeout=LIMIT_MS)
    expect(page.locator("#instance-nearest button").first).to_be_attached(timeout=LIMIT_MS)
    expect(page.locator("#instance-rounds canvas")).to_be_attached(timeout=LIMIT_MS)


def illegible(page: Page) -> list[str]:
    """Say what cannot be read, once figures have taken their size."""
    try:
        page.wait_for_function(f"({LEGIBLE})().length === 0", timeout=8_000)
    except PlaywrightTimeoutError:
        problems: list[str] = page.evaluate(LEGIBLE)
        return problems
    return []


def boxes(page: Page, selector: str) -> list[dict[str, float]]:
    found: list[dict[str, float]] = page.evaluate(
        "(selector) => [...document.querySelectorAll(selector)].filter((one) => "
        "one.checkVisibility()).map((one) => one.getBoundingClientRect().toJSON())",
        selector,
    )
    return found


@pytest.mark.parametrize("attribute", ["", "&attribute=2", "&attribute=4", "&attribute=5"])
def test_a_table_is_legible_at_every_size(page: Page, heart: str, attribute: str) -> None:
    opened(page, heart + TABLES + attribute)
    problems = {}
    for width, height in SIZES if not attribute else SIZES[:3]:
        page.set_viewport_size({"width": width, "height": height})
        problems[width] = illegible(page)
    assert not any(problems.values()), problems


def test_pictures_are_legible_at_every_size_and_in_the_dark(page: Page, demo: str) -> None:
    opened(page, demo + IMAGES)
    problems = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        problems[width] = illegible(page)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme="dark")
    problems[0] = illegible(page)
    assert not any(problems.values()), problems


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_notes_are_legible_at_every_size(page: Page, noted: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    opened(page, noted + IMAGES)
    row = page.locator("#annotations-board li").filter(has_text="Sevens")
    row.get_by_role("button").filter(has_text="∪").click()
    problems = {}
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found = illegible(page)
        row.locator(".open").click()
        bubble = page.locator(".note-bubble")
        box = bubble.bounding_box()
        assert box is not None
        inside = box["x"] >= 0 and box["x"] + box["width"] <= width
        inside = inside and box["y"] >= 0 and box["y"] + box["height"] <= height
        # The bubble lies over what is below it, so only its own words are looked at.
        cut = bubble.evaluate(
            "one => [...one.querySelectorAll('*')].some((part) => part.checkVisibility() &&"
            " (part.scrollWidth > part.clientWidth + 1 && part.clientWidth))"
        )
        problems[width] = found + ["bubble"] * (cut or not inside)
        page.keyboard.press("Escape")
    assert not any(problems.values()), problems


def test_what_cannot_be_read_is_noticed(page: Page) -> None:
    page.set_content(
        """<body style="margin: 0; font: 12px sans-serif">
        <div id="a" style="width: 40px; overflow: hidden; white-space: nowrap">a long title</div>
        <div id="b" style="width: 40px; overflow: hidden; white-space: nowrap;
          text-overflow: ellipsis">another long title</div>
        <div class="half" id="c" style="width: 40px; white-space: nowrap">out of its box</div>
        <div id="d" style="height: 0">one</div><div id="e">two</div>
        <input id="f" value="much too long" style="width: 30px">
        <div style="height: 30px; overflow: auto">seen<br><br><br>scrolled</div></body>"""
    )
    found = page.evaluate(LEGIBLE)
    for words in (
        'cut: "a long title" in a',
        'shortened: "another long title" in b',
        'beyond its panel: "out of its box" in c',
        'lies on "two": "one" in d',
        'cut: "much too long" in f',
    ):
        assert words in found
    assert "scrolled" not in " ".join(found)


@pytest.mark.parametrize("demo_name", ["demo", "heart"])
def test_titles_and_controls_of_all_panels_are_alike(
    page: Page, request: pytest.FixtureRequest, demo_name: str
) -> None:
    address = {"demo": IMAGES, "heart": TABLES}[demo_name]
    opened(page, request.getfixturevalue(demo_name) + address)
    # All but those of the lower row of panels, where a legend may take two lines.
    titles = boxes(page, ".panel:not(.timeline, .annotations) h2, .half.matrix h3")
    middles = {round(box["top"] + box["height"] / 2) for box in titles}
    assert max(middles) - min(middles) <= 1  # the first lines of all panels in one line
    controls = (
        ".panel .row > button, .chooser > button, .panel .row .mantine-Input-input,"
        ".panel .mantine-SegmentedControl-root, .modes, .zooms"
    )
    heights = {round(box["height"]) for box in boxes(page, controls)}
    assert heights == {24}
    values = {round(box["left"]) for box in boxes(page, "#monitor-facts dd")}
    assert len(values) == 1  # both lists of facts


def test_thumbnails_of_clusters_fill_their_place(page: Page, demo: str) -> None:
    opened(page, demo + IMAGES)
    widths = []
    for width, height in SIZES[1:4]:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(
            "() => { const board = document.querySelector('#clusters-board');"
            "const tiles = [...board.querySelectorAll('button')];"
            "const last = tiles[tiles.length - 1].getBoundingClientRect();"
            "const box = board.getBoundingClientRect();"
            "return tiles.length === 8 && Math.abs(last.right - box.right) < 2"
            " && last.bottom <= box.bottom + 1 && last.bottom > box.top + 0.8 * box.height; }"
        )
        widths.append(boxes(page, "#clusters-board button")[0]["width"])
    assert widths == sorted(widths)  # more room, larger pictures


def test_rows_and_columns_of_the_matrix_have_names_of_one_kind(page: Page, demo: str) -> None:
    opened(page, demo + IMAGES)
    for width, words in ((1440, ["0", "1"]), (2560, ["digit 0", "digit 1"])):
        page.set_viewport_size({"width": width, "height": 1000})
        page.wait_for_function(
            "(words) => { const { rows, columns } = flhetero.matrix.state.shape;"
            "return [rows, columns].every((names) => `${names.slice(0, 2)}` === words); }",
            arg=",".join(words),
        )


def test_grad_cam_is_not_offered_for_tables(page: Page, heart: str, demo: str) -> None:
    opened(page, heart + TABLES)
    offered = page.get_by_role("radio", name="Grad-CAM")
    expect(offered).to_be_disabled()
    expect(page.locator("#contrast-method-row")).to_have_attribute(
        "title", re.compile("needs pictures")
    )
    opened(page, demo + IMAGES)
    expect(offered).to_be_enabled()


def test_the_page_says_that_columns_are_in_standard_deviations(page: Page, heart: str) -> None:
    opened(page, heart + TABLES)
    expect(page.locator("#contrast-title")).to_contain_text("columns in standard deviations")


def test_heads_of_the_table_of_instances_are_whole(page: Page, heart: str) -> None:
    opened(page, heart + TABLES)
    page.locator("#sheet-open").click()
    head = page.locator(".ag-header-cell-text", has_text="fasting blood sugar")
    expect(head).to_be_visible(timeout=LIMIT_MS)
    page.wait_for_function(
        "[...document.querySelectorAll('.ag-header-cell-text')].every((one) => "
        "one.scrollWidth <= one.clientWidth + 1 && one.scrollHeight <= one.clientHeight + 1)"
    )


def test_of_two_hundred_columns_the_largest_are_listed(
    page: Page, serve: Serve, tmp_path: Path
) -> None:
    names = np.array([f"measurement {n} of a very long series (unit {n})" for n in range(200)])
    extra = {"feature_names": names}
    write_history(tmp_path, "wide", shape=(200,), kind="tabular", extra=extra)
    page.goto(serve(tmp_path) + "/?dataset=wide")
    note = page.locator("#contrast-note")
    expect(note).to_contain_text("The 24 largest of 200 weights.", timeout=LIMIT_MS)
    expect(page.locator("#monitor-facts")).to_contain_text("200 attributes")
    expect(page.locator("#contrast-maps .ytick text")).to_have_count(24)
    assert [one for one in illegible(page) if "contrast" in one] == []


def panels(page: Page) -> list[dict[str, Any]]:
    return boxes(page, ".panel")


def test_on_a_tablet_panels_stand_below_each_other(page: Page, heart: str) -> None:
    page.set_viewport_size({"width": 768, "height": 1024})
    opened(page, heart + TABLES)
    found = panels(page)
    assert all(box["width"] > 740 for box in found)
    assert all(a["bottom"] < b["top"] for a, b in zip(found, found[1:], strict=False))
    for name in ("#monitor-projection", "#overview-scatter", "#matrix-board", "#timeline-chart"):
        box = page.locator(name).bounding_box()
        assert box is not None
        assert box["height"] > 150
