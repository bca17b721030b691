"""What assistive technology finds on the page, and what those see who cannot tell colours apart.

The rules are those of axe-core (`vendor/axe-core`), which only these tests use.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000
AXE = Path(__file__).parent / "vendor" / "axe-core" / "axe.min.js"
FINDINGS = """async () => {
    const found = await axe.run(document, { resultTypes: ["violations"] });
    return found.violations
        .filter((one) => one.impact === "serious" || one.impact === "critical")
        .flatMap((one) => one.nodes.map((node) =>
            `${one.impact} ${one.id}: ${node.target} ${node.html.slice(0, 120)}`));
}"""
# Words within charts, which axe-core leaves undecided as they lie on a picture; those on a ground
# of their own (the label of the round's marker) have the panel's colour on the text's.
FAINT_WORDS = """() => {
    const parts = (colour) => colour.match(/[0-9.]+/g).slice(0, 3).map(Number);
    const luminance = (colour) => parts(colour)
        .map((part) => part / 255)
        .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
        .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
    const contrast = (one, other) => {
        const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
        return (light + 0.05) / (dark + 0.05);
    };
    const panel = getComputedStyle(document.querySelector(".panel")).backgroundColor;
    const words = [...document.querySelectorAll(".chart svg text")]
        .filter((one) => one.textContent);
    if (words.length < 20) return ["too few words to judge"];
    return words
        .map((one) => {
            const ground = one.closest(".annotation") &&
                one.closest(".annotation").querySelector("rect.bg");
            const fill = ground && getComputedStyle(ground);
            const behind = fill && Number(fill.fillOpacity) ? fill.fill : panel;
            return [contrast(getComputedStyle(one).fill, behind), one.textContent];
        })
        .filter(([much]) => much < 4.5)
        .map(([much, text]) => `${text}: ${much.toFixed(2)}`);
}"""


@pytest.fixture(scope="session")
def agreeing(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Serve a dataset whose models agree on every record, so that most panels are empty."""
    data_dir = tmp_path_factory.mktemp("agreeing")
    write_history(data_dir, "none", n_inconsistent=0)
    return serve(data_dir)


def findings(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    found: list[str] = page.evaluate(FINDINGS)
    return found


def opened(page: Page, address: str, theme: str) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", theme)
    expect(page.locator("#instance-facts")).to_contain_text("Federated", timeout=LIMIT_MS)
    expect(page.locator("#contrast-title")).not_to_be_empty(timeout=LIMIT_MS)
    expect(page.locator("#timeline-chart")).to_contain_text("round")
    expect(page.locator("#instance-strip button").first).to_be_visible()
    expect(page.locator("#matrix-board")).not_to_be_empty()


def with_sheet(page: Page) -> None:
    page.locator("#sheet-open").click()
    expect(
        page.locator("#sheet-dialog .tiles button, #sheet-table [role=row]").first
    ).to_be_visible(timeout=LIMIT_MS)


def with_help(page: Page) -> None:
    page.locator("#help-open").click()
    expect(page.locator("#help-dialog kbd").first).to_be_visible()


def as_it_is(page: Page) -> None:
    del page


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("server", "search", "prepare"),
    [
        ("demo", "round=10", as_it_is),
        ("demo", "round=10", with_sheet),
        ("demo", "round=10", with_help),
        ("demo", "round=10&explain=gradcam&process=cosine&curve=loss", as_it_is),
        ("demo", "round=10&inputs=stratified", as_it_is),
        ("heart", "", as_it_is),
        ("heart", "attribute=2", with_sheet),
    ],
    ids=["image", "sheet", "help", "gradcam", "sampled", "table", "table-sheet"],
)
def test_axe_finds_nothing_serious(
    page: Page,
    request: pytest.FixtureRequest,
    server: str,
    search: str,
    prepare: Callable[[Page], None],
    theme: str,
) -> None:
    opened(page, f"{request.getfixturevalue(server)}/?{search}", theme)
    prepare(page)
    assert findings(page) == []
    assert page.evaluate(FAINT_WORDS) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_notes(page: Page, noted: str, theme: str) -> None:
    opened(page, f"{noted}/?dataset=typographic&client=Client-0&round=10", theme)
    row = page.locator("#annotations-board li").filter(has_text="Sevens")
    row.get_by_role("button").filter(has_text="∪").click()
    expect(page.locator("#annotations-board .combined")).to_be_visible()
    assert findings(page) == []
    row.locator(".open").click()
    bubble = page.get_by_role("dialog", name="Note on round 10")
    expect(bubble).to_be_visible()
    assert findings(page) == []
    bubble.get_by_role("button", name="Delete").click()
    assert findings(page) == []
    bubble.get_by_role("button", name="Keep").click()
    bubble.get_by_role("button", name="Edit").click()
    bubble.get_by_label("Text of the note").fill(" ")
    bubble.get_by_role("button", name="Save").click()
    expect(bubble.get_by_role("alert")).to_be_visible()
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "row"), [("notes", "#notes-grid"), ("data", "#data-files")])
def test_axe_finds_nothing_serious_on_other_pages(
    page: Page, noted: str, name: str, row: str, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{noted}/{name}?dataset=typographic&client=Client-0")
    expect(page.locator(f"{row} .ag-row").first).to_be_visible(timeout=LIMIT_MS)
    assert findings(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_where_nothing_is_to_be_seen(
    page: Page, agreeing: str, theme: str
) -> None:
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.goto(f"{agreeing}/?dataset=none")
    expect(page.locator("#clusters-board")).to_contain_text("agree on all", timeout=LIMIT_MS)
    expect(page.locator("#instance-facts")).to_contain_text("No record is selected")
    expect(page.locator("#matrix-board")).to_contain_text("No local record is inconsistent")
    assert findings(page) == []


def test_classes_differ_in_more_than_their_colour(page: Page, demo: str, heart: str) -> None:
    opened(page, f"{demo}/?round=10", "light")
    looks = page.evaluate(
        """() => {
        const traces = (id) => document.querySelector(`#${id} .js-plotly-plot`)._fullData;
        return {
            points: traces("overview-scatter").map((one) => one.marker.symbol),
            lines: traces("distribution-chart").map((one) => one.line.dash),
            curves: traces("timeline-chart").map((one) => [one.fill, one.line.dash].join()),
        };
    }"""
    )
    for kinds in looks.values():
        assert len(set(kinds)) == len(kinds) >= 2
    # Labels that are not listed are a striped part of a thumbnail's bar.
    rest = page.locator("#clusters-board .makeup .rest").first
    assert "repeating-linear-gradient" in rest.evaluate(
        "one => getComputedStyle(one).backgroundImage"
    )
    # The chosen word of a row of words has a border.
    chosen = page.locator("#timeline-curve .mantine-SegmentedControl-indicator")
    expect(chosen).to_have_css("border-top-width", "1px")
    # In the strip of rounds the ground truth's row has a tick, and right outputs are in that row.
    expect(page.locator("#instance-rounds canvas")).to_have_attribute(
        "aria-valuetext", "round 10: digit 2 ✗ wrong"
    )
    opened(page, f"{heart}/?attribute=2", "light")
    bars = page.evaluate(
        "() => document.querySelector('#distribution-chart .js-plotly-plot')"
        "._fullData.map((one) => one.marker.pattern.shape)"
    )
    assert len(set(bars)) == 3
