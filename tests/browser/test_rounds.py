"""Going from round to round, and the panels Learning Process Monitor and Performance timeline."""

import re
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import Serve
from tests.browser.odd_histories import write_history

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000
HANDLE = ".round-handle"
# Where a round's line is in a chart of rounds, half way up.
PLACE = """([id, round]) => {
    const plot = document.querySelector(`#${id} .js-plotly-plot`), layout = plot._fullLayout;
    const box = plot.getBoundingClientRect();
    return [box.x + layout.xaxis._offset + layout.xaxis.l2p(round),
            box.y + layout.yaxis._offset + layout.yaxis._length / 2];
}"""


def opened(page: Page, address: str, shown: int) -> None:
    page.goto(address)
    expect(page.locator("#timeline-chart")).to_contain_text(f"round {shown}", timeout=LIMIT_MS)
    expect(page.locator("#instance-facts")).to_contain_text("Ground truth", timeout=LIMIT_MS)
    expect(page.locator("#monitor-rounds-shown")).not_to_be_empty()


def place_of(page: Page, round_shown: float, chart: str = "timeline-chart") -> tuple[float, float]:
    x, y = page.evaluate(PLACE, [chart, round_shown])
    return x, y


def is_at(page: Page, shown: int) -> None:
    expect(page.locator("#frame-round")).to_have_value(str(shown))
    expect(page.locator(HANDLE)).to_have_attribute("aria-valuenow", str(shown))
    expect(page.locator("#timeline-chart")).to_contain_text(f"round {shown}")
    expect(page).to_have_url(re.compile(rf"round={shown}\b"))


def test_a_drag_replaces_the_link_and_computes_nothing_on_its_way(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10", 10)
    page.mouse.click(*place_of(page, 12.3))  # between two points
    is_at(page, 12)
    entries = page.evaluate("history.length")
    asked: list[str] = []

    def note(request: Request) -> None:
        """Note what the frame is asked; the panels may still be drawing the round before."""
        if "frame-n-rounds" in (request.post_data or ""):
            asked.append(request.url)

    page.on("request", note)
    page.mouse.move(*place_of(page, 12))
    page.mouse.down()
    for way in (13, 14.2, 15.8):
        page.mouse.move(*place_of(page, way), steps=4)
    expect(page.locator("#timeline-chart .annotation")).to_contain_text("round 16")
    assert asked == []
    expect(page.locator("#frame-round")).to_have_value("12")
    page.mouse.up()
    is_at(page, 16)
    assert page.evaluate("history.length") == entries
    page.go_back()
    is_at(page, 10)  # not 12: the drag took its place


def test_keys_move_the_marker_of_the_timeline(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10", 10)
    handle = page.locator(HANDLE)
    handle.focus()
    expect(handle).to_have_attribute("role", "slider")
    expect(handle).to_have_attribute("aria-valuetext", "round 10 of 20")
    entries = page.evaluate("history.length")
    for key, shown in (("ArrowRight", 11), ("ArrowLeft", 10), ("End", 20), ("Home", 1)):
        handle.press(key)
        is_at(page, shown)
    assert page.evaluate("history.length") == entries + 4
    handle.press("End")
    is_at(page, 20)
    waiting: list[Route] = []
    is_slow = [True]
    page.route(
        "**/_dash-update-component*",
        lambda route: waiting.append(route) if any(is_slow) else route.continue_(),
    )
    for shown in (19, 18, 17):  # faster than the answers come
        page.keyboard.press("ArrowLeft")
        expect(handle).to_have_attribute("aria-valuenow", str(shown))
        page.wait_for_timeout(300)  # what the moved marker sets off has happened by now
    is_slow.clear()
    for route in waiting:
        route.continue_()
    is_at(page, 17)
    handle.press("Home")
    is_at(page, 1)
    entries = page.evaluate("history.length")
    for _ in range(6):  # held: only where it stops is a round of its own
        page.keyboard.down("ArrowRight")
    page.keyboard.up("ArrowRight")
    is_at(page, 7)
    # The first may be overtaken before it is answered.
    assert entries < page.evaluate("history.length") <= entries + 2


def test_keys_go_from_round_to_round_but_not_while_typing(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10", 10)
    page.keyboard.press("]")
    is_at(page, 11)
    page.keyboard.press("[")
    is_at(page, 10)
    page.keyboard.press("ArrowLeft")
    is_at(page, 9)
    page.locator("#frame-next").focus()  # the arrows are that control's, the brackets nobody's
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("]")
    is_at(page, 10)
    field = page.locator("#frame-round")
    field.focus()
    page.keyboard.press("ArrowUp")
    is_at(page, 11)
    field.press("[")
    page.locator("#frame-client").press("]")  # a text that narrows the list of clients down
    expect(page.locator("#frame-client")).to_have_value(re.compile("]"))
    note = page.get_by_label("Note for the selected records")
    note.press("[")
    note.press("?")
    expect(note).to_have_value("[?")
    expect(page.locator("#help-dialog")).to_be_hidden()
    page.wait_for_timeout(500)  # a wrong round would come by now
    is_at(page, 11)
    keys = page.evaluate("flhetero.shortcuts.map((one) => [one.key, one.description])")
    assert {"[", "]", "ArrowLeft", "ArrowRight"} <= {key for key, _ in keys}
    assert all(words for _, words in keys)


def test_the_headers_slider_replaces_the_link(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=5", 5)
    thumb = page.get_by_role("slider", name="Round, by slider")
    expect(thumb).to_have_attribute("aria-valuenow", "5")
    entries = page.evaluate("history.length")
    thumb.press("End")
    is_at(page, 20)
    assert page.evaluate("history.length") == entries
    page.reload()
    is_at(page, 20)
    expect(thumb).to_have_attribute("aria-valuenow", "20")


def test_the_cosines_are_drawn_and_a_click_goes_to_the_round(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10", 10)
    page.locator("#monitor-process").get_by_text("Cosine").click()
    expect(page.locator("#monitor-title")).to_have_text("Cosine over rounds")
    expect(page.locator("#monitor-cosines")).to_contain_text("without this client")
    expect(page).to_have_url(re.compile("process=cosine"))
    page.locator("#monitor-layer").click()
    page.get_by_role("option", name="conv2").click()
    expect(page.locator("#monitor-cosines")).to_contain_text("conv2")
    place = page.evaluate(
        """() => {
        const plot = document.querySelector("#monitor-projection .js-plotly-plot");
        const trace = plot._fullData.find((one) => one.name === "conv2");
        const layout = plot._fullLayout, box = plot.getBoundingClientRect();
        return [box.x + layout.xaxis._offset + layout.xaxis.l2p(14),
                box.y + layout.yaxis._offset + layout.yaxis.l2p(trace.y[13])];
    }"""
    )
    page.mouse.move(*place)
    expect(page.locator("#monitor-projection .hoverlayer")).to_contain_text("conv2, round 14")
    expect(page.locator("#monitor-projection .hoverlayer")).to_contain_text("without this client")
    page.mouse.click(*place)
    is_at(page, 14)


def test_the_range_of_rounds_and_the_names_of_labels(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10", 10)
    shown = page.locator("#monitor-rounds-shown")
    expect(shown).to_have_text("1–20")
    page.locator("#monitor-rounds").get_by_role("slider", name="Maximum").press("ArrowLeft")
    expect(shown).to_have_text("1–19")
    page.locator("#monitor-rounds").get_by_role("slider", name="Minimum").press("ArrowRight")
    expect(shown).to_have_text("2–19")
    expect(page).to_have_url(re.compile("rounds=2-19"))
    last = page.locator("#monitor-facts li").last
    expect(last).to_be_hidden()
    page.locator("#monitor-facts summary").press("Enter")
    expect(last).to_be_visible()
    expect(last).to_have_text("digit 9")


@pytest.mark.parametrize("n_rounds", [1, 2, 200])
def test_one_two_and_two_hundred_rounds(
    page: Page, serve: Serve, tmp_path: Path, n_rounds: int
) -> None:
    write_history(tmp_path, "short", n_rounds=n_rounds)
    curve = np.linspace(0.9, 0.95, n_rounds) * np.array([[1.0], [1.02]])
    names = np.array(["Hospital A", "Hospital B"])
    path = tmp_path / "history" / "short" / "validation.npz"
    np.savez_compressed(path, client_names=names, loss=2 - curve, val_acc=curve)
    opened(page, f"{serve(tmp_path)}/?process=cosine", n_rounds)
    is_at(page, n_rounds)
    ticks = page.locator("#timeline-chart .xtick").all_text_contents()
    assert (ticks[0], ticks[-1]) == ("1", str(n_rounds))
    assert len(ticks) <= 21
    # The axis is broken between 0 and 90 %, and only drawn so where it is.
    expect(page.locator("#timeline-chart .ytick").first).to_have_text("0%")
    expect(page.locator("#timeline-chart .shapelayer path")).to_have_count(2)
    thumb = page.get_by_role("slider", name="Round, by slider")
    if n_rounds == 1:
        expect(page.locator("#monitor-rounds-shown")).to_have_text("1")
        page.locator(HANDLE).press("ArrowLeft")
        is_at(page, 1)
        return
    expect(page.locator("#monitor-rounds-shown")).to_have_text(f"1–{n_rounds}")
    thumb.press("ArrowLeft")
    is_at(page, n_rounds - 1)
    page.mouse.click(*place_of(page, 1))
    is_at(page, 1)


def test_a_finger_drags_the_marker(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10", 10)
    x, y = place_of(page, 10)
    target, _ = place_of(page, 13)
    session = page.context.new_cdp_session(page)
    for kind, points in (
        ("touchStart", [{"x": x + 12, "y": y}]),  # near is enough for a finger
        ("touchMove", [{"x": (x + target) / 2, "y": y}]),
        ("touchMove", [{"x": target, "y": y}]),
        ("touchEnd", []),
    ):
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    is_at(page, 13)
