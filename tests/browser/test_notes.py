"""Annotations: notes on the selected records, shared by a team, on the timeline and in the list."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history
from tests.browser.team import add, ask, clear, listed

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000
AT_ONCE_MS = 5_000  # the promise for what others write
ROUND = "/examine?dataset=typographic&client=Client-0&round=10"
HOSTILE = (
    '<img src=x onerror="window.stolen = 1"> \'quotes\' &amp; "more"\n</script>=1+1\n'
    "\N{PILE OF POO} " + "x" * 2_000 + " <b>words</b>" * 230
)


@pytest.fixture
def server(demo: str) -> Iterator[str]:
    """Give the demo's server, without the notes of other tests."""
    clear(demo)
    yield demo
    clear(demo)


@pytest.fixture
def colleague(browser: Browser) -> Iterator[Page]:
    """Give the page of somebody else; it may meet errors, which browsers write to the console."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("canvas.overlay")).to_have_attribute(
        "data-marked", re.compile("[1-9]"), timeout=LIMIT_MS
    )
    expect(page.locator("#clusters-board button").first).to_be_visible()
    expect(page.locator("#instance-strip button").first).to_be_visible()
    expect(page.locator(".timeline .note-icons")).to_be_attached(timeout=LIMIT_MS)


def rows(page: Page) -> Locator:
    return page.locator("#annotations-board li[data-note]")


def row(page: Page, words: str) -> Locator:
    return rows(page).filter(has_text=words)


def field(page: Page) -> Locator:
    return page.get_by_label("Note for the selected records")


def says(page: Page) -> Locator:
    return page.locator("#annotations-board [role=status]")


def bubble(page: Page) -> Locator:
    return page.locator(".note-bubble")


def selected(page: Page) -> set[int]:
    return set(page.evaluate("flhetero.link.state.records"))


def numbers(text: str) -> set[int]:
    """Read `1-3,5` without any code of the product."""
    found: set[int] = set()
    for run in text.split(","):
        first, _, last = run.partition("-")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def written(records: set[int]) -> str:
    runs: list[list[int]] = []
    for record in sorted(records):
        if runs and runs[-1][-1] == record - 1:
            runs[-1].append(record)
        else:
            runs.append([record])
    return ",".join(str(run[0]) if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs)


def clusters(page: Page) -> list[set[int]]:
    held = page.evaluate(
        "document.getElementById('clusters-board').flheteroData.clusters.map((one) => one.records)"
    )
    return [numbers(one) for one in held]


def choose(page: Page, at: int) -> set[int]:
    """Choose a cluster, and wait until its records are the selected ones."""
    records = clusters(page)[at]
    page.locator("#clusters-board button").nth(at).click()
    expect(page.locator("canvas.overlay")).to_have_attribute("data-marked", str(len(records)))
    assert selected(page) == records
    return records


def is_focused_within(page: Page, selector: str) -> None:
    page.wait_for_function(
        "(selector) => document.querySelector(selector).contains(document.activeElement)",
        arg=selector,
    )


def test_a_note_on_the_selected_records_is_recorded_by_click_and_by_enter(
    page: Page, server: str
) -> None:
    opened(page, server + ROUND + "&k=6")
    expect(page.locator("#annotations-board")).to_contain_text("No notes on this client yet.")
    page.get_by_label("Your name, for your notes").fill("Grace")
    page.get_by_label("Your name, for your notes").press("Tab")
    field(page).fill("printed sevens")
    page.get_by_role("button", name="Record note").click()
    expect(row(page, "printed sevens")).to_be_visible()
    expect(field(page)).to_have_value("")
    second = choose(page, 1)
    field(page).fill("first line")
    field(page).press("Shift+Enter")
    page.keyboard.type("second line")
    field(page).press("Enter")
    expect(rows(page)).to_have_count(2)
    expect(page.get_by_role("heading", name="Annotations (2)")).to_be_visible()
    newest = rows(page).first  # what was written last stands first
    expect(newest).to_contain_text(f"round 10 · {len(second)} records · Grace")
    kept = listed(server)[1]
    assert kept["text"] == "first line\nsecond line"
    assert (numbers(kept["records"]), kept["round"]) == (second, 10)
    assert "k=6" in kept["search"]
    page.reload()
    expect(page.get_by_label("Your name, for your notes")).to_have_value("Grace")
    expect(rows(page)).to_have_count(2)


def test_a_note_without_text_or_without_records_is_refused_in_words(
    page: Page, server: str, serve: Serve, tmp_path: Path
) -> None:
    opened(page, server + ROUND)
    field(page).fill("  \n ")
    page.get_by_role("button", name="Record note").click()
    expect(says(page)).to_have_text("Write what is to be remembered of these records.")
    assert listed(server) == []
    write_history(tmp_path, "none", n_inconsistent=0)
    agreeing = serve(tmp_path)
    page.goto(f"{agreeing}/?dataset=none")
    expect(page.locator("#clusters-board")).to_contain_text("agree on all", timeout=LIMIT_MS)
    field(page).fill("nobody")
    field(page).press("Enter")
    expect(says(page)).to_have_text("Select records first: a cluster, a cell or an outline.")
    expect(field(page)).to_have_value("nobody")
    assert listed(agreeing) == []


def counts(one: Locator) -> list[int]:
    return [int(words.replace(",", "")) for words in one.locator(".overlap i").all_text_contents()]


def test_the_three_numbers_of_a_note_follow_the_selection(page: Page, server: str) -> None:
    opened(page, server + ROUND)
    first = selected(page)
    noted = set(sorted(first)[:7]) | {one for one in range(40) if one not in first}
    add(server, written(noted), "a mixed lot")
    page.reload()
    expect(row(page, "a mixed lot")).to_be_visible()
    assert counts(row(page, "a mixed lot")) == [len(first) - 7, 7, len(noted) - 7]
    now = choose(page, 2)
    expected = [len(now - noted), len(now & noted), len(noted - now)]
    assert counts(row(page, "a mixed lot")) == expected
    expect(row(page, "a mixed lot").get_by_role("img")).to_have_attribute(
        "aria-label", re.compile(rf"^{expected[0]} selected, not noted, {expected[1]} selected and")
    )


# The records that lie highest and lowest in the overview, with no outline of another one near.
APART = """() => {
    const { y } = flhetero.overlay.table(flhetero.overlay.plot("overview-scatter"));
    return [Math.min(...y), Math.max(...y)].map((end) => y.indexOf(end));
}"""
# What stands around each record, at the corners and in the middle of the sides of its frame: in the
# overview how opaque it is, for there is nothing else on that canvas, in the matrix its colours.
OVERVIEW_FRAMES = """records => {
    const plot = flhetero.overlay.plot("overview-scatter");
    const { x, y } = flhetero.overlay.table(plot);
    const { ax, bx, ay, by } = flhetero.overlay.scales(plot);
    const context = plot.parentElement.querySelector("canvas.overlay").getContext("2d");
    const sides = [-5.5, 0, 5.5], at = (across, down) =>
        context.getImageData(Math.floor(across), Math.floor(down), 1, 1).data[3];
    return records.map((one) => sides.flatMap((right) => sides.map((down) => [right, down]))
        .filter(([right, down]) => right || down)
        .map(([right, down]) => at(ax + bx * x[one] + right, ay + by * y[one] + down)));
}"""
MATRIX_FRAMES = """records => {
    const { shape, view, window: seen, cells } = flhetero.matrix.state;
    const context = document.querySelector("#matrix-board canvas").getContext("2d");
    return records.map((one) => {
        const cell = [...cells.values()].find((cell) => cell.records.includes(one));
        const [left, top] = flhetero.matrixShape.corner(shape, cell.row, cell.column);
        const [x, y] = flhetero.matrix.pixel(seen, shape, left - view.left, top - view.top,
            cell.places[cell.records.indexOf(one)]);
        return [[-4, 0], [4, 0], [0, -4], [0, 4]].map(([right, down]) =>
            [...context.getImageData(Math.floor(x + right), Math.floor(y + down), 1, 1).data]);
    });
}"""


def n_sides(before: list[list[list[int]]], after: list[list[list[int]]]) -> list[int]:
    """Count for each record the sides around it that look otherwise now."""
    apart = np.abs(np.array(after) - np.array(before)).max(axis=2) > 40
    return [int(count) for count in apart.sum(axis=1)]


@pytest.mark.parametrize("by_key", [False, True])
def test_the_records_of_a_note_are_marked_in_all_panels(
    page: Page, server: str, by_key: bool
) -> None:
    opened(page, server + ROUND)
    held, apart = clusters(page), page.evaluate(APART)
    noted = sorted(held[0])[:3] + sorted(held[1])[:2]
    assert not set(apart) & set().union(*held)
    add(server, written({*noted, *apart}), "seven of them")
    page.reload()
    opened(page, server + ROUND)
    one = row(page, "seven of them")
    overlay, tiles = page.locator("canvas.overlay"), page.locator("#clusters-board button .in-note")
    expect(overlay).to_have_attribute("data-noted", "0")
    assert not np.any(page.evaluate(OVERVIEW_FRAMES, apart))
    matrix = page.locator("#matrix-board canvas")
    expect(matrix).to_have_attribute("data-selected", re.compile("."))
    drawn, cells = matrix.evaluate("one => one.toDataURL()"), page.evaluate(MATRIX_FRAMES, noted)
    if by_key:
        page.get_by_role("button", name="Record note").focus()
        page.keyboard.press("Tab")
    else:
        one.hover()
    expect(overlay).to_have_attribute("data-noted", "7")
    assert np.all(page.evaluate(OVERVIEW_FRAMES, apart))
    page.wait_for_function(
        "before => document.querySelector('#matrix-board canvas').toDataURL() !== before", arg=drawn
    )
    # The numbers or the border of a cell may hide some sides.
    framed = n_sides(cells, page.evaluate(MATRIX_FRAMES, noted))
    assert min(framed) >= 1
    assert max(framed) == 4
    expect(page.locator("#instance-strip .noted")).to_have_count(3)  # of the selected cluster
    expect(tiles.nth(0)).to_have_text("3 noted")
    expect(tiles.nth(1)).to_have_text("2 noted")
    expect(tiles.nth(2)).to_have_text("0 noted")
    if by_key:
        field(page).focus()
    else:
        page.mouse.move(5, 5)
    expect(overlay).to_have_attribute("data-noted", "0")
    assert not np.any(page.evaluate(OVERVIEW_FRAMES, apart))
    page.wait_for_function(
        "before => document.querySelector('#matrix-board canvas').toDataURL() === before", arg=drawn
    )
    expect(page.locator("#instance-strip .noted")).to_have_count(0)
    expect(tiles.nth(0)).to_be_hidden()


@pytest.mark.parametrize("signs", ["∩∩", "∪∩", "∩∪∪", "∩∩∪"])
def test_notes_are_combined_exactly_as_written(page: Page, server: str, signs: str) -> None:
    opened(page, server + ROUND)
    own = sorted(selected(page))
    sets = [set(own[:9]) | {0, 1, 2}, set(own[5:14]) | {2, 3}, {3, 4, 5, own[0]}][: len(signs)]
    for at, records in enumerate(sets):
        add(server, written(records), f"note {at}")
    page.reload()
    expect(rows(page)).to_have_count(len(sets), timeout=LIMIT_MS)
    expect(page.locator("canvas.overlay")).to_have_attribute("data-marked", str(len(own)))
    for at, sign in enumerate(signs):
        button = row(page, f"note {at}").get_by_role("button").filter(has_text=sign)
        button.press("Enter")
        expect(button).to_have_attribute("aria-pressed", "true")
        expect(button).to_be_focused()
    # The selection, intersected with every ∩ note, united with every ∪ note.
    pairs = list(zip(signs, sets, strict=True))
    expected = set(own).intersection(*(records for sign, records in pairs if sign == "∩"))
    expected = expected.union(*(records for sign, records in pairs if sign == "∪"))
    result = page.locator("#annotations-board .combined")
    expect(result).to_contain_text(f"{len(signs)} notes: {len(expected)} records")
    result.get_by_role("button", name="Select").click()
    expect(page).to_have_url(re.compile("own=[0-9a-f]{32}"))
    expect(page.locator("canvas.overlay")).to_have_attribute("data-marked", str(len(expected)))
    assert selected(page) == expected
    expect(result).to_be_hidden()
    page.reload()
    expect(page.locator("canvas.overlay")).to_have_attribute("data-marked", str(len(expected)))
    assert selected(page) == expected


def test_a_sign_is_taken_back_and_what_is_left_empty_cannot_be_selected(
    page: Page, server: str
) -> None:
    opened(page, server + ROUND)
    other = next(one for one in range(500) if one not in selected(page))
    add(server, str(other), "elsewhere")
    both = row(page, "elsewhere").get_by_role("button").filter(has_text="∩")
    both.click()
    result = page.locator("#annotations-board .combined")
    expect(result).to_contain_text("1 note: 0 records")
    expect(result.get_by_role("button", name="Select")).to_be_disabled()
    both.click()
    expect(both).to_have_attribute("aria-pressed", "false")
    expect(result).to_be_hidden()


def icons(page: Page) -> Locator:
    return page.locator(".timeline .note-icon")


def test_icons_stand_at_the_rounds_of_the_notes_and_open_one_after_the_other(
    page: Page, server: str
) -> None:
    for shown, text in ((4, "early"), (10, "one of ten"), (10, "another of ten")):
        add(server, "1-3", text, shown)
    opened(page, server + ROUND)
    expect(icons(page)).to_have_count(2)
    for icon, shown in zip(icons(page).all(), (4, 10), strict=True):
        expect(icon).to_have_accessible_name(re.compile(rf"note.* on round {shown}$"))
        box = icon.bounding_box()
        assert box is not None
        line = page.evaluate(
            "(round) => document.querySelector('#timeline-chart .js-plotly-plot')"
            ".getBoundingClientRect().x + flhetero.timeline.left(round)",
            shown,
        )
        assert abs(box["x"] + box["width"] / 2 - line) < 2
    ten = icons(page).nth(1)
    expect(ten).to_have_text("2")
    ten.click()
    expect(bubble(page)).to_contain_text("one of ten")
    expect(page.locator("canvas.overlay")).to_have_attribute("data-noted", "3")
    expect(page).to_have_url(re.compile("round=10"))  # the marker was not meant
    ten.click()
    expect(bubble(page)).to_contain_text("another of ten")
    ten.click()
    expect(bubble(page)).to_be_hidden()
    expect(page.locator("canvas.overlay")).to_have_attribute("data-noted", "0")
    icons(page).nth(0).click()
    expect(bubble(page)).to_contain_text("early")
    expect(row(page, "early").locator(".open")).to_have_attribute("aria-expanded", "true")
    page.wait_for_timeout(500)  # a wrong round would come by now
    expect(page.locator("#frame-round")).to_have_value("10")
    # It stands above its icon, within the window.
    above, below = bubble(page).bounding_box(), icons(page).nth(0).bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] > 0
    assert above["y"] + above["height"] <= below["y"]
    assert above["x"] <= below["x"] + 9 <= above["x"] + above["width"]


@pytest.mark.parametrize("opener", ["icon", "row"])
def test_the_bubble_takes_the_focus_and_escape_gives_it_back(
    page: Page, server: str, opener: str
) -> None:
    add(server, "1-3", "to be read")
    opened(page, server + ROUND)
    button = icons(page).first if opener == "icon" else row(page, "to be read").locator(".open")
    button.press("Enter")
    expect(page.get_by_role("dialog", name="Note on round 10")).to_be_visible()
    is_focused_within(page, ".note-bubble")
    for _ in ("words", "close", "show"):
        page.keyboard.press("Tab")
    expect(bubble(page).get_by_role("button", name="Show picture")).to_be_focused()
    add(server, "5", "of somebody else")  # what comes meanwhile leaves the focus where it is
    expect(rows(page)).to_have_count(2, timeout=AT_ONCE_MS)
    expect(bubble(page).get_by_role("button", name="Show picture")).to_be_focused()
    page.keyboard.press("Escape")
    expect(bubble(page)).to_be_hidden()
    expect(button).to_be_focused()


def test_a_note_is_edited_and_deleted_after_a_question_and_brought_back(
    page: Page, server: str
) -> None:
    add(server, "1-3", "to be changed")
    opened(page, server + ROUND)
    rows(page).first.locator(".open").click()
    bubble(page).get_by_role("button", name="Edit").click()
    text = bubble(page).get_by_label("Text of the note")
    expect(text).to_be_focused()
    text.fill("   ")
    bubble(page).get_by_role("button", name="Save").click()
    expect(bubble(page).get_by_role("alert")).to_have_text("A note needs a text.")
    text.fill("changed")
    bubble(page).get_by_role("button", name="Save").click()
    expect(bubble(page)).to_contain_text("edited")
    is_focused_within(page, ".note-bubble")
    expect(row(page, "changed")).to_have_count(1)
    assert listed(server)[0]["text"] == "changed"
    bubble(page).get_by_role("button", name="Edit").click()
    text.fill("thrown away")
    page.keyboard.press("Escape")  # back to what it says
    expect(bubble(page).locator(".words")).to_have_text("changed")
    bubble(page).get_by_role("button", name="Delete").click()
    expect(bubble(page)).to_contain_text("Delete this note for everybody?")
    bubble(page).get_by_role("button", name="Keep").click()
    assert len(listed(server)) == 1
    bubble(page).get_by_role("button", name="Delete").click()
    bubble(page).get_by_role("button", name="Delete note").click()
    expect(rows(page)).to_have_count(0)
    expect(bubble(page)).to_be_hidden()
    expect(says(page)).to_contain_text("Note deleted.")
    expect(says(page).get_by_role("button", name="Undo")).to_be_focused()
    assert listed(server) == []
    page.keyboard.press("Enter")
    expect(row(page, "changed")).to_be_visible()
    expect(says(page)).to_be_hidden()
    assert listed(server)[0]["text"] == "changed"


def test_deleting_one_of_several_removes_that_one_and_no_other(page: Page, server: str) -> None:
    for shown in (3, 7, 10, 10, 15):
        add(server, "1-3", f"of round {shown} number {len(listed(server))}", shown)
    opened(page, server + ROUND)
    # The second of its round, the fourth of all.
    row(page, "number 3").locator(".open").click()
    bubble(page).get_by_role("button", name="Delete").click()
    bubble(page).get_by_role("button", name="Delete note").click()
    expect(rows(page)).to_have_count(4)
    left = [note["text"] for note in listed(server)]
    assert left == [f"of round {a} number {b}" for a, b in ((3, 0), (7, 1), (10, 2), (15, 4))]


def test_what_others_write_edit_and_delete_appears_without_a_reload(
    page: Page, colleague: Page, server: str
) -> None:
    opened(page, server + ROUND)
    field(page).fill("half a sen")  # what is being typed stays
    opened(colleague, server + "/examine?dataset=typographic&client=Client-0&round=4")
    field(colleague).fill("from elsewhere")
    field(colleague).press("Enter")
    expect(row(page, "from elsewhere")).to_be_visible(timeout=AT_ONCE_MS)
    expect(icons(page)).to_have_accessible_name("1 note on round 4")
    note = listed(server)[0]
    note = ask(server, "PATCH", f"/{note['id']}", version=note["version"], text="said better")
    expect(row(page, "said better")).to_be_visible(timeout=AT_ONCE_MS)
    ask(server, "DELETE", f"/{note['id']}", version=note["version"])
    expect(rows(page)).to_have_count(0, timeout=AT_ONCE_MS)
    expect(icons(page)).to_have_count(0)
    expect(field(page)).to_have_value("half a sen")


def editing(page: Page, words: str) -> Locator:
    row(page, words).locator(".open").click()
    bubble(page).get_by_role("button", name="Edit").click()
    return bubble(page).get_by_label("Text of the note")


def test_who_edits_what_another_changed_is_told_and_loses_nothing(
    colleague: Page, server: str
) -> None:
    note = add(server, "1-3", "as it was", author="<i>Ada</i>")
    opened(colleague, server + ROUND)
    text = editing(colleague, "as it was")
    text.fill("what I typed")
    theirs = "what <b>she</b> typed"
    ask(server, "PATCH", f"/{note['id']}", version=note["version"], text=theirs)
    expect(row(colleague, theirs)).to_be_visible(timeout=AT_ONCE_MS)
    expect(text).to_have_value("what I typed")
    bubble(colleague).get_by_role("button", name="Save").click()
    told = bubble(colleague).get_by_role("alert")
    expect(told).to_contain_text("<i>Ada</i> changed this note meanwhile")
    expect(told).to_contain_text(f"“{theirs}”")
    expect(text).to_have_value("what I typed")
    assert listed(server)[0]["text"] == theirs
    bubble(colleague).get_by_role("button", name="Save mine").click()
    expect(bubble(colleague).locator(".words")).to_have_text("what I typed")
    assert [one["text"] for one in listed(server)] == ["what I typed"]


def test_who_edits_what_another_deleted_is_told_and_can_bring_it_back(
    colleague: Page, server: str
) -> None:
    note = add(server, "1-3", "as it was")
    opened(colleague, server + ROUND)
    text = editing(colleague, "as it was")
    text.fill("what I typed")
    ask(server, "DELETE", f"/{note['id']}", version=note["version"])
    expect(rows(colleague)).to_have_count(0, timeout=AT_ONCE_MS)
    expect(text).to_have_value("what I typed")
    bubble(colleague).get_by_role("button", name="Save").click()
    expect(bubble(colleague).get_by_role("alert")).to_contain_text("deleted")
    expect(text).to_have_value("what I typed")
    bubble(colleague).get_by_role("button", name="Bring back and save").click()
    expect(row(colleague, "what I typed")).to_be_visible()
    assert [one["text"] for one in listed(server)] == ["what I typed"]


def test_what_cannot_be_saved_stays_in_the_field_and_is_added_once(
    colleague: Page, server: str
) -> None:
    opened(colleague, server + ROUND)
    all_of_them = re.compile("/annotations$")

    def refuse(route: Route) -> None:
        """Let the note reach the server, and its answer not come back."""
        if route.request.method == "POST":
            route.fetch()
            route.fulfill(status=503, json={"problem": "The disk is full."})
        else:
            route.continue_()

    colleague.route(all_of_them, refuse)
    field(colleague).fill("kept")
    field(colleague).press("Enter")
    expect(says(colleague)).to_have_text("Could not be saved: The disk is full.")
    expect(field(colleague)).to_have_value("kept")
    colleague.unroute(all_of_them)
    field(colleague).press("Enter")
    expect(field(colleague)).to_have_value("")
    expect(says(colleague)).to_be_hidden()
    expect(rows(colleague)).to_have_count(1)
    assert [one["text"] for one in listed(server)] == ["kept"]
    # The same words once more, written after that, are another note.
    field(colleague).fill("kept")
    field(colleague).press("Enter")
    expect(rows(colleague)).to_have_count(2)


def test_notes_that_cannot_be_read_are_told_and_come_back(colleague: Page, server: str) -> None:
    add(server, "1-3", "still there")
    opened(colleague, server + ROUND)
    colleague.route(re.compile("/annotations"), lambda route: route.abort())
    board = colleague.locator("#annotations-board")
    expect(board).to_contain_text("Notes cannot be read: The server does not answer.")
    expect(row(colleague, "still there")).to_be_visible()  # what is known stays
    colleague.unroute(re.compile("/annotations"))
    expect(board).not_to_contain_text("cannot be read")


def test_ids_of_two_tables_are_never_mixed(page: Page, server: str) -> None:
    add(server, "1-3", "of other inputs", inputs="stratified")
    add(server, "1-3", "of local records")
    opened(page, server + ROUND)
    expect(rows(page)).to_have_count(2)
    other = row(page, "of other inputs")
    expect(other).to_contain_text("of stratified inputs")
    expect(other.locator(".overlap")).to_have_count(0)
    expect(other.get_by_role("button")).to_have_count(1)  # no ∩, no ∪
    expect(row(page, "of local records").locator(".overlap")).to_have_count(1)
    other.locator(".open").click()
    expect(bubble(page)).to_contain_text("of other inputs")
    expect(bubble(page).get_by_role("button", name="Select records")).to_have_count(0)
    expect(page.locator("canvas.overlay")).to_have_attribute("data-noted", "0")
    bubble(page).get_by_role("button", name="Show picture").click()
    expect(page).to_have_url(re.compile("inputs=stratified"))
    expect(other.locator(".overlap")).to_have_count(1, timeout=LIMIT_MS)
    expect(row(page, "of local records").locator(".overlap")).to_have_count(0)
    expect(page.locator("canvas.overlay")).to_have_attribute("data-noted", "3")


def test_a_note_of_samples_that_have_changed_means_none_of_those_that_are_there(
    page: Page, server: str
) -> None:
    note = add(server, "1-3", "of what was there")
    file = ask(server, "POST", "/export", form="json", ids=[note["id"]])
    file["notes"][0] |= {"id": uuid4().hex, "samples": "others", "text": "of what is gone"}
    ask(server, "POST", "/import", **file)
    opened(page, server + ROUND)
    expect(row(page, "of what was there").locator(".overlap")).to_have_count(1)
    other = row(page, "of what is gone")
    expect(other).to_contain_text("3 records · of samples that have changed since")
    expect(other.locator(".overlap")).to_have_count(0)
    expect(other.get_by_role("button")).to_have_count(1)  # no ∩, no ∪
    other.locator(".open").click()
    expect(bubble(page)).to_contain_text("of what is gone")
    expect(bubble(page).get_by_role("button", name="Select records")).to_have_count(0)
    expect(page.locator("canvas.overlay")).to_have_attribute("data-noted", "0")


def test_a_note_gives_its_own_picture_and_its_records_back(page: Page, server: str) -> None:
    add(server, "1-3", "elsewhere", shown=6, search="?k=5&linkage=single&cluster=2&round=6")
    opened(page, server + ROUND)
    rows(page).first.locator(".open").click()
    bubble(page).get_by_role("button", name="Show picture").click()
    for part in ("round=6", "k=5", "linkage=single", "cluster=2"):
        expect(page).to_have_url(re.compile(rf"\b{part}\b"))
    expect(page.locator("#frame-round")).to_have_value("6")
    expect(page.locator("#clusters-board button")).to_have_count(5, timeout=LIMIT_MS)
    second = page.locator("#clusters-board button").nth(1)
    expect(second).to_have_attribute("aria-pressed", "true")
    bubble(page).get_by_role("button", name="Select records").click()
    expect(page).to_have_url(re.compile("own=[0-9a-f]{32}"))
    expect(page.locator("canvas.overlay")).to_have_attribute("data-marked", "3")
    assert selected(page) == {1, 2, 3}
    page.go_back()
    expect(second).to_have_attribute("aria-pressed", "true", timeout=LIMIT_MS)


def test_a_note_on_an_own_selection_shows_it_to_others(
    page: Page, colleague: Page, server: str
) -> None:
    add(server, "1-3", "three records")
    opened(page, server + ROUND)
    rows(page).first.locator(".open").click()
    bubble(page).get_by_role("button", name="Select records").click()
    expect(page).to_have_url(re.compile("own=[0-9a-f]{32}"))
    expect(page.locator("canvas.overlay")).to_have_attribute("data-marked", "3")
    field(page).fill("drawn by hand")
    field(page).press("Enter")
    expect(row(page, "drawn by hand")).to_be_visible()
    opened(colleague, server + ROUND)
    row(colleague, "drawn by hand").locator(".open").click()
    bubble(colleague).get_by_role("button", name="Show picture").click()
    expect(colleague.locator("canvas.overlay")).to_have_attribute("data-marked", "3")
    assert selected(colleague) == {1, 2, 3}


def test_hostile_words_are_shown_as_they_were_written(page: Page, server: str) -> None:
    text = HOSTILE[:5_000]
    assert len(text) == 5_000
    add(server, "1-3", text, author="<b>Eve</b>")
    opened(page, server + ROUND)
    one = rows(page).first
    assert one.locator(".words").text_content() == text
    expect(one).to_contain_text("<b>Eve</b>")
    assert str(icons(page).first.get_attribute("title")).startswith("<img src=x onerror=")
    one.locator(".open").click()
    assert bubble(page).locator(".words").text_content() == text
    expect(bubble(page).locator(".muted")).to_contain_text("<b>Eve</b>")
    for place in ("#annotations-board", ".note-bubble", ".timeline"):
        expect(page.locator(f"{place} img[src=x]")).to_have_count(0)
        expect(page.locator(f"{place} b")).to_have_count(0)
    assert page.evaluate("window.stolen") is None
    # All of it can be read: it wraps and scrolls within the window.
    box = bubble(page).bounding_box()
    assert box is not None
    assert box["y"] >= 0
    assert box["y"] + box["height"] <= 900
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    bubble(page).get_by_role("button", name="Edit").click()
    expect(bubble(page).get_by_label("Text of the note")).to_have_value(text)
    bubble(page).get_by_role("button", name="Cancel").click()
    bubble(page).get_by_role("button", name="Delete").click()
    expect(bubble(page)).to_contain_text("Delete this note for everybody?")
    assert bubble(page).locator(".words").text_content() == text
    expect(page.locator(".note-bubble img[src=x]")).to_have_count(0)


def test_another_client_has_its_own_notes(page: Page, server: str) -> None:
    add(server, "1-3", "of the first client")
    opened(page, server + ROUND)
    expect(rows(page)).to_have_count(1)
    rows(page).first.locator(".open").click()
    page.locator("#frame-client").click()
    page.get_by_role("option", name="Client-1", exact=True).click()
    expect(page.locator("#annotations-board")).to_contain_text(
        "No notes on this client yet.", timeout=LIMIT_MS
    )
    expect(bubble(page)).to_be_hidden()
    expect(icons(page)).to_have_count(0)


def test_notes_that_come_late_are_not_taken_for_those_of_another_client(
    page: Page, server: str
) -> None:
    add(server, "1-3", "of the first client")
    held: list[Route] = []
    of_the_first = re.compile("/annotations[?].*client=Client-0")
    page.route(of_the_first, lambda route: held.append(route))
    opened(page, server + ROUND)
    page.locator("#frame-client").click()
    page.get_by_role("option", name="Client-1", exact=True).click()
    board = page.locator("#annotations-board")
    expect(board).to_contain_text("No notes on this client yet.", timeout=LIMIT_MS)
    with page.expect_response(of_the_first):
        held[0].continue_()
    # What is asked for after that has an answer after that.
    page.evaluate("() => fetch('health').then((answer) => answer.text())")
    expect(board).to_contain_text("No notes on this client yet.")
    expect(rows(page)).to_have_count(0)


def test_a_note_that_is_sent_at_once_is_on_the_cluster_that_was_clicked(
    page: Page, server: str
) -> None:
    opened(page, server + ROUND)
    second = clusters(page)[1]
    field(page).fill("in a hurry")
    # Before any answer can be there.
    page.evaluate(
        """() => {
        document.querySelectorAll("#clusters-board button")[1].click();
        document.querySelector("#annotations-board form").requestSubmit();
    }"""
    )
    expect(row(page, "in a hurry")).to_be_visible(timeout=LIMIT_MS)
    (note,) = listed(server)
    assert note["records"] == written(second)
    assert "cluster=2" in note["search"]
