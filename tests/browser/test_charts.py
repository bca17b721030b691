"""Every chart: its buttons to zoom and to save, and what survives an update."""

import csv
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser
ROUND = "/examine?dataset=typographic&client=Client-0&round=10"
LIMIT_MS = 30_000


def opened(page: Page, address: str) -> None:
    page.goto(address)
    overlay = page.locator("canvas.overlay")
    expect(overlay).to_have_attribute("data-marked", re.compile("[1-9]"), timeout=LIMIT_MS)
    expect(page.locator("#contrast-title")).to_contain_text("selected records", timeout=LIMIT_MS)


def saved(page: Page, chart: Locator, button: str) -> Path:
    chart.hover()
    with page.expect_download() as download:
        chart.get_by_role("button", name=button).click()
    return Path(download.value.path())


def ranges(page: Page) -> Any:
    return page.evaluate(
        "() => { const layout = document.querySelector('#overview-scatter .js-plotly-plot')"
        "._fullLayout; return [...layout.xaxis.range, ...layout.yaxis.range]; }"
    )


def test_a_chart_is_saved_as_picture_and_as_table(
    page: Page, demo: str, n_inconsistent: int
) -> None:
    opened(page, demo + ROUND)
    charts = page.locator(".chart")  # a record near the chosen one is a figure, too
    expect(charts).to_have_count(5)
    overview = charts.filter(has=page.locator("#overview-scatter"))
    with saved(page, overview, "Save as CSV").open() as stream:
        rows = list(csv.DictReader(stream))
    counts = {name: sum(row["series"] == name for row in rows) for name in ("consistent",)}
    assert len(rows) == 900
    assert counts["consistent"] == 900 - n_inconsistent
    assert all(abs(float(row["x"])) < 1e5 for row in rows)
    assert saved(page, overview, "Save as PNG").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in saved(page, overview, "Save as SVG").read_text()[:200]
    weights = charts.filter(has=page.locator("#contrast-maps"))
    with saved(page, weights, "Save as CSV").open() as stream:
        assert sum(row["value"] != "" for row in csv.DictReader(stream)) == 2 * 28 * 28


def test_what_a_spreadsheet_would_run_stays_text(page: Page, demo: str) -> None:
    opened(page, demo + ROUND)
    table = page.evaluate(
        """() => flhetero.tools.csv({ _fullData: [
            { name: '=cmd|"x"', x: ["@SUM(A1)", -2], y: [1, null] } ] })"""
    )
    assert table.split("\r\n")[1:3] == [
        '"\'=cmd|""x""",\'@SUM(A1),1,',
        '"\'=cmd|""x""",-2,,',
    ]


def test_zoom_survives_a_selection_and_a_change_of_theme(page: Page, demo: str) -> None:
    opened(page, demo + ROUND)
    chart = page.get_by_role("figure").filter(has=page.locator("#overview-scatter"))
    whole = ranges(page)
    chart.hover()
    chart.get_by_role("button", name="Zoom in").click()
    near = ranges(page)
    assert near[1] - near[0] < 0.8 * (whole[1] - whole[0])
    page.locator("#clusters-board button").nth(1).click()
    expect(page).to_have_url(re.compile("cluster=2"))
    expect(page.locator("#contrast-title")).to_contain_text("34 selected", timeout=LIMIT_MS)
    assert ranges(page) == near
    page.locator("#frame-theme-switch").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.wait_for_function(
        "() => document.querySelector('#overview-scatter .js-plotly-plot')._fullLayout"
        ".font.color !== '#1d2230'"
    )
    page.wait_for_function(
        "([low, high]) => { const [a, b] = document.querySelector('#overview-scatter "
        ".js-plotly-plot')._fullLayout.xaxis.range; const wide = high - low;"
        # Both axes have one scale, so that other margins move the ends a little.
        "return Math.abs((a + b) / 2 - (low + high) / 2) < 0.05 * wide"
        "&& Math.abs(b - a - wide) < 0.15 * wide; }",
        arg=near[:2],
    )
    chart.hover()
    chart.get_by_role("button", name="Show all").click()
    assert ranges(page)[1] - ranges(page)[0] > 1.2 * (near[1] - near[0])
