"""Every unusual history opens, and says what it cannot show."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Serve
from tests.browser.odd_histories import N_RECORDS, write_all, write_history

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def odd(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    data_dir = tmp_path_factory.mktemp("odd")
    write_all(data_dir)
    return serve(data_dir)


def shows(page: Page, selector: str, text: str) -> None:
    expect(page.locator(selector)).to_contain_text(text, timeout=20_000)


@pytest.mark.parametrize(
    ("dataset", "count"),
    [("one", 1), ("two", 2), ("everything", N_RECORDS), ("one-client", 9), ("one-round", 9)],
)
def test_few_or_all_inconsistent_records(page: Page, odd: str, dataset: str, count: int) -> None:
    page.goto(f"{odd}/?dataset={dataset}")
    shows(page, "#overview-inconsistent", f"Inconsistent {count}")
    shows(page, "#overview-consistent", f"Consistent {N_RECORDS - count}")
    sizes = page.locator("#clusters-board button b")
    expect(sizes.first).to_be_visible(timeout=20_000)
    assert sum(int(size) for size in sizes.all_text_contents()) == count
    shows(page, "#contrast-title", "selected record")
    shows(page, "#instance-facts", "Ground truth")
    expect(page.locator("#matrix-board canvas")).to_be_visible()
    expect(page.locator("#frame-page-error")).to_be_empty()


def test_no_inconsistent_record(page: Page, odd: str) -> None:
    page.goto(f"{odd}/?dataset=none")
    shows(page, "#overview-inconsistent", "Inconsistent 0")
    shows(page, "#clusters-board", "both models agree on all")
    shows(page, "#contrast-maps", "No record is selected")
    shows(page, "#matrix-board", "No local record is inconsistent")
    shows(page, "#overview-note", "PCA")
    shows(page, "#instance-facts", "No record is selected")
    expect(page.locator("#frame-page-error")).to_be_empty()


def test_a_round_without_outputs_is_a_gap(page: Page, odd: str) -> None:
    page.goto(f"{odd}/?dataset=gaps&round=4")
    shows(page, "#clusters-board", "not recorded in round 4. Recorded: 1, 2, 3.")
    shows(page, "#timeline-chart", "round 4")
    page.locator("#frame-previous").click()
    shows(page, "#overview-inconsistent", "Inconsistent 9")


def test_what_was_not_recorded_is_said(page: Page, odd: str) -> None:
    page.goto(f"{odd}/?dataset=bare")
    shows(page, "#monitor-projection", "No parameters of")
    shows(page, "#matrix-board", "no ground truth")
    expect(page.locator("#clusters-board")).not_to_contain_text("alone")
    page.locator("#contrast-method").get_by_text("Grad-CAM").click()
    shows(page, "#contrast-maps", "needs the checkpoint")
    page.locator("#timeline-curve").get_by_text("Total accuracy").click()
    shows(page, "#timeline-chart", "was not recorded")


def test_a_table_of_named_attributes(page: Page, odd: str) -> None:
    page.goto(f"{odd}/?dataset=table")
    shows(page, "#contrast-maps", "pulse")
    shows(page, "#contrast-maps", "<b>dose</b>")  # a name is text, never markup
    shows(page, "#instance-attributes", "median")
    # Plotly catches the pointer above its bars.
    page.locator("#contrast-maps .bars .point path").first.click(force=True)
    expect(page).to_have_url(re.compile(r"attribute=\d"))
    # The tab is not offered, but an old link may ask for it.
    page.goto(f"{odd}/?dataset=table&explain=gradcam")
    shows(page, "#contrast-maps", "tabular")


def test_a_broken_file_is_named_and_mending_it_is_enough(
    page: Page, serve: Serve, tmp_path: Path
) -> None:
    write_history(tmp_path, "broken")
    write_history(tmp_path, "whole")
    path = tmp_path / "history" / "broken" / "outputs" / "Hospital A_Server_r2.npz"
    good = path.read_bytes()
    np.savez_compressed(path, local=np.zeros(7, dtype=int))
    address = serve(tmp_path)
    page.goto(f"{address}/?dataset=broken")
    shows(page, "#clusters-board", "Hospital A_Server_r2.npz")
    shows(page, "#clusters-board", "'local'")
    shows(page, "#clusters-board", "7")
    shows(page, "#clusters-board", "expected")
    shows(page, "#clusters-board", str(N_RECORDS))
    page.locator("#frame-dataset").click()
    page.get_by_role("option", name="whole").click()
    shows(page, "#overview-inconsistent", "Inconsistent 9")
    path.write_bytes(good)
    page.goto(f"{address}/?dataset=broken")
    shows(page, "#overview-inconsistent", "Inconsistent 9")


def test_an_unusable_dataset_leaves_the_others(page: Page, serve: Serve, tmp_path: Path) -> None:
    write_history(tmp_path, "whole")
    write_history(tmp_path, "torn")
    samples = tmp_path / "datasets" / "torn" / "samples.npz"
    good = samples.read_bytes()
    samples.write_bytes(good[: len(good) // 2])
    address = serve(tmp_path)
    page.goto(f"{address}/?dataset=torn")
    shows(page, "#frame-problem", "samples.npz")
    page.locator("#frame-dataset").click()
    page.get_by_role("option", name="whole").click()
    shows(page, "#overview-inconsistent", "Inconsistent 9")
    expect(page.locator("#frame-problem")).to_be_empty()
    samples.write_bytes(good)
    page.goto(f"{address}/?dataset=torn")
    shows(page, "#overview-inconsistent", "Inconsistent 9")


def test_an_empty_data_folder_says_what_to_do(page: Page, serve: Serve, tmp_path: Path) -> None:
    page.goto(serve(tmp_path))
    shows(page, "#frame-problem", "make demo")


def test_the_published_history_opens_as_it_is(page: Page, serve: Serve, published: Path) -> None:
    page.goto(f"{serve(published)}/?client=Client-0&round=6&k=12&linkage=single")
    shows(page, "#overview-inconsistent", "Inconsistent")
    shows(page, "#monitor-facts", "425 / 75")
    shows(page, "#monitor-facts", "not recorded")  # its aggregation
    expect(page.locator("#clusters-board button")).to_have_count(12, timeout=20_000)
    page.locator("#contrast-method").get_by_text("Grad-CAM").click()
    shows(page, "#contrast-maps", "Federated")
