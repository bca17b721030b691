"""Scripts and colours of the page, as far as they can be read without a browser."""

import re
from pathlib import Path

import pytest

from flhetero_dash.views.help_sheet import PANELS

ASSETS = Path(__file__).parents[1] / "assets"
SCRIPTS = sorted(ASSETS.glob("*.js"))
NAMES = r"Arrow(?:Up|Down|Left|Right)|Home|End|Enter|Escape|Page(?:Up|Down)|Delete"
# As a text, or as a property of a table; not where a label speaks of them.
KEY = re.compile(rf'"({NAMES}| )"|\b({NAMES})(?=:)')
DECLARED = re.compile(r"flhetero\.keys\((.*?)\n *\]\);", re.DOTALL)
LISTENS = re.compile(r'addEventListener\(\s*"keydown"')
# Keys that a script declares and the browser, or `stepper.after`, handles for it.
HANDLED_ELSEWHERE = {
    ("contact-sheet", "Escape"),
    ("timeline", "ArrowLeft"),
    ("timeline", "ArrowRight"),
    ("timeline", "Home"),
    ("timeline", "End"),
}
# The first hands keys to the shortcuts that scripts register, the second only keeps the focus in.
NO_KEYS_OF_THEIR_OWN = {"shortcuts", "dialog", "overlay"}


def keys_in(text: str) -> set[str]:
    return {quoted or name for quoted, name in KEY.findall(text)}


def parts(script: Path) -> tuple[str, str]:
    """Give the code of a script, and what it declares of keys."""
    text = re.sub(r"(?m)^ *//[^\n]*$|/\*[\s\S]*?\*/", "", script.read_text())
    return DECLARED.sub("", text), "".join(DECLARED.findall(text))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_the_keys_that_a_script_handles_are_those_that_it_declares_for_the_help(script):
    code, declared = parts(script)
    if not LISTENS.search(code) and not declared:
        return
    if script.stem in NO_KEYS_OF_THEIR_OWN:
        assert keys_in(code) == set()
        return
    handled = keys_in(code) | {key for stem, key in HANDLED_ELSEWHERE if stem == script.stem}
    assert declared
    if script.stem == "stepper":  # what its table of steps lists, others declare where they use it
        assert keys_in(declared) <= handled
    else:
        assert keys_in(declared) == handled


def test_every_declared_key_belongs_to_a_panel_of_the_help():
    titles = {panel.title for panel in PANELS.values()}
    named = {
        title
        for script in SCRIPTS
        for title in re.findall(r'flhetero\.keys\("([^"]+)"', script.read_text())
    }
    listed = re.findall(
        r'for \(const panel of \["(.+?)", "(.+?)"\]\)', (ASSETS / "chart-tools.js").read_text()
    )
    assert listed
    assert named | set(listed[0]) <= titles


def tokens(name: str) -> dict[str, str]:
    """Give the colours of a theme; the dark one overrides some of the light one."""
    light, dark = (ASSETS / "00-tokens.css").read_text().split('[data-mantine-color-scheme="dark"]')
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", light))
    if name == "dark":
        colours |= dict(re.findall(r"--([\w-]+): (#\w{6});", dark))
    return colours


def luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


# Words, and the ground they stand on; charts have the panel's. Disabled controls are exempt.
WORDS = {
    "panel": ("text", "muted", "inconsistent", "right", "wrong"),
    "raised": ("text", "muted"),
    "chosen": ("text", "muted", "inconsistent"),
    "text": ("panel",),  # the label of the round's marker
    "bar": ("bar-text", "bar-muted"),
    "bar-field": ("bar-text", "bar-muted"),
    "bar-raised": ("bar-text",),
}
# Lines, marks and the ring of the focus.
MARKS = {
    "panel": ("inconsistent", "consistent", "total", "gained", "right", "wrong", "text", "muted"),
    "raised": ("inconsistent",),
    "chosen": ("inconsistent",),
    "bar": ("bar-accent",),
    "bar-field": ("bar-accent",),
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("pairs", "least"), [(WORDS, 4.5), (MARKS, 3.0)], ids=["words", "marks"])
def test_colours_stand_out_from_their_ground_as_wcag_aa_asks(theme, pairs, least):
    colours = tokens(theme)
    faint = {
        f"{ink} on {ground}": round(contrast(colours[ink], colours[ground]), 2)
        for ground, inks in pairs.items()
        for ink in inks
        if contrast(colours[ink], colours[ground]) < least
    }
    assert faint == {}


def test_style_sheets_take_their_colours_from_the_tokens():
    """Black is the ground of pictures, whose own black it is, in both themes."""
    for sheet in sorted(ASSETS.glob("*.css")):
        if sheet.name != "00-tokens.css":
            assert set(re.findall(r"#[0-9a-f]{3,8}\b", sheet.read_text())) <= {"#000"}
