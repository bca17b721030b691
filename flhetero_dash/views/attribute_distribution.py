"""Heterogeneity Examination: the distribution of one attribute, by class."""

from enum import StrEnum
from typing import Any

import numpy as np
from dash import Dash, Input, Output, dcc, html

from flhetero_dash.analysis.distribution import AttributeDistribution, CategoryDistribution
from flhetero_dash.arrays import FloatArray
from flhetero_dash.figures.examination import attribute_distribution
from flhetero_dash.figures.theme import empty_figure, theme_named
from flhetero_dash.queries import Queries
from flhetero_dash.queries.distribution import Distribution
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
    Json,
)
from flhetero_dash.views.controls import bind_values, segmented
from flhetero_dash.views.frame import Ids as Frame
from flhetero_dash.views.graph import graph
from flhetero_dash.views.states import or_message

SCOPES = {"all": "All", "selection": "Selection"}
SCALES = {"linear": "Linear", "log": "Log"}
SHARES = {"class": "Of class", "scope": "Of scope"}


class Ids(StrEnum):
    """Components of this view."""

    INTENT = "distribution-intent"
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
            dcc.Store(id=Ids.INTENT),
            html.Div(
                className="row",
                children=[
                    html.H3("Attribute distribution"),
                    html.Span(className="spacer"),
                    segmented(Ids.SCOPE, SCOPES, "Records that are counted"),
                    segmented(Ids.SHARE, SHARES, "What the shares are of"),
                    segmented(Ids.SCALE, SCALES, "Scale of the shares"),
                ],
            ),
            html.P(id=Ids.EFFECT, className="hint"),
            graph(Ids.CHART, "Distribution of the chosen attribute by class", bare=True),
        ],
    )


def register(app: Dash, queries: Queries) -> None:
    """Wire the view: attribute, scope, scale -> chart."""
    bind_values(
        app,
        AttributeChoice,
        Ids.INTENT,
        {"scope": Ids.SCOPE, "scale": Ids.SCALE, "share": Ids.SHARE},
    )

    @app.callback(
        Output(Ids.CHART, "figure"),
        Output(Ids.EFFECT, "children"),
        Input(ClientRound.STORE, "data"),
        Input(ClusterChoice.STORE, "data"),
        Input(Focus.STORE, "data"),
        Input(ContrastChoice.STORE, "data"),
        Input(AttributeChoice.STORE, "data"),
        Input(Frame.THEME, "data"),
    )
    def draw(
        data: Json, clusters: Json, focus: Json, contrast: Json, attribute: Json, theme_name: Json
    ) -> tuple[Any, list[Any]]:
        theme = theme_named(theme_name)

        def show() -> tuple[Any, list[Any]]:
            chosen = ClientRound.checked(data)
            selection = ClusterChoice.checked(clusters), Focus.checked(focus)
            choice = AttributeChoice.checked(attribute)
            wanted = queries.distribution.attribute(
                chosen, *selection, ContrastChoice.checked(contrast), choice
            )
            answer = queries.distribution.distribution(chosen, *selection, wanted, choice.scope)
            per_class, log = choice.share == "class", choice.scale == "log"
            figure = attribute_distribution(
                edges_of(answer.counts),
                shares(answer.counts, per_class, log),
                answer.categories,
                answer.name,
                per_class,
                log,
                theme,
            )
            return figure, effect_words(answer)

        return or_message(show, lambda reason: (empty_figure(reason, theme), []))


def edges_of(counts: AttributeDistribution | CategoryDistribution) -> FloatArray:
    """Give the borders of the bins; categories have none."""
    return counts.edges if isinstance(counts, AttributeDistribution) else np.empty(0)


def shares(
    counts: AttributeDistribution | CategoryDistribution, per_class: bool, log: bool
) -> dict[str, FloatArray]:
    """Turn counts into fractions of each class, or of all records in scope."""
    result = {}
    n_scope = int(counts.total.sum())
    for name in ("total", "consistent", "inconsistent"):
        of_class = getattr(counts, name)
        whole = int(of_class.sum()) if per_class else n_scope
        share = of_class / whole if whole else np.zeros(len(of_class))
        result[name] = np.where(share > 0, share, np.nan) if log else share
    return result


def effect_words(answer: Distribution) -> list[Any]:
    """Say how far the classes are apart, with their sizes."""
    counts = answer.counts
    words: list[Any] = [
        html.Span(f"inconsistent {int(counts.inconsistent.sum()):,}", className="key inconsistent"),
        html.Span(f"consistent {int(counts.consistent.sum()):,}", className="key consistent"),
        html.Span("total", className="key total"),
    ]
    if isinstance(counts, CategoryDistribution):
        if np.isfinite(counts.distance):
            words.append(html.Span(f"distance {counts.distance:.2f}"))
        return words
    if np.isfinite(counts.ks):
        words.append(
            html.Span(
                f"KS {counts.ks:.2f}",
                title="Kolmogorov-Smirnov distance of the two classes, from 0 to 1",
            )
        )
    if np.isfinite(counts.cohens_d):
        words.append(
            html.Span(
                f"d {counts.cohens_d:+.2f}",
                title="Cohen's d: difference of the means in pooled standard deviations",
            )
        )
    return words
