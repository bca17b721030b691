"""Heterogeneity Examination: the distribution of one attribute, by class."""

from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
import numpy as np
from dash import Dash, Input, Output, State, dcc, html

from flhetero_dash.analysis.distribution import AttributeDistribution, CategoryDistribution
from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.distribution import attribute_distribution
from flhetero_dash.figures.theme import Theme, empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.queries.distribution import Distribution
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    DistributionChoice,
    Focus,
    Json,
    WhichClient,
)
from flhetero_dash.views.contrast_answers import elsewhere
from flhetero_dash.views.controls import INTENT, aria, bind_values, segmented, toggle
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import or_message

N_SHOWN = 100  # names at once; typing narrows them down
SCOPES = {"all": "All", "selection": "Selection"}
SCALES = {"linear": "Linear", "log": "Log"}
SHARES = {"class": "Class", "scope": "Scope"}
CLASSES = ("inconsistent", "consistent", "total")
# Cohen's words for the absolute difference of means in standard deviations.
SIZES = ((0.2, "hardly any"), (0.5, "small"), (0.8, "medium"), (np.inf, "large"))


class Ids(StrEnum):
    """Components of this view."""

    ATTRIBUTE = "distribution-attribute"
    PREVIOUS = "distribution-previous"
    NEXT = "distribution-next"
    AUTO = "distribution-auto"
    SHOWN = "distribution-shown"
    NAMES = "distribution-names"
    SCOPE = "distribution-scope"
    SCALE = "distribution-scale"
    SHARE = "distribution-share"
    CHART = "distribution-chart"
    EFFECT = "distribution-effect"


def layout() -> html.Div:
    """Lay out this part of the panel."""
    return html.Div(
        className="half distribution",
        children=[
            dcc.Store(id=Ids.SHOWN),
            dcc.Store(id=Ids.NAMES),
            html.Div(
                className="row",
                children=[
                    html.H3("Attribute distribution"),
                    html.Div(_chooser(), className="chooser"),
                ],
            ),
            html.Div(
                className="row",
                children=[
                    segmented(Ids.SCOPE, SCOPES, "Records that are counted"),
                    segmented(Ids.SHARE, SHARES, "What the shares are of"),
                    segmented(Ids.SCALE, SCALES, "Scale of the shares"),
                ],
            ),
            html.P(id=Ids.EFFECT, className="hint"),
            graph(Ids.CHART, "Distribution of the chosen attribute by class", bare=True),
        ],
    )


def _chooser() -> list[Any]:
    return [
        html.Button("‹", id=Ids.PREVIOUS, title="Previous attribute", n_clicks=0),
        dmc.Select(
            id=Ids.ATTRIBUTE,
            data=[],
            searchable=True,
            allowDeselect=False,
            limit=N_SHOWN,
            size="xs",
            className="attribute",
            comboboxProps={"width": 230},
            nothingFoundMessage="no attribute of that name",
            **aria(label="Attribute"),
        ),
        html.Button("›", id=Ids.NEXT, title="Next attribute", n_clicks=0),
        toggle(Ids.AUTO, "auto", "The attribute with the largest weight in the contrast"),
    ]


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: attribute, scope, scale -> chart."""
    bind_values(
        app,
        DistributionChoice,
        {"scope": Ids.SCOPE, "scale": Ids.SCALE, "share": Ids.SHARE},
    )
    _wire_chart(app, queries)
    _wire_chooser(app, queries)


def _wire_chart(app: Dash, queries: Queries) -> None:
    @app.callback(
        Output(Ids.CHART, "figure"),
        Output(Ids.EFFECT, "children"),
        Output(Ids.SHOWN, "data"),
        Output(Ids.AUTO, "aria-pressed"),
        Output(Ids.PREVIOUS, "disabled"),
        Output(Ids.NEXT, "disabled"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(ContrastChoice.STORE, "data"),
        Input(AttributeChoice.STORE, "data"),
        Input(DistributionChoice.STORE, "data"),
        Input(Frame.THEME, "data"),
    )
    def draw(  # noqa: PLR0913, PLR0917 - one value each
        data: Json,
        clusters: Json,
        focus: Json,
        contrast: Json,
        attribute: Json,
        drawing: Json,
        theme_name: Json,
    ) -> tuple[Any, ...]:
        theme = theme_named(theme_name)

        def show() -> tuple[Any, ...]:
            chosen = ClientRound.checked(data)
            selection = ClusterChoice.checked(clusters), Focus.checked(focus)
            by_hand = AttributeChoice.checked(attribute)
            choice = DistributionChoice.checked(drawing)
            explained = ContrastChoice.checked(contrast)
            wanted = queries.distribution.attribute(chosen, *selection, explained, by_hand)
            info = queries.federation.federation(chosen.dataset).samples
            answer = queries.distribution.distribution(chosen, *selection, wanted, choice.scope)
            count = queries.distribution.n_attributes(chosen)
            automatic = by_hand.attribute != wanted
            shown = {
                "attribute": wanted,
                "name": answer.name,
                "count": count,
                "automatic": automatic,
            }
            return (
                chart(answer, choice, theme),
                [*effect_words(answer), elsewhere(info, explained, wanted)],
                shown,
                "true" if automatic else "false",
                wanted == 0,
                wanted == count - 1,
            )

        return or_message(
            show, lambda reason: (empty_figure(reason, theme), [], None, "true", True, True)
        )


def _wire_chooser(app: Dash, queries: Queries) -> None:
    @app.callback(Output(Ids.NAMES, "data"), Input(WhichClient.STORE, "data"))
    def offer(client: Json) -> list[str]:
        return or_message(
            lambda: queries.distribution.attribute_names(WhichClient.checked(client).dataset),
            lambda _: [],
        )

    app.clientside_callback(
        f"(shown, names) => flhetero.attributes.reflect('{Ids.ATTRIBUTE}', shown, names)",
        Input(Ids.SHOWN, "data"),
        Input(Ids.NAMES, "data"),
    )
    app.clientside_callback(
        f"(value, shown) => flhetero.attributes.choose('{INTENT}', value, shown)",
        Input(Ids.ATTRIBUTE, "value"),
        State(Ids.SHOWN, "data"),
        prevent_initial_call=True,
    )
    for button, action in (
        (Ids.PREVIOUS, "step('{}', shown, -1)"),
        (Ids.NEXT, "step('{}', shown, 1)"),
        (Ids.AUTO, "automatic('{}', shown)"),
    ):
        app.clientside_callback(
            f"(clicks, shown) => flhetero.attributes.{action.format(INTENT)}",
            Input(button, "n_clicks"),
            State(Ids.SHOWN, "data"),
            prevent_initial_call=True,
        )


def chart(answer: Distribution, choice: DistributionChoice, theme: Theme) -> Any:  # noqa: ANN401 - a figure
    """Draw the counts as the reader wants them."""
    per_class, log = choice.share == "class", choice.scale == "log"
    return attribute_distribution(
        edges_of(answer.counts),
        shares(answer.counts, per_class, log),
        {name: getattr(answer.counts, name) for name in CLASSES},
        answer.categories,
        answer.name,
        per_class,
        log,
        theme,
    )


def edges_of(counts: AttributeDistribution | CategoryDistribution) -> FloatArray:
    """Give the borders of the bins; categories have none."""
    return counts.edges if isinstance(counts, AttributeDistribution) else np.empty(0)


def shares(
    counts: AttributeDistribution | CategoryDistribution, per_class: bool, log: bool
) -> dict[str, FloatArray]:
    """Turn counts into fractions of each class, or of all records in scope."""
    result = {}
    n_scope = int(counts.total.sum())
    for name in CLASSES:
        of_class = getattr(counts, name)
        whole = int(of_class.sum()) if per_class else n_scope
        share = of_class / whole if whole else np.zeros(len(of_class))
        result[name] = np.where(share > 0, share, np.nan) if log else share
    return result


def effect_words(answer: Distribution) -> list[Any]:
    """Say how far the classes are apart, with their sizes."""
    counts = answer.counts
    form = "bars" if isinstance(counts, CategoryDistribution) else "broken"
    words = [
        html.Span(f"{name} {int(getattr(counts, name).sum()):,}", className=f"key {name} {form}")
        for name in CLASSES
    ]
    missing = next((name for name in CLASSES[:2] if not getattr(counts, name).sum()), None)
    if missing is not None:
        words.append(html.Span(f"no {missing} record here: nothing to compare"))
    elif isinstance(counts, CategoryDistribution):
        words.append(
            html.Span(
                f"distance {counts.distance:.2f}: {counts.distance:.0%} apart",
                title="Total variation distance, from 0 to 1: the share of one class that would "
                "need another category for both classes to be alike",
            )
        )
    else:
        words += numeric_words(counts)
    # Spaces, where the line may break.
    return [part for word in words for part in (word, " ")]


def numeric_words(counts: AttributeDistribution) -> list[html.Span]:
    """Say Cohen's d and the Kolmogorov-Smirnov distance, and what they mean."""
    words = []
    if np.isfinite(counts.cohens_d):
        size = next(word for bound, word in SIZES if abs(counts.cohens_d) < bound)
        direction = "higher" if counts.cohens_d > 0 else "lower"
        meaning = size if size == SIZES[0][1] else f"{direction}, {size}"
        words.append(
            html.Span(
                f"d {counts.cohens_d:+.2f}: {meaning}",
                title="How much higher (or, below 0, lower) the attribute is in inconsistent "
                "records. Cohen's d: mean of the inconsistent records minus that of the consistent "
                "ones, in standard deviations; 0.2 is small, 0.5 medium, 0.8 large",
            )
        )
    words.append(
        html.Span(
            f"KS {counts.ks:.2f}: {counts.ks:.0%} apart",
            title="Kolmogorov-Smirnov distance, from 0 (alike) to 1 (apart): the largest "
            "difference between the classes in the share of records below one value, whichever "
            "value that is",
        )
    )
    return words
