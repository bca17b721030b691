"""Colours by meaning, and the figure that has nothing to show."""

import dataclasses
import re
from pathlib import Path

import pytest

from flhetero_dash.figures.theme import (
    DARK,
    FONT,
    LIGHT,
    THEMES,
    diverging,
    empty_figure,
    template,
    theme_named,
)

TOKENS = Path(__file__).parents[2] / "assets" / "00-tokens.css"
# Colours of figures only.
NOT_IN_CSS = {"positive", "negative", "faint"}


def tokens() -> dict[str, dict[str, str]]:
    light, dark = TOKENS.read_text().split('[data-mantine-color-scheme="dark"]')
    return {
        name: dict(re.findall(r"--([\w-]+): (#\w{6});", block))
        for name, block in (("light", light), ("dark", dark))
    }


@pytest.mark.parametrize("name", ["light", "dark"])
def test_page_and_figures_have_the_same_colours(name):
    colours = dataclasses.asdict(THEMES[name])
    shared = {key: colours[key] for key in colours if key not in NOT_IN_CSS}
    assert {key: tokens()[name][key] for key in shared} == shared


def test_what_is_for_figures_only_is_not_in_the_page():
    assert NOT_IN_CSS.isdisjoint(tokens()["light"])


def test_page_and_figures_have_the_same_letters():
    (stack,) = re.findall(r"--font: (.+);", TOKENS.read_text())
    assert stack.replace('"', "'") == FONT


def test_each_theme_has_its_look():
    for theme in (LIGHT, DARK):
        layout = template(theme).layout
        assert layout.font.color == theme.text
        assert layout.xaxis.gridcolor == theme.line
        assert layout.hoverlabel.bgcolor == theme.panel
        assert not layout.showlegend
    assert set(THEMES.values()) == {LIGHT, DARK}


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("ink", ["text", "muted", "inconsistent", "gained", "positive", "negative"])
def test_words_stand_out_from_the_panel(theme, ink):
    light, dark = sorted([luminance(getattr(theme, ink)), luminance(theme.panel)], reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG AA


def test_nonsense_from_the_browser_is_light():
    assert theme_named("dark") is DARK
    for nonsense in ("light", None, 3, ["dark"]):
        assert theme_named(nonsense) is LIGHT


def test_weights_diverge_around_the_panels_ground():
    assert [colour for _, colour in diverging(DARK)] == [DARK.negative, DARK.panel, DARK.positive]


def test_an_empty_figure_says_why_as_text():
    figure = empty_figure("The file <b>x</b> is not there, and that is why nothing is.", LIGHT)
    (note,) = figure.layout.annotations
    assert "&lt;b&gt;x&lt;/b&gt;" in note.text
    assert len(note.text.split("<br>")) == 2
    assert figure.layout.template == template(LIGHT)
    assert not figure.data
    assert note.font.color == LIGHT.muted
    assert not figure.layout.xaxis.visible


def test_a_long_word_stands_alone_and_lines_are_short():
    (note,) = empty_figure("/a" * 40 + " is not there" + " and so on" * 8, LIGHT).layout.annotations
    first, *rest = note.text.split("<br>")
    assert first == "/a" * 40
    assert all(0 < len(line) <= 44 for line in rest)
    assert empty_figure("", LIGHT).layout.annotations[0].text == ""
