"""The Notes page: what stands there, how it is taken along and brought in, and the way back."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.serving import DEMO, serving

pytestmark = pytest.mark.browser
LIMIT_MS = 60_000
HOSTILE = "=1+1 <img src=x onerror=alert(1)> \"quoted\" 'and' 🚲"
SEND = """([method, path, fields]) => fetch(`annotations${path}`, {
  method,
  headers: { "X-FLHetero-Page": "1".repeat(32), "Content-Type": "application/json" },
  body: fields && JSON.stringify(fields),
}).then((answer) => answer.json())"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(DEMO, tmp_path_factory.mktemp("cache")) as address:
        yield address


def add(page: Page, records: str, text: str, author: str, number: str) -> None:
    chosen = {"dataset": "typographic", "client": "Client-0", "round": number}
    fields = {"id": uuid4().hex, "records": records, "text": text, "author": author,
              "chosen": chosen, "search": "?cluster=2"}  # fmt: skip
    assert page.evaluate(SEND, ["POST", "", fields])["text"] == text


@pytest.fixture
def noted(page: Page, server: str) -> str:
    """Give the address of a server that has three notes, of rounds 10, 10 and 3."""
    page.goto(f"{server}/health")
    for note in page.evaluate(SEND, ["GET", "", None])["notes"]:
        page.evaluate(SEND, ["DELETE", f"/{note['id']}", {"version": note["version"]}])
    add(page, "3,19,40", "Sevens with a bar", "Ada", "10")
    add(page, "5-8", HOSTILE, "Bob", "10")
    add(page, "1", "An early one", "Ada", "3")
    return server


def rows_of(page: Page) -> Locator:
    return page.locator("#notes-grid .ag-center-cols-container .ag-row")


def opened(page: Page, address: str) -> None:
    page.goto(f"{address}/notes")
    expect(rows_of(page)).to_have_count(3, timeout=LIMIT_MS)


def test_all_notes_are_listed_with_their_records_and_lead_to_their_picture(
    page: Page, noted: str
) -> None:
    opened(page, noted)
    expect(page.get_by_role("link", name="Notes")).to_have_attribute("aria-current", "page")
    expect(page.get_by_role("link", name="Notes (3)")).to_be_visible()
    row = rows_of(page).filter(has_text="Sevens with a bar")
    for words in ("3", "typographic", "Client-0", "10", "local", "Ada"):
        expect(row).to_contain_text(words)
    expect(row.locator("img")).to_have_attribute("src", re.compile("/local.png.*ids=3,19,40$"))
    width = row.locator("img").evaluate("(image) => image.decode().then(() => image.naturalWidth)")
    assert width == 3 * 28
    expect(rows_of(page).filter(has_text=HOSTILE)).to_have_count(1)
    row.get_by_role("link", name="Open").click()
    expect(page).to_have_url(re.compile("/examine.*(?=.*round=10)(?=.*cluster=2)"))
    tile = page.locator("#clusters-board button").nth(1)
    expect(tile).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)


def test_notes_are_searched_sorted_and_filtered(page: Page, noted: str) -> None:
    opened(page, noted)
    page.get_by_label("Search the notes").fill("bar")
    expect(rows_of(page)).to_have_count(1)
    page.get_by_label("Search the notes").fill("")
    page.get_by_label("Author Filter Input").fill("Ada")
    expect(rows_of(page)).to_have_count(2)
    page.get_by_label("Author Filter Input").fill("")
    page.locator(".ag-header-cell-label").filter(has_text="Round").click()
    first = page.locator("#notes-grid .ag-center-cols-container .ag-row[row-index='0']")
    expect(first).to_contain_text("An early one")


def live(file: Path) -> list[dict[str, object]]:
    """Read the notes of a file that are not deleted, but for the count of their changes."""
    notes = json.loads(file.read_text())["notes"]
    return [note | {"version": 0} for note in notes if note["deleted"] is None]


def test_deleted_notes_are_listed_and_brought_back_at_any_time(page: Page, noted: str) -> None:
    opened(page, noted)
    rows_of(page).filter(has_text="An early one").get_by_role("checkbox").check()
    page.get_by_role("button", name="Delete…").click()
    page.locator("#notes-says button").click()
    expect(rows_of(page)).to_have_count(2, timeout=LIMIT_MS)
    page.reload()  # and with it the offer to undo
    expect(rows_of(page)).to_have_count(2, timeout=LIMIT_MS)
    page.get_by_label("Deleted ones").check()
    gone = rows_of(page).filter(has_text="An early one").first
    expect(gone).to_be_visible(timeout=LIMIT_MS)
    expect(page.get_by_role("button", name="Delete…")).to_be_hidden()
    gone.get_by_role("checkbox").check()
    page.get_by_role("button", name="Restore").click()
    expect(page.locator("#notes-says")).to_have_text("1 of 1 brought back.")
    page.get_by_label("Deleted ones").uncheck()
    expect(rows_of(page)).to_have_count(3, timeout=LIMIT_MS)
    expect(rows_of(page).filter(has_text="An early one")).to_have_count(1)


def test_what_is_exported_is_brought_in_again(page: Page, noted: str, tmp_path: Path) -> None:
    opened(page, noted)
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export JSON").click()
    file = tmp_path / "notes.json"
    saved.value.save_as(file)
    before = live(file)
    page.get_by_label("Column with Header Selection").check()
    page.get_by_role("button", name="Delete…").click()
    expect(page.locator("#notes-says")).to_contain_text("Delete these 3 notes for everybody?")
    page.locator("#notes-says button").click()
    expect(rows_of(page)).to_have_count(0, timeout=LIMIT_MS)
    expect(page.locator("#notes-says")).to_contain_text("3 of 3 deleted")
    page.locator("input[type=file]").set_input_files(file)
    expect(rows_of(page)).to_have_count(3, timeout=LIMIT_MS)
    expect(page.locator("#notes-says")).to_contain_text("3 brought back")
    with page.expect_download() as again:
        page.get_by_role("button", name="Export JSON").click()
    again.value.save_as(file)
    assert len(before) == 3
    assert live(file) == before


def test_checked_notes_are_saved_as_a_table_that_runs_nothing(
    page: Page, noted: str, tmp_path: Path
) -> None:
    opened(page, noted)
    rows_of(page).filter(has_text="🚲").locator("input[type=checkbox]").check()
    with page.expect_download() as saved:
        page.get_by_role("button", name="Export CSV").click()
    saved.value.save_as(tmp_path / "notes.csv")
    lines = (tmp_path / "notes.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in lines
    assert "Sevens" not in lines


def test_a_file_that_is_none_of_ours_is_refused_in_words(
    page: Page, noted: str, tmp_path: Path
) -> None:
    own = page.context.new_page()  # whose console may tell of the refusal
    opened(own, noted)
    (tmp_path / "x.json").write_text('{"format": "something else"}')
    own.locator("input[type=file]").set_input_files(tmp_path / "x.json")
    told = own.locator("#notes-says")
    expect(told).to_contain_text("Could not be imported: the file: ")
    expect(told).to_contain_text("expected a file that an export of notes wrote")
    expect(rows_of(own)).to_have_count(3)
    own.close()


def test_a_note_of_somebody_else_appears_without_a_reload(page: Page, noted: str) -> None:
    opened(page, noted)
    other = page.context.new_page()
    other.goto(f"{noted}/health")
    add(other, "2", "A new one", "", "4")
    other.close()
    expect(rows_of(page).filter(has_text="A new one")).to_have_count(1, timeout=LIMIT_MS)
    rows_of(page).filter(has_text="A new one").locator("input[type=checkbox]").check()
    page.get_by_role("button", name="Delete…").click()
    page.locator("#notes-says button").click()
    expect(rows_of(page).filter(has_text="A new one")).to_have_count(0, timeout=LIMIT_MS)
    expect(page.locator("#notes-says")).to_contain_text("1 of 1 deleted.")
    expect(rows_of(page)).to_have_count(3)
    page.get_by_role("button", name="Undo").click()
    expect(rows_of(page).filter(has_text="A new one")).to_have_count(1, timeout=LIMIT_MS)


def test_the_pages_keep_what_is_chosen(page: Page, noted: str) -> None:
    page.goto(f"{noted}/examine?client=Client-2&round=7")
    expect(page.locator("#frame-client")).to_have_value("Client-2", timeout=LIMIT_MS)
    page.get_by_role("link", name="Notes").click()
    expect(page).to_have_url(re.compile("/notes.*client=Client-2.*round=7"))
    expect(page.locator("#frame-client")).to_have_value("Client-2", timeout=LIMIT_MS)
    page.get_by_role("link", name="Examine").click()
    expect(page).to_have_url(re.compile("/examine.*client=Client-2.*round=7"))


def test_the_report_of_the_chosen_client_is_saved(page: Page, noted: str, tmp_path: Path) -> None:
    page.goto(f"{noted}/notes?client=Client-0&round=10")
    expect(rows_of(page)).to_have_count(3, timeout=LIMIT_MS)
    expect(page.locator("#frame-client")).to_have_value("Client-0", timeout=LIMIT_MS)
    page.get_by_role("button", name="Report").click()
    with page.expect_download(timeout=LIMIT_MS) as saved:
        page.get_by_role("link", name="labels, counts and figures").click()
    saved.value.save_as(tmp_path / "report.html")
    report = (tmp_path / "report.html").read_text()
    assert "Sevens with a bar" in report
    assert "data:image" not in report
    expect(page.get_by_role("link", name="with example records")).to_have_attribute(
        "href", re.compile("round=10&records=1")
    )
