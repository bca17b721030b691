"""What a person saves from the page, read back."""

import csv
import re
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Download, Locator, Page, expect

from tests.browser.test_comparison import draw

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000
ROUND = "/examine?dataset=typographic&client=Client-0&round=10"
RECORDS = "typographic_Client-0_round-10_{}-local-records"


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#instance-facts")).to_contain_text("Federated", timeout=LIMIT_MS)
    expect(page.locator("#contrast-title")).not_to_be_empty(timeout=LIMIT_MS)


def records_of(page: Page) -> list[int]:
    """Give the selected records, as the page marks them."""
    return [int(record) for record in page.evaluate("flhetero.link.state.records")]


def saved(page: Page, button: Locator) -> Download:
    with page.expect_download() as download:
        button.click()
    return download.value


def table(download: Download) -> list[dict[str, str]]:
    with Path(download.path()).open(newline="", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


def test_the_records_of_a_cluster_are_saved_in_each_form(page: Page, demo: str) -> None:
    opened(page, f"{demo}{ROUND}&cluster=2")
    records = records_of(page)
    assert len(records) == 34
    page.locator("#sheet-open").click()
    saves = page.get_by_role("group", name="Save the selected records")
    as_csv = saved(page, saves.get_by_role("button", name="CSV"))
    assert as_csv.suggested_filename == f"{RECORDS.format(34)}.csv"
    rows = table(as_csv)
    assert [int(row["record"]) for row in rows] == records
    assert {row["round"] for row in rows} == {"10"}
    tiles = page.locator("#sheet-board .tiles button")
    expect(tiles).to_have_count(34)
    assert tiles.evaluate_all("all => all.map((one) => one.title)") == [
        f"record {row['record']}, ground truth {row['ground truth']}, "
        f"federated {row['federated']}, stand-alone {row['stand-alone']}"
        for row in rows
    ]
    expect(saves.get_by_role("status")).to_have_text("Saved")
    # By keyboard.
    button = saves.get_by_role("button", name="NPZ")
    button.focus()
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    with np.load(download.value.path(), allow_pickle=False) as arrays:
        assert arrays["records"].tolist() == records
        assert arrays["X"].shape == (34, 784)
        X = arrays["X"]
    archive = zipfile.ZipFile(saved(page, saves.get_by_role("button", name="Images")).path())
    assert len(archive.namelist()) == 35
    with archive.open(archive.namelist()[5]) as stream:
        np.testing.assert_array_equal(np.asarray(Image.open(stream)).ravel(), X[5])
    # What was said is not said of what is opened next.
    page.locator("#sheet-close").click()
    page.locator("#sheet-open").click()
    expect(saves.get_by_role("status")).to_be_empty()


def test_sampled_inputs_are_saved_as_such(page: Page, demo: str) -> None:
    opened(page, f"{demo}{ROUND}&inputs=stratified")
    page.locator("#sheet-open").click()
    rows = table(saved(page, page.get_by_role("button", name="Save records: CSV")))
    assert [int(row["record"]) for row in rows] == records_of(page)
    assert {row["inputs"] for row in rows} == {"stratified"}
    assert not [name for name in rows[0] if "truth" in name]


def test_what_was_selected_by_hand_is_saved_before_anybody_shared_it(page: Page, demo: str) -> None:
    opened(page, demo + ROUND)
    page.get_by_role("button", name="Select with a lasso").click()
    draw(page)
    expect(page).to_have_url(re.compile("own=[0-9a-f]{32}"))
    expect(page.locator("#contrast-title")).to_contain_text(f"{len(records_of(page))} selected")
    page.locator("#sheet-open").click()
    rows = table(saved(page, page.get_by_role("button", name="Save records: CSV")))
    assert len(rows) > 3
    assert [int(row["record"]) for row in rows] == records_of(page)


def test_a_table_is_saved_with_its_attributes_and_has_no_images(page: Page, heart: str) -> None:
    opened(page, heart)
    page.locator("#sheet-open").click()
    expect(page.locator("#sheet-table .ag-row").first).to_be_visible()
    saves = page.locator("#sheet-save")
    expect(saves.get_by_role("button")).to_have_text(["CSV", "NPZ"])
    rows = table(saved(page, saves.get_by_role("button", name="CSV")))
    assert [int(row["record"]) for row in rows] == records_of(page)
    assert {row["sex"] for row in rows} <= {"male", "female"}
    assert all(20 < float(row["age (years)"]) < 90 for row in rows)


def test_why_nothing_was_saved_is_said(page: Page, demo: str) -> None:
    opened(page, demo + ROUND)
    page.locator("#sheet-open").click()
    page.evaluate(
        "() => { flhetero.exports.ask = async () => new Response('found <b>, expected a',"
        " { status: 413 }); }"
    )
    page.get_by_role("button", name="Save records: CSV").click()
    expect(page.locator("#sheet-save [role=status]")).to_have_text("found <b>, expected a")
    page.evaluate("() => { flhetero.exports.ask = () => Promise.reject(new Error('gone')); }")
    page.get_by_role("button", name="Save records: CSV").click()
    expect(page.locator("#sheet-save [role=status]")).to_contain_text("nothing was saved")


def size_and_words(path: Path) -> tuple[list[float], str]:
    root = ET.parse(path).getroot()  # noqa: S314 - what our own page wrote
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    return [float(root.attrib[side]) for side in ("width", "height")], " ".join(root.itertext())


@pytest.mark.parametrize(
    ("name", "target", "n_rows", "words"),
    [
        ("Inconsistency clusters", "#clusters-board", None, "digit 7 called digit 2: 42"),
        ("Merge heights", "#clusters-merges", 30, "merge heights, cut into 8"),
        ("Federated output by round", "#instance-rounds canvas", 20, "digit 7"),
    ],
)
def test_what_is_drawn_by_hand_is_saved_as_picture_and_as_table(
    page: Page,
    demo: str,
    n_inconsistent: int,
    name: str,
    target: str,
    n_rows: int | None,
    words: str,
) -> None:
    opened(page, demo + ROUND)
    page.locator(target).hover()

    def button(form: str) -> Locator:
        found = page.get_by_role("button", name=f"Save as {form}: {name}")
        expect(found.locator("xpath=..")).to_have_css("opacity", "1")
        return found

    sides, said = size_and_words(Path(saved(page, button("SVG")).path()))
    assert words in said
    with Image.open(saved(page, button("PNG")).path()) as picture:
        assert picture.format == "PNG"
        assert np.ptp(np.asarray(picture.convert("L"))) > 60  # not blank
        np.testing.assert_allclose(picture.size, np.multiply(sides, 2), atol=1)
    rows = table(saved(page, button("CSV")))
    assert n_rows is None or len(rows) == n_rows
    if name == "Inconsistency clusters":
        sizes = {row["cluster"]: int(row["size"]) for row in rows}
        shown = page.locator("#clusters-board button b").all_inner_texts()
        assert [str(size) for size in sizes.values()] == shown
        assert sum(int(row["records"]) for row in rows) == sum(sizes.values()) == n_inconsistent
    elif name == "Merge heights":
        assert [row["joined"] for row in rows].count("no") == 7
    else:
        assert rows[9] == {"round": "10", "federated output": "digit 2", "is": "wrong"}


def test_names_in_a_drawing_are_words_and_nothing_else(page: Page, demo: str) -> None:
    opened(page, demo + ROUND)
    hostile = '</text><script>x & "y" \u0000\u000b'
    written = page.evaluate(
        """(words) => flhetero.drawnFiles.svg({ width: 9, height: 9, paint: (context) => {
            context.font = '10px "A" <b>'; context.fillText(words, 1, 2);
        } })""",
        hostile,
    )
    root = ET.fromstring(written)  # noqa: S314 - what our own page wrote
    assert [part.tag.rpartition("}")[2] for part in root] == ["rect", "text"]
    assert root[1].text == '</text><script>x & "y" '
