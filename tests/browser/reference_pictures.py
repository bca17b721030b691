"""Draw the pictures of docs/images anew: `python -m tests.browser.reference_pictures`.

The Examine page on both demos, light and dark, as small PNG files with a palette.
"""

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from tests.serving import DEMO, ROOT, chromium, made_heart, serving

FOLDER = ROOT / "docs" / "images"
SIZE = {"width": 1440, "height": 900}
COLOURS = 256
PAGES = {
    "examine": "/examine?dataset=typographic&client=Client-0&round=10",
    "table": "/examine?dataset=heart&client=VA+Long+Beach&round=25&attribute=4",
}


def main() -> None:
    """Write all pictures; the image demo is made first where it is not there (about 70 s)."""
    if not (DEMO / "datasets").is_dir():
        command = [sys.executable, "-m", "preprocess", "demo", "--out", str(DEMO)]
        subprocess.run(command, cwd=ROOT, check=True)  # noqa: S603 - our own program
    folders = {"examine": DEMO, "table": made_heart()}
    FOLDER.mkdir(exist_ok=True)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as cache:
        browser = playwright.chromium.launch(executable_path=chromium())
        for name, folder in folders.items():
            with serving(folder, Path(cache) / name) as address:
                for theme in ("light", "dark"):
                    suffix = "" if theme == "light" else "-dark"
                    picture = taken(browser, address + PAGES[name], theme)
                    picture.save(FOLDER / f"{name}{suffix}.png", optimize=True)
        browser.close()


def taken(browser: Browser, address: str, theme: str) -> Image.Image:
    """Take a picture of the whole window, once every panel is drawn."""
    page = browser.new_page(viewport=SIZE, color_scheme=theme)  # type: ignore[arg-type]
    page.goto(address)
    for drawn in ("#clusters-board canvas", "#matrix-board canvas", "#instance-nearest button"):
        page.locator(drawn).first.wait_for(timeout=120_000)
    page.wait_for_function("document.getElementById('distribution-attribute').value !== ''")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_000)  # figures take their size
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    page.close()
    return shot.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)


if __name__ == "__main__":
    main()
