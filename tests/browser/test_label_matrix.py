"""The label matrix, as it is used with a pointer, with the keyboard and by assistive technology."""

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Serve

pytestmark = pytest.mark.browser
WHOLE = "0.0000 0.0000 1.0000 1.0000"
LIMIT_MS = 30_000

# Where a cell is on the canvas, and where its records are.
LAID_OUT = """([row, column]) => {
    const { shape, view, data, window: seen, cells } = flhetero.matrix.state;
    const [x, y] = flhetero.matrixShape.corner(shape, row, column);
    const left = x - view.left, top = y - view.top;
    const cell = cells.get(row * data.truths.length + column);
    return {
        left, top, width: shape.width, height: shape.height,
        records: cell ? cell.records : [],
        places: cell ? cell.places.map((at) =>
            flhetero.matrix.pixel(seen, shape, left, top, at)) : [],
    };
}"""


def write_labels(data_dir: Path, name: str, labels: list[str], wrong: list[int]) -> None:
    """Write one client of ten records a label, of which the given ones go to the next label."""
    n_labels = len(labels)
    home, history = data_dir / "datasets" / name, data_dir / "history" / name
    (history / "outputs").mkdir(parents=True)
    home.mkdir(parents=True)
    rng = np.random.default_rng(2)
    y_true = np.arange(10 * n_labels) % n_labels
    X = rng.normal(size=(len(y_true), 6)) + y_true[:, None]
    federated = y_true.copy()
    federated[wrong] = (federated[wrong] + 1) % n_labels
    np.savez_compressed(
        home / "samples.npz",
        client_names=np.array(["A"]),
        sampling_types=np.array(["local"]),
        label_names=np.array(labels),
        type=np.array("tabular"),
        shape=np.array((6,)),
        local=X[None],
        ground_truth=y_true[None],
    )
    np.savez_compressed(history / "outputs" / "A_local.npz", local=y_true)
    np.savez_compressed(history / "outputs" / "A_Server_r0.npz", local=federated)


@pytest.fixture(scope="session")
def labelled(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    data_dir = tmp_path_factory.mktemp("labelled")
    hundred = [f"class {number}" for number in range(100)]
    write_labels(data_dir, "hundred", hundred, list(range(0, 1000, 7)))
    write_labels(data_dir, "few", hundred, [2, 9, 10, 111])
    write_labels(data_dir, "two", ["ill", "healthy"], [3, 4, 11])
    # Numbered in the order of text, as folders of pictures are.
    write_labels(data_dir, "text", sorted(f"digit {n}" for n in range(12)), list(range(120)))
    return serve(data_dir)


def opened(page: Page, address: str) -> Locator:
    page.goto(address)
    canvas = page.locator("#matrix-board canvas")
    expect(canvas).to_be_visible(timeout=LIMIT_MS)
    expect(canvas).not_to_have_attribute("data-near", "", timeout=LIMIT_MS)
    return canvas


def laid_out(page: Page, row: int, column: int) -> dict[str, Any]:
    found: dict[str, Any] = page.evaluate(LAID_OUT, [row, column])
    return found


def on_page(canvas: Locator, place: list[float]) -> tuple[float, float]:
    box = canvas.bounding_box()
    assert box is not None
    return box["x"] + place[0], box["y"] + place[1]


def window_of(canvas: Locator) -> list[float]:
    return [float(part) for part in (canvas.get_attribute("data-window") or "").split()]


def empty_place(cell: dict[str, Any], away: float = 14) -> list[float]:
    """Find a place of a cell that is far from all its records, below the numbers."""
    grid = [
        [cell["left"] + cell["width"] * x / 20, cell["top"] + cell["height"] * y / 20]
        for x in range(2, 19)
        for y in range(8, 19)
    ]
    far = [
        place
        for place in grid
        if all(np.hypot(*np.subtract(place, at)) > away for at in cell["places"])
    ]
    return far[0]


def test_one_window_for_all_cells_that_lasts_until_the_plane_changes(page: Page, demo: str) -> None:
    canvas = opened(page, f"{demo}/?round=10")
    factor = page.locator("#matrix-zoom-reset")
    expect(canvas).to_have_attribute("data-window", WHOLE)
    page.locator("#matrix-zoom-in").click()
    expect(factor).to_have_text("1.5×")
    zoomed = canvas.get_attribute("data-window") or ""
    # Other drawings of the same plane keep it: points, squares, background, record, theme.
    page.locator("#matrix-points").get_by_text("Outline").click()
    expect(page).to_have_url(re.compile("points=off"))
    page.locator("#matrix-squares").get_by_text("10²").click()
    expect(page).to_have_url(re.compile("squares=10"))
    page.locator("#matrix-background").get_by_text("Enrichment").click()
    expect(page.locator("#matrix-legend")).to_contain_text("÷ overall")
    near = canvas.get_attribute("data-near") or ""
    page.locator("#instance-strip button").nth(3).click()
    expect(canvas).not_to_have_attribute("data-near", near)
    page.locator("#frame-theme-switch").click()
    expect(canvas).to_have_attribute("data-window", zoomed)
    # Another selection has another plane.
    page.locator("#clusters-board button").nth(1).click()
    expect(canvas).to_have_attribute("data-window", WHOLE, timeout=LIMIT_MS)
    expect(factor).to_have_text("1×")


def test_wheel_box_double_click_and_keys_zoom(page: Page, demo: str) -> None:
    canvas = opened(page, f"{demo}/?round=10")
    cell = laid_out(page, 2, 7)
    left, top = on_page(canvas, [cell["left"], cell["top"]])
    middle = (left + cell["width"] / 2, top + cell["height"] / 2)
    page.mouse.move(*middle)
    page.mouse.wheel(0, -100)
    expect(canvas).not_to_have_attribute("data-window", WHOLE)
    np.testing.assert_allclose(window_of(canvas), [0.1, 0.1, 0.8, 0.8], atol=0.02)
    page.mouse.dblclick(*middle)
    expect(canvas).to_have_attribute("data-window", WHOLE)
    # A box over the lower left quarter.
    page.mouse.move(left + 1, top + cell["height"] / 2)
    page.mouse.down()
    page.mouse.move(left + 9, top + cell["height"] * 0.8)
    page.mouse.move(left + cell["width"] / 2, top + cell["height"] - 1)
    page.mouse.up()
    expect(canvas).not_to_have_attribute("data-window", WHOLE)
    np.testing.assert_allclose(window_of(canvas), [0, 0, 0.5, 0.5], atol=0.06)
    # Keys: in, aside, out, whole.
    grid = page.locator("#matrix-board [role=grid]")
    grid.focus()
    page.keyboard.press("+")
    expect(page.locator("#matrix-zoom-reset")).to_have_text(re.compile(r"^(2\.[6-9]|3.*)×$"))
    before = window_of(canvas)
    page.keyboard.press("-")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#matrix-zoom-reset")).to_have_text(re.compile(r"^(1\.[6-9]|2.*)×$"))
    assert window_of(canvas) != before
    page.keyboard.press("0")
    expect(canvas).to_have_attribute("data-window", WHOLE)
    expect(grid).to_be_focused()
    # Neither the double click nor the box has chosen a cell.
    expect(page).not_to_have_url(re.compile("cell="))


def test_the_whole_cell_is_the_target_and_a_point_is_its_record(page: Page, demo: str) -> None:
    canvas = opened(page, f"{demo}/?round=10&cluster=2")
    # Row and column of the cell with most records.
    place = page.evaluate(
        """() => {
        const cells = [...flhetero.matrix.state.cells.values()];
        const most = Math.max(...cells.map((cell) => cell.records.length));
        const cell = cells.find((one) => one.records.length === most);
        return [cell.row, cell.column];
    }"""
    )
    cell = laid_out(page, *place)
    page.mouse.move(*on_page(canvas, cell["places"][0]))
    tip = page.locator(".matrix-tip")
    expect(tip).to_contain_text("record ")
    expect(tip).to_contain_text("stand-alone")
    expect(tip.locator("img")).to_have_attribute("src", re.compile(r"/records/.*ids=\d+$"))
    hit = re.findall(r"record (\d+)", tip.inner_text())[0]
    assert int(hit) in cell["records"]
    page.mouse.click(*on_page(canvas, cell["places"][0]))
    expect(page).to_have_url(re.compile(rf"record={hit}(&|$)"))
    expect(page.locator("#instance-facts")).to_contain_text(f"Record{hit}")
    # Empty space of the same cell: its records, none of them number 0 by mistake.
    empty = empty_place(cell)
    page.mouse.move(*on_page(canvas, empty))
    expect(tip).to_contain_text(f"of {len(cell['records'])} inconsistent")
    page.mouse.click(*on_page(canvas, empty))
    expect(page).to_have_url(re.compile("cell="))
    expect(page).not_to_have_url(re.compile("record="))
    expect(page.locator("#instance-strip-title")).to_have_text(
        f"Selected records ({len(cell['records'])})"
    )
    shown = page.locator("#instance-strip button").first.get_attribute("data-record")
    assert int(shown or -1) == min(cell["records"])


def test_its_records_are_saved_as_a_table_and_what_is_in_view_as_a_picture(
    page: Page, demo: str, n_inconsistent: int
) -> None:
    opened(page, f"{demo}/?round=10")
    board = page.locator("#matrix-board")
    board.hover()
    with page.expect_download() as download:
        board.get_by_role("button", name="Save as CSV").click()
    with Path(download.value.path()).open() as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) == n_inconsistent
    size = page.locator("#clusters-board button b").first.inner_text()
    assert sum(row["selected"] == "1" for row in rows) == int(size)
    assert all(row["federated"] != row["stand-alone"] for row in rows)
    with page.expect_download() as download:
        board.get_by_role("button", name="Save as PNG").click()
    assert Path(download.value.path()).read_bytes().startswith(b"\x89PNG")


def test_the_grid_is_moved_through_by_keys(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    grid = page.get_by_role("grid", name=re.compile("Label matrix"))
    expect(grid).to_have_attribute("aria-rowcount", "11")
    expect(grid.get_by_role("columnheader")).to_have_count(11)
    assert grid.get_by_role("gridcell").count() == 100

    def active() -> Locator:
        return grid.locator(f"#{grid.get_attribute('aria-activedescendant')}")

    page.locator("#matrix-zoom-reset").focus()
    page.keyboard.press("Tab")
    expect(grid).to_be_focused()
    page.keyboard.press("Control+Home")
    expect(active()).to_have_text(re.compile("^truth digit 0, federated digit 0: "))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(active()).to_have_text(re.compile("^truth digit 1, federated digit 2: "))
    # The place of the focus is drawn.
    assert page.evaluate("flhetero.matrix.state.focused")
    page.keyboard.press("End")
    page.keyboard.press("ArrowRight")
    expect(active()).to_have_text(re.compile("^truth digit 9, federated digit 2: "))
    for _ in range(2):
        page.keyboard.press("ArrowLeft")
    n_inside = int((active().text_content() or "").rsplit(" of ", 1)[1].split()[0])
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("cell=7-2"))
    expect(page.locator("#contrast-title")).to_contain_text(f"{n_inside} selected records")
    expect(active()).to_have_attribute("aria-selected", "true")
    expect(grid).to_be_focused()


def test_a_hundred_labels_scroll_and_only_what_is_in_view_is_drawn(
    page: Page, labelled: str
) -> None:
    canvas = opened(page, f"{labelled}/?dataset=hundred")
    grid = page.locator("#matrix-board [role=grid]")
    expect(grid).to_have_attribute("aria-colcount", "101")
    assert int(canvas.get_attribute("data-cells") or 0) < 200
    assert grid.get_by_role("gridcell").count() < 300
    size = page.evaluate("[flhetero.matrix.state.shape.width, flhetero.matrix.state.shape.height]")
    assert min(size) >= 40
    # Heads stay while the cells scroll: the canvas does not move.
    before = canvas.bounding_box()
    scroller = page.locator(".matrix-scroller")
    scroller.evaluate("board => board.scrollTo(900, 800)")
    expect(grid.get_by_role("columnheader", name="class 20", exact=True)).to_have_count(1)
    assert canvas.bounding_box() == before
    # Keys scroll to the cell they reach.
    grid.focus()
    page.keyboard.press("Control+End")
    expect(grid).to_have_attribute("aria-activedescendant", "matrix-cell-99-99")
    at = scroller.evaluate("board => [board.scrollLeft, board.scrollTop]")
    assert min(at) > 3000
    expect(grid.get_by_role("rowheader", name="class 99", exact=True)).to_have_count(1)
    # The wheel scrolls here, and zooms with Ctrl.
    page.mouse.move(*on_page(canvas, [200, 200]))
    page.mouse.wheel(0, -300)
    page.wait_for_function(f"document.querySelector('.matrix-scroller').scrollTop < {at[1]}")
    expect(canvas).to_have_attribute("data-window", WHOLE)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -100)
    page.keyboard.up("Control")
    expect(canvas).not_to_have_attribute("data-window", WHOLE)


def test_rows_and_columns_are_those_with_inconsistent_records_unless_all_are_wanted(
    page: Page, labelled: str
) -> None:
    opened(page, f"{labelled}/?dataset=few")
    grid = page.locator("#matrix-board [role=grid]")
    heads = grid.get_by_role("columnheader")
    expect(heads).to_have_text(["federated output", "class 2", "class 9", "class 10", "class 11"])
    rows = ["class 3", "class 10", "class 11", "class 12"]
    expect(grid.get_by_role("rowheader")).to_have_text(rows)
    page.locator("#matrix-labels").get_by_text("All labels").click()
    expect(grid).to_have_attribute("aria-rowcount", "101")
    expect(page).to_have_url(re.compile("labels=all"))


def test_labels_are_in_natural_order_and_two_of_them_get_large_cells(
    page: Page, labelled: str
) -> None:
    opened(page, f"{labelled}/?dataset=text")
    heads = page.locator("#matrix-board").get_by_role("columnheader")
    expect(heads).to_have_text(["federated output", *[f"digit {n}" for n in range(12)]])
    canvas = opened(page, f"{labelled}/?dataset=two")
    cell = laid_out(page, 0, 1)
    assert cell["width"] > 150
    assert cell["height"] > 120
    # Everybody near the record is marked in its cell, and can be chosen there.
    near = (canvas.get_attribute("data-near") or "").split(",")
    assert len(near) == 10
    place = page.evaluate(
        """() => {
        const { near, shape, view, window: seen } = flhetero.matrix.state;
        const [x, y] = flhetero.matrixShape.corner(shape, near.row, near.column);
        return near.near.map((one) => flhetero.matrix.pixel(
            seen, shape, x - view.left, y - view.top, one.place));
    }"""
    )
    farthest = max(range(10), key=lambda at: min(
        np.hypot(*np.subtract(place[at], place[other])) for other in range(10) if other != at
    ))  # fmt: skip
    page.mouse.move(*on_page(canvas, place[farthest]))
    expect(page.locator(".matrix-tip")).to_contain_text(re.compile(r"record \d+"))
