"""The help sheet has words for every panel, and its button says what it opens."""

from flhetero_dash import views
from flhetero_dash.views import help_sheet
from flhetero_dash.views.frame import layout


def test_every_panel_is_explained_and_nothing_else():
    panels = {panel.__name__.rpartition(".")[2] for panel in views.PANELS}
    assert set(help_sheet.PANELS) == panels | {"frame"}
    for panel in help_sheet.PANELS.values():
        assert panel.title
        assert panel.shows.endswith(".")
        assert panel.next.endswith(".")


def test_the_browser_gets_panels_common_keys_and_colours_with_signs():
    (store,) = [
        part
        for part in layout([], "examine")._traverse()
        if getattr(part, "id", "") == help_sheet.Ids.DATA
    ]
    assert [panel["title"] for panel in store.data["panels"]][0] == "Header"
    assert all(keys and words for keys, words in store.data["common"])
    signs = [sign for sign, _, _ in store.data["colours"]]
    # The two weights differ in their words; all others in their sign.
    assert len(set(signs)) >= len(signs) - 1


def test_the_button_stands_right_of_the_colours():
    header = next(
        part
        for part in layout([], "examine")._traverse()
        if getattr(part, "className", "") == "bar on-examine"
    )
    buttons = [part.id for part in header.children if getattr(part, "id", None)]
    assert buttons[-2:] == ["frame-theme-switch", help_sheet.Ids.OPEN]
