"""What Instance Verification shows of a record, in words and as what the browser draws."""

import dataclasses
from typing import Any

import numpy as np
from dash import html

from flhetero_dash.analysis.record_history import GAP, steady_since
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.nearest import Nearest
from flhetero_dash.queries.record_rounds import RecordRounds
from flhetero_dash.queries.records import Verified
from flhetero_dash.selection import ClientRound, Json
from flhetero_dash.views.addresses import pictures_address
from flhetero_dash.views.controls import aria

MOST_ATTRIBUTES = 200
MOST_CLASSES = 4  # rows of the rounds' strip; rarer outputs share the last one


def picture_of(chosen: ClientRound, answer: Verified) -> html.Img:
    """Show the record's picture."""
    return html.Img(
        src=f"{pictures_address(chosen)}{answer.record}",
        alt=f"record {answer.record} of {chosen.client}",
    )


def aspect_of(info: SamplesInfo) -> float:
    """Give the width of a picture by its height; 1 for what is no picture."""
    return info.shape[-1] / info.shape[-2] if info.is_image else 1.0


def value_words(value: float, categories: tuple[str, ...] | None) -> str:
    """Write a value: a category by its name, if it is one."""
    if categories is not None and value == int(value) and 0 <= value < len(categories):
        return categories[int(value)]
    return f"{value:.5g}"


def attribute_rows(answer: Verified) -> list[Json]:
    """List the attributes, with the selection's median; farthest from it first."""
    order = list(range(len(answer.names)))
    if answer.distance is not None:
        order = [int(at) for at in np.argsort(-answer.distance, kind="stable")]
    rows = []
    for at in order[:MOST_ATTRIBUTES]:
        name = answer.names[at]
        categories = answer.categories.get(name)
        row = {"name": name, "value": value_words(answer.values[at], categories)}
        if answer.median is not None and answer.distance is not None:
            row["median"] = value_words(answer.median[at], categories)
            row["distance"] = (
                f"{answer.distance[at]:.0%}" if categories else f"{answer.distance[at]:.2g} sd"
            )
        rows.append(row)
    return rows


def details_of(answer: Verified) -> Json:
    """Give what the browser draws of a record: scores by class, and attributes."""
    n_attributes = len(answer.names)
    more = n_attributes - MOST_ATTRIBUTES
    return {
        "scores": [dataclasses.asdict(score) for score in answer.scores],
        "attributes": attribute_rows(answer),
        "note": f"The {MOST_ATTRIBUTES} farthest of {n_attributes:,}." if more > 0 else "",
    }


def facts(answer: Verified, inputs: str) -> list[Any]:
    """Say the ground truth and both outputs, right or wrong in words and signs."""
    record = f"{answer.record}" if inputs == "local" else f"{answer.record} of {inputs} inputs"
    rows: list[tuple[str, list[Any]]] = [("Record", [record])]
    if answer.truth is not None:
        rows.append(("Ground truth", [html.B(answer.truth)]))
    else:
        rows.append(("Truth", [html.Span("no ground truth", className="muted")]))
    rows.append(("Federated", verdict(answer.federated, answer.truth)))
    rows.append(("Stand-alone", verdict(answer.standalone, answer.truth)))
    return [part for term, words in rows for part in (html.Dt(term), html.Dd(words))]


def no_record(reason: str) -> list[Any]:
    """Say why there is no record; a list of facts must name what each of them is about."""
    return [html.Dt("Record", className="heard"), html.Dd(reason)] if reason else []


def verdict(output: str, truth: str | None) -> list[Any]:
    """Write an output, with a tick or a cross where the truth is known."""
    if truth is None:
        return [html.B(output)]
    right = output == truth
    sign, word = ("✓", "right") if right else ("✗", "wrong")
    return [html.Span(sign, className=word, role="img", **aria(label=word)), " ", html.B(output)]


def position(answer: Verified) -> str:
    """Say which one of the selection the record is."""
    found = np.flatnonzero(answer.selected == answer.record)
    if len(found):
        return f"{int(found[0]) + 1} of {len(answer.selected):,}"
    return "not in the selection"


def roll_of(answer: RecordRounds, info: SamplesInfo, selected_round: int) -> Json:
    """Give the strip of rounds: a row for each class, and in which of them each round is."""
    classes = answer.classes
    found, counts = np.unique(classes[classes != GAP], return_counts=True)
    order = [int(one) for one in found[np.argsort(-counts, kind="stable")]]
    if answer.truth is not None:
        order = [answer.truth, *[one for one in order if one != answer.truth]]
    n_others = len(order) - (MOST_CLASSES - 1) if len(order) > MOST_CLASSES else 0
    rows = order[: MOST_CLASSES - 1] if n_others else order
    place = {one: min(at, MOST_CLASSES - 1) for at, one in enumerate(order)}
    names = [{"name": info.label_name(one), "truth": one == answer.truth} for one in rows]
    if n_others:
        names.append({"name": f"{n_others} others", "truth": False})
    return {
        "rows": names,
        "cells": [place.get(int(one), GAP) for one in classes],
        "words": ["" if one == GAP else info.label_name(int(one)) for one in classes],
        "right": None if answer.truth is None else [int(one) == answer.truth for one in classes],
        "selected": selected_round,
        "note": since_words(answer, info),
    }


def since_words(answer: RecordRounds, info: SamplesInfo) -> str:
    """Say since when the output is what it is after the last recorded round."""
    classes = answer.classes
    recorded = np.flatnonzero(classes != GAP)
    if not len(recorded):
        return "No round's outputs were recorded."
    if answer.truth is None:
        since, state = steady_since(classes), info.label_name(int(classes[recorded[-1]]))
    else:
        right = np.where(classes == GAP, GAP, classes == answer.truth)
        since, state = steady_since(right), "right" if right[recorded[-1]] else "wrong"
    if since is None or since == recorded[0]:
        return f"{state} in all {'' if len(recorded) == len(classes) else 'recorded '}rounds"
    return f"{state} since round {since + 1}"


def nearest_of(chosen: ClientRound, answer: Nearest, info: SamplesInfo) -> Json:
    """Give the records near the shown one; those of another table are marked as such."""
    if answer.of_sampled:
        title = "Nearest local record"
        words = "A sampled input is no record; this local one is nearest to it"
    elif answer.label is None:
        title, words = "Nearest consistent", "There is no ground truth to match"
    else:
        title = f"Nearest consistent {answer.label}"
        words = "Same ground truth, both models agree; by Euclidean distance"
    local = dataclasses.replace(chosen, inputs="local")
    return {
        "title": title,
        "words": words,
        "note": "" if len(answer.rows) else "There is none.",
        "source": pictures_address(local) if info.is_image else None,
        "aspect": aspect_of(info),
        # A click on a record of the other table goes to that table first.
        "inputs": "local" if answer.of_sampled else None,
        "records": [
            {"record": int(row), "label": label, "distance": f"{distance:.4g}"}
            for row, label, distance in zip(
                answer.rows, answer.labels, answer.distances, strict=True
            )
        ],
    }
