"""Choosing an attribute and how it is counted, in the browser."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000


@pytest.fixture(scope="session")
def tables(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    data_dir = tmp_path_factory.mktemp("tables")
    names = ["age", "dose at night", "sex", "pulse", "Dose in the morning"]
    extra = {"feature_names": np.array(names)}
    write_history(data_dir, "table", shape=(5,), kind="tabular", extra=extra)
    write_history(data_dir, "colours", shape=(3, 32, 32))
    return serve(data_dir)


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#distribution-effect")).to_contain_text("KS", timeout=LIMIT_MS)


def test_an_attribute_is_found_by_its_name_and_left_by_keys(page: Page, tables: str) -> None:
    opened(page, f"{tables}/examine?dataset=table")
    chart = page.locator("#distribution-chart")
    field = page.get_by_role("textbox", name="Attribute", exact=True)
    auto = page.locator("#distribution-auto")
    expect(auto).to_have_attribute("aria-pressed", "true")
    expect(field).not_to_have_value("")
    automatic = field.input_value()
    assert "attribute=" not in page.url  # what is shown by itself is not a choice
    field.click()
    field.fill("DOSE")
    options = page.get_by_role("option")
    expect(options.filter(has_text=re.compile("^dose at night$"))).to_be_visible()
    expect(options.filter(has_text="Dose in the morning")).to_be_visible()
    expect(options.filter(has_text="pulse")).to_have_count(0)
    field.fill("night")
    expect(options).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("attribute=1"))
    expect(chart).to_contain_text("dose at night")
    expect(auto).to_have_attribute("aria-pressed", "false")
    page.locator("#distribution-next").press("Enter")
    expect(chart).to_contain_text("sex")
    expect(field).to_have_value("sex")
    page.locator("#distribution-previous").click()
    expect(field).to_have_value("dose at night")
    page.locator("#distribution-previous").click()
    expect(chart).to_contain_text("age")
    expect(page.locator("#distribution-previous")).to_be_disabled()
    auto.click()
    expect(field).to_have_value(automatic)
    expect(page).not_to_have_url(re.compile("attribute="))


def test_one_of_3072_pixels_is_found_by_its_place(page: Page, tables: str) -> None:
    opened(page, f"{tables}/examine?dataset=colours&attribute=3071")
    field = page.get_by_role("textbox", name="Attribute", exact=True)
    expect(field).to_have_value("pixel (row 31, column 31), blue")
    expect(page.locator("#distribution-next")).to_be_disabled()
    field.click()
    field.fill("row 4, column 5), green")
    page.get_by_role("option", name="pixel (row 4, column 5), green").click()
    expect(page).to_have_url(re.compile(f"attribute={1024 + 4 * 32 + 5}"))


def test_scope_scale_and_shares_are_switched_and_kept_in_the_link(
    page: Page, demo: str, n_inconsistent: int
) -> None:
    opened(page, f"{demo}/examine?round=10&attribute=300")
    effect = page.locator("#distribution-effect")
    expect(effect).to_contain_text(f"inconsistent {n_inconsistent}")
    page.locator("#distribution-scope").get_by_text("Selection").click()
    size = page.locator("#clusters-board button b").first.inner_text(timeout=LIMIT_MS)
    expect(effect).to_contain_text(f"inconsistent {size}", timeout=LIMIT_MS)  # clusters come first
    expect(effect).to_contain_text(f"consistent {900 - n_inconsistent}")
    page.locator("#distribution-share").get_by_text("Scope").click()
    chart = page.locator("#distribution-chart")
    expect(chart).to_contain_text("of scope")
    page.locator("#distribution-scale").get_by_text("Log").click()
    expect(page).to_have_url(re.compile("(?=.*scope=selection)(?=.*scale=log)(?=.*share=scope)"))
    expect(chart.get_by_text("×").first).to_be_attached()  # an empty bin is marked
    page.reload()
    expect(chart.get_by_text("×").first).to_be_attached(timeout=LIMIT_MS)
    active = page.locator("#distribution-scale label[data-active]")
    expect(active).to_have_text("Log")


# Column and row of the pixel under the middle of each map's mark, or None where it is hidden.
MARKS = """(graph) => Array.from(graph.querySelectorAll(".attribute-mark"), (mark, at) => {
  if (mark.hidden) return null;
  const plot = graph.querySelector(".js-plotly-plot"), layout = plot._fullLayout;
  const frame = plot.getBoundingClientRect(), box = mark.getBoundingClientRect();
  const [x, y] = [layout[at ? "xaxis2" : "xaxis"], layout[at ? "yaxis2" : "yaxis"]];
  return [x.p2l(box.left + box.width / 2 - frame.left - x._offset),
    y.p2l(box.top + box.height / 2 - frame.top - y._offset)].map(Math.round);
})"""


def test_the_pixel_of_the_chosen_attribute_is_marked_in_both_maps(page: Page, tables: str) -> None:
    opened(page, f"{tables}/examine?dataset=colours&attribute={4 * 32 + 5}")
    weights = page.locator("#contrast-maps")
    expect(weights).to_have_attribute("data-attribute", str(4 * 32 + 5))
    assert weights.evaluate(MARKS) == [[5, 4]] * 2
    page.locator("#distribution-next").click()
    expect(weights).to_have_attribute("data-attribute", str(4 * 32 + 6))
    assert weights.evaluate(MARKS) == [[6, 4]] * 2
    # Weights of another channel have no place for it; back in its own it is marked again.
    page.goto(f"{page.url}&channel=1")
    expect(page.locator("#distribution-effect")).to_contain_text("in the red channel")
    expect(weights).to_have_attribute("data-attribute", str(4 * 32 + 6))
    assert weights.evaluate(MARKS) == [None, None]


def test_the_bars_of_the_chosen_attribute_are_outlined_and_its_name_is_bold(
    page: Page, tables: str
) -> None:
    opened(page, f"{tables}/examine?dataset=table&attribute=2")
    weights = page.locator("#contrast-maps")

    def marked() -> None:
        expect(weights.locator(".ytick b, .ytick [style*='bold']")).to_have_count(1)

    marked()
    expect(weights).to_have_attribute("data-attribute", "2")
    outlines = """(graph) => graph.querySelector(".js-plotly-plot").data.map((bars) =>
      bars.customdata.filter((_, at) => bars.marker.line.width[at] > 0))"""
    assert weights.evaluate(outlines) == [[2], [2]]
    page.locator("#distribution-next").click()
    expect(weights).to_have_attribute("data-attribute", "3")
    assert weights.evaluate(outlines) == [[3], [3]]
    marked()
