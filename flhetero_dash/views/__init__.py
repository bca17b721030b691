"""Panels of the pages."""

from types import ModuleType

from dash import html

from flhetero_dash.views import (
    annotations,
    attribute_distribution,
    contact_sheet,
    contrast_maps,
    data_page,
    inconsistency_clusters,
    instance_verification,
    label_matrix,
    learning_monitor,
    notes_list,
    overview_plot,
    performance_timeline,
)

# The panels of each page, in reading order.
PAGES: dict[str, tuple[ModuleType, ...]] = {
    "examine": (
        learning_monitor,
        overview_plot,
        inconsistency_clusters,
        contrast_maps,
        attribute_distribution,
        label_matrix,
        instance_verification,
        contact_sheet,
        performance_timeline,
        annotations,
    ),
    "notes": (notes_list,),
    "data": (data_page,),
}
PANELS = tuple(panel for panels in PAGES.values() for panel in panels)


def content(page: str) -> list[html.Section | html.Dialog]:
    """Lay out the panels of one of the PAGES."""
    return {"examine": examine, "notes": notes, "data": data}[page]()


def notes() -> list[html.Section | html.Dialog]:
    """Lay out the Notes page."""
    return [notes_list.layout()]


def data() -> list[html.Section | html.Dialog]:
    """Lay out the Data page."""
    return [data_page.layout()]


def examine() -> list[html.Section | html.Dialog]:
    """Arrange the Examine page as published: monitor, comparison, examination; timeline below."""
    return [
        learning_monitor.layout(),
        html.Section(
            className="panel comparison",
            children=[
                overview_plot.layout(),
                inconsistency_clusters.layout(),
            ],
        ),
        html.Section(
            className="panel examination",
            children=[
                html.H2("Heterogeneity Examination"),
                contrast_maps.layout(),
                attribute_distribution.layout(),
                label_matrix.layout(),
                instance_verification.layout(),
            ],
        ),
        performance_timeline.layout(),
        annotations.layout(),
        contact_sheet.layout(),
    ]
