"""The Examine page on the demo, as an analyst uses it."""

import re

import pytest
from playwright.sync_api import Browser, Page, Route, expect

pytestmark = pytest.mark.browser
LIMIT_MS = 30_000


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#clusters-board button").first).to_be_visible(timeout=LIMIT_MS)
    expect(page.locator("#contrast-title")).to_contain_text("selected records", timeout=LIMIT_MS)


def number_in(text: str | None) -> int:
    return int(re.sub(r"\D", "", text or ""))


def test_the_main_job_from_opening_to_a_link(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    inconsistent = number_in(page.locator("#overview-inconsistent").text_content())
    consistent = number_in(page.locator("#overview-consistent").text_content())
    assert inconsistent > 10
    assert inconsistent + consistent == 900
    tiles = page.locator("#clusters-board button")
    sizes = [number_in(text) for text in tiles.locator("b").all_text_contents()]
    assert sum(sizes) == inconsistent
    assert sizes == sorted(sizes, reverse=True)

    # A cluster.
    tiles.nth(1).click()
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#contrast-title")).to_contain_text(f"{sizes[1]:,} selected records")
    expect(page.locator("#instance-strip-title")).to_have_text(f"Selected records ({sizes[1]:,})")
    expect(page).to_have_url(re.compile("cluster=2"))

    # A cell of the label matrix: through the grid that assistive technology reads.
    cell = page.locator("#matrix-board [role=gridcell][data-cell]").first
    words = cell.text_content() or ""
    n_inside = int(words.rsplit(" of ", 1)[1].split()[0])
    cell.dispatch_event("click")
    expect(page.locator("#contrast-title")).to_contain_text(f"{n_inside:,} selected record")
    truth, output = re.findall(r"truth (.+), federated (.+):", words)[0]
    facts = page.locator("#instance-facts")
    expect(facts).to_contain_text(f"Ground truth{truth}")
    expect(facts).to_contain_text(f"{output}")
    expect(page).to_have_url(re.compile("cell="))
    expect(page).not_to_have_url(re.compile("cluster="))

    # A record of another cluster.
    tiles.nth(0).click()
    expect(page.locator("#instance-strip button")).to_have_count(min(sizes[0], 60))
    page.locator("#instance-strip button").nth(2).click()
    expect(page.locator("#instance-position")).to_have_text(f"3 of {sizes[0]:,}")
    record = page.locator("#instance-strip button").nth(2).get_attribute("data-record")
    expect(page.locator("#instance-picture img")).to_have_attribute(
        "src", re.compile(rf"ids={record}$")
    )
    loaded = "image => image.complete && image.naturalWidth === 28"
    assert page.locator("#instance-picture img").evaluate(loaded)

    # The round; the record stays.
    page.locator("#frame-next").click()
    expect(page.locator("#frame-round")).to_have_value("11")
    expect(page.locator("#timeline-chart")).to_contain_text("round 11")
    expect(page.locator("#instance-facts")).to_contain_text(f"Record{record}")

    # The link.
    address = page.url
    seen = facts.inner_text()
    page.goto("about:blank")
    opened(page, address)
    expect(page.locator("#frame-round")).to_have_value("11")
    expect(facts).to_have_text(re.compile(re.escape(seen.split("\n")[1])))
    assert page.url == address


def test_back_returns_to_the_picture_before(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    tiles = page.locator("#clusters-board button")
    for number in (2, 3):
        tiles.nth(number - 1).click()
        # What is foreseen is seen before its address is there to go back to.
        expect(page).to_have_url(re.compile(f"cluster={number}"))
    expect(tiles.nth(2)).to_have_attribute("aria-pressed", "true")
    page.go_back()
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")


def test_the_overview_is_drawn_and_outlines_the_selection(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    size = number_in(page.locator("#clusters-board button b").first.text_content())
    overlay = page.locator("#overview-scatter canvas.overlay")
    expect(overlay).to_have_attribute("data-marked", str(size))
    # A WebGL plot can be empty without any error, so the pixels are counted.
    page.wait_for_timeout(300)
    drawn = """() => {
        const plot = document.querySelector("#overview-scatter .js-plotly-plot");
        return Plotly.toImage(plot, {format: "png", width: 300, height: 300}).then((address) =>
            new Promise((done) => {
                const image = new Image();
                image.onload = () => {
                    const canvas = document.createElement("canvas");
                    canvas.width = canvas.height = 300;
                    const context = canvas.getContext("2d");
                    context.drawImage(image, 0, 0);
                    const data = context.getImageData(60, 20, 200, 200).data;
                    let warm = 0;
                    for (let at = 0; at < data.length; at += 4) {
                        if (data[at + 3] > 100 && data[at] > data[at + 2] + 60) warm += 1;
                    }
                    done(warm);
                };
                image.src = address;
            }));
    }"""
    assert page.evaluate(drawn) > 20


def test_a_click_on_a_point_verifies_that_record(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    page.wait_for_timeout(300)
    # Where Plotly itself has drawn the lowest consistent point, away from the others.
    place = page.evaluate(
        """() => {
        const plot = document.querySelector("#overview-scatter .js-plotly-plot");
        const trace = plot._fullData[0], layout = plot._fullLayout;
        const lowest = trace.y.indexOf(Math.min(...trace.y));
        const box = plot.getBoundingClientRect();
        return [box.x + layout.xaxis._offset + layout.xaxis.l2p(trace.x[lowest]),
                box.y + layout.yaxis._offset + layout.yaxis.l2p(trace.y[lowest])];
    }"""
    )
    page.mouse.move(*place)
    page.wait_for_timeout(200)
    page.mouse.click(*place)
    expect(page.locator("#instance-position")).to_have_text("not in the selection")
    expect(page.locator("#instance-verified")).to_have_attribute("aria-busy", "false")
    federated = page.locator("#instance-facts dd").nth(2).text_content() or ""
    alone = page.locator("#instance-facts dd").nth(3).text_content() or ""
    label = re.compile(r"digit \d|digit-\d|\d")
    assert label.findall(federated)[0] == label.findall(alone)[0]  # consistent: they agree


def test_a_click_on_the_projection_goes_to_that_round(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=3")  # early rounds lie apart
    expect(page.locator("#monitor-projection")).to_have_attribute("data-round", "3")

    def ring() -> list[float]:
        return list(
            page.evaluate(
                """() => {
        const plot = document.querySelector("#monitor-projection .js-plotly-plot");
        const mark = plot._fullLayout.shapes.find((one) => one.name === "round");
        return [mark.xanchor, mark.yanchor];
    }"""
            )
        )

    def place(round_shown: int) -> list[float]:
        return list(
            page.evaluate(
                """(round) => {
        const plot = document.querySelector("#monitor-projection .js-plotly-plot");
        const path = plot._fullData.find((one) => one.name === "server");
        const layout = plot._fullLayout, box = plot.getBoundingClientRect();
        return [path.x[round - 1], path.y[round - 1],
                box.x + layout.xaxis._offset + layout.xaxis.d2p(path.x[round - 1]),
                box.y + layout.yaxis._offset + layout.yaxis.d2p(path.y[round - 1])];
    }""",
                round_shown,
            )
        )

    assert ring() == place(3)[:2]
    page.mouse.move(*place(3)[2:])
    page.wait_for_timeout(200)
    page.mouse.click(*place(3)[2:])  # the ring lies over its own point
    page.wait_for_timeout(800)  # a wrong round would come by now
    expect(page.locator("#frame-round")).to_have_value("3")
    page.mouse.move(*place(1)[2:])
    page.wait_for_timeout(200)
    page.mouse.click(*place(1)[2:])
    expect(page.locator("#frame-round")).to_have_value("1")
    expect(page.locator("#monitor-projection")).to_have_attribute("data-round", "1")
    assert ring() == place(1)[:2]


def test_a_number_by_hand_and_automatically(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    k = page.locator("#clusters-number")
    k.fill("4")
    k.press("Enter")
    expect(page.locator("#clusters-board button")).to_have_count(4)
    expect(page).to_have_url(re.compile("k=4"))
    page.locator("#clusters-auto").click()
    expect(page.locator("#clusters-auto")).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("k=auto"))
    # Leaving the field that shows the automatic number does not choose it by hand.
    k.focus()
    page.locator("#overview-alpha").focus()
    page.wait_for_timeout(300)
    expect(page).to_have_url(re.compile("k=auto"))


def test_grad_cam_shows_both_models(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    page.locator("#contrast-method").get_by_text("Grad-CAM").click()
    maps = page.locator("#contrast-maps")
    expect(maps).to_contain_text("Federatedconv1", timeout=LIMIT_MS)
    expect(maps).to_contain_text("Stand-aloneconv2")
    expect(page).to_have_url(re.compile("explain=gradcam"))
    page.reload()
    active = page.locator("#contrast-method label[data-active]")
    expect(active.filter(has_text="Grad-CAM")).to_be_visible(timeout=LIMIT_MS)


def test_a_click_on_a_weight_map_chooses_the_attribute(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    picture = page.locator("#contrast-maps .heatmaplayer image").first
    box = picture.bounding_box()
    assert box is not None
    place = (box["x"] + box["width"] * 14.5 / 28, box["y"] + box["height"] * 10.5 / 28)
    page.mouse.move(*place)
    page.mouse.click(*place)
    expect(page.locator("#distribution-chart")).to_contain_text("pixel (row 10, column 14)")
    expect(page).to_have_url(re.compile(f"attribute={10 * 28 + 14}"))


def test_sampled_inputs_have_no_ground_truth(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    page.locator("#frame-inputs").get_by_text("Stratified").click()
    expect(page.locator("#instance-facts")).to_contain_text("no ground truth")
    expect(page.locator("#instance-facts")).not_to_contain_text("Ground truth")
    expect(page.locator("#clusters-board")).not_to_contain_text("alone")


def test_the_theme_is_the_systems_until_one_is_chosen_and_kept(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    root, switch = page.locator("html"), page.locator("#frame-theme-switch")
    expect(switch).to_have_text("◐ System")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        expect(root).to_have_attribute("data-mantine-color-scheme", scheme)
    switch.click()
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    page.reload()
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(switch).to_have_text("☾ Dark")
    switch.click()
    expect(switch).to_have_text("☀ Light")
    switch.click()
    expect(switch).to_have_text("◐ System")


@pytest.mark.parametrize(
    "search", ["?round=nonsense&k=-3", "?round=99&cluster=500&record=99999999"]
)
def test_nonsense_in_a_link_becomes_the_default(page: Page, demo: str, search: str) -> None:
    opened(page, f"{demo}/{search}")
    expect(page.locator("#frame-round")).to_have_value("20")
    expect(page.locator("#frame-problem")).to_be_empty()


def test_a_choice_that_one_panel_holds_does_not_wait_for_the_frame(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    expect(page.locator("#matrix-board canvas")).to_be_visible()

    def without_the_frame(route: Route) -> None:
        if "frame-url.search" not in (route.request.post_data or ""):
            route.continue_()

    page.route(re.compile("_dash-update-component"), without_the_frame)
    page.locator("#matrix-background").get_by_text("Enrichment").click()
    expect(page.locator("#matrix-legend")).to_contain_text("overall")


def test_choices_made_quickly_are_all_kept(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    expect(page.locator("#matrix-board canvas")).to_be_visible()
    # Both before the frame can have answered the first.
    page.evaluate(
        """() => {
        flhetero.propose("frame-intent", { background: "enrichment" });
        flhetero.propose("frame-intent", { curve: "loss" });
    }"""
    )
    expect(page).to_have_url(re.compile("(?=.*background=enrichment)(?=.*curve=loss)"))


def test_a_client_is_found_by_a_part_of_its_name(page: Page, demo: str) -> None:
    opened(page, f"{demo}/?round=10")
    page.locator("#frame-client").click()
    page.locator("#frame-client").fill("t-11")
    page.get_by_role("option", name="Client-11").click()
    expect(page).to_have_url(re.compile("client=Client-11"))
    expect(page.locator("#monitor-facts")).to_contain_text("Client-11")


def test_two_browsers_do_not_disturb_each_other(page: Page, demo: str, browser: Browser) -> None:
    opened(page, f"{demo}/?round=10")
    tiles = "#clusters-board button[aria-pressed]"

    def choose(window: Page, number: int) -> str:
        tile = window.locator(tiles).nth(number)
        tile.click()
        title = f"Selected records ({tile.locator('b').text_content()})"
        expect(window.locator("#instance-strip-title")).to_have_text(title)
        return title

    mine = choose(page, 1)
    other = browser.new_context().new_page()
    opened(other, f"{demo}/?client=Client-3&round=5")
    theirs = choose(other, 2)
    page.locator("#instance-next").click()
    expect(page.locator("#instance-position")).to_have_text(re.compile("^2 of"))
    expect(page.locator("#instance-strip-title")).to_have_text(mine)
    expect(page.locator("#frame-client")).to_have_value("Client-0")
    expect(other.locator("#instance-strip-title")).to_have_text(theirs)
    expect(other.locator("#instance-position")).to_have_text(re.compile("^1 of"))
    expect(other.locator("#frame-round")).to_have_value("5")
    other.context.close()
