"""The Data page: what is on disk, what is missing, and what that costs."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from preprocess.__main__ import main
from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history

pytestmark = pytest.mark.browser
LIMIT_MS = 60_000


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    write_history(folder, "gaps", n_rounds=4, missing_rounds=(1,))
    write_history(folder, "torn")
    (folder / "history/gaps/outputs/Hospital A_Server_r2.npz").write_bytes(b"nothing")
    (folder / "datasets/torn/samples.npz").write_bytes(b"PK\x03\x04 half of it")
    return folder


def test_what_is_wrong_or_missing_is_said_in_the_words_of_the_command(
    page: Page, serve: Serve, data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--data", str(data_dir), "--dataset", "gaps"]) == 1
    said = [line for line in capsys.readouterr().out.splitlines() if ": " in line]
    page.goto(f"{serve(data_dir)}/data?dataset=gaps")
    expect(page.get_by_role("link", name="Data")).to_have_attribute("aria-current", "page")
    expect(page.locator("#data-verdict")).to_have_text(said.pop(), timeout=LIMIT_MS)
    wrong = page.locator("#data-wrong li")
    for line in said:
        kind, _, note = line.partition(": ")
        place = page.locator("#data-there li") if kind == "there" else wrong
        # Whether a file changed a moment ago is told by the clock.
        expect(place.filter(has_text=note.partition(". It changed")[0])).to_have_count(1)
    expect(wrong.first).to_contain_text("Hospital A_Server_r2.npz: found 7 bytes")
    missing = page.evaluate(
        """() => {
        const { x, y } = document.querySelector("#data-rounds .js-plotly-plot").data[1];
        return [...x].map((round, at) => `${y[at]} ${round}`);
    }"""
    )
    assert "federated model's outputs 2" in missing
    assert "federated model's outputs 1" not in missing
    row = page.locator("#data-files .ag-row").filter(has_text="Hospital A_local.npz")
    expect(row).to_contain_text("local: 40, int64")
    expect(row).to_contain_text("history/gaps/outputs")


def test_a_dataset_that_cannot_be_opened_says_why(page: Page, serve: Serve, data_dir: Path) -> None:
    page.goto(f"{serve(data_dir)}/data?dataset=torn")
    expect(page.locator("#data-verdict")).to_have_text("cannot be used", timeout=LIMIT_MS)
    expect(page.locator("#data-wrong li")).to_contain_text("samples.npz")
    expect(page.locator("#data-details")).to_be_hidden()
    page.get_by_role("textbox", name="Dataset").click()
    page.get_by_role("option", name="gaps").click()
    expect(page.locator("#data-details")).to_be_visible(timeout=LIMIT_MS)
    expect(page.locator("#data-verdict")).to_contain_text("1 problem")
