"""The report in a browser: read from the disk, it asks nobody and runs nothing."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from flhetero_dash.report import report_page
from tests.reports import CLIENT, HOSTILE, LAST, Study

pytestmark = pytest.mark.browser
MADE = datetime(2026, 1, 31, tzinfo=UTC)


@pytest.fixture
def opened(page: Page, tmp_path):
    """Open a report of two notes by its file; give the page and the addresses it asked for."""
    study = Study(tmp_path)
    study.note(LAST, HOSTILE)
    study.note(LAST[:3], "x" * 2_000, round_index=0)
    path = tmp_path / "report.html"
    path.write_text(report_page(study.report(CLIENT, 2, True), MADE, True))
    study.close()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    return page, [url for url in asked if not url.startswith("data:")], path.as_uri()


def test_from_the_disk_it_is_whole_and_asks_nobody(opened):
    page, asked, own = opened
    assert asked == [own]
    answer = page.locator(".answer")
    expect(answer).to_be_visible()
    expect(answer).to_contain_text("disagree on 9 of 40 records")
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    for image in page.locator("img").all():
        assert image.evaluate("one => one.naturalWidth") > 0


def test_a_shared_figure_is_drawn_in_every_note(opened):
    page, _, _ = opened
    uses = page.locator("use")
    assert uses.count() > 0
    for use in uses.all():
        box = use.bounding_box()
        assert box is not None
        assert box["width"] > 50


@pytest.mark.parametrize("media", ["screen", "print"])
def test_nothing_is_wider_than_the_paper_or_the_window(opened, media):
    page, _, _ = opened
    page.emulate_media(media=media)
    for width in (1440, 700, 400):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_is_printed_on_paper(opened, tmp_path):
    page, _, _ = opened
    printed = page.pdf(prefer_css_page_size=True)
    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") >= 2
