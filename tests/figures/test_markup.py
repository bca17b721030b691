"""Markup: what people wrote is text, what was made here is markup."""

from flhetero_dash.figures.markup import Html, element, joined


def test_text_is_escaped_and_markup_is_not():
    made = element("p", "<b>&", element("i", "x"), None, title='"<', stroke_width=1.25, class_="a")
    assert made == ('<p title="&quot;&lt;" stroke-width="1.2" class="a">&lt;b&gt;&amp;<i>x</i></p>')
    assert joined(Html("<br>"), "<br>") == "<br>&lt;br&gt;"


def test_what_has_no_content_is_not_closed_and_none_is_left_out():
    assert element("meta", charset="utf-8", name=None) == '<meta charset="utf-8">'
