"""The federation in words."""

import dataclasses

import numpy as np
from dash import html

from flhetero_dash.data.reader import Federation
from flhetero_dash.data.samples import ClientSamples, SamplesInfo
from flhetero_dash.views.learning_monitor import cosine_legend, facts

INFO = SamplesInfo(
    client_names=("A", "B"), sampling_types=("local",), label_names=("no", "yes"),
    labels_named=True, kind="image", shape=(3, 32, 32), feature_names=None, categories={},
    has_ground_truth=True, single_files=False,
)  # fmt: skip
FEDERATION = Federation("scans", INFO, None, (), {"aggregation": "FedProx"}, 1200)
SAMPLES = ClientSamples("A", {"local": np.zeros((1500, 3))}, None, None, False, 1200, 300)


def rows(federation: Federation = FEDERATION, samples: ClientSamples = SAMPLES) -> dict[str, str]:
    parts = facts(federation, samples)
    terms = [part.children for part in parts if isinstance(part, html.Dt)]
    return dict(zip(terms, [p.children for p in parts if isinstance(p, html.Dd)], strict=True))


def test_numbers_and_names_are_those_of_the_records():
    assert rows() == {
        "Dataset": "scans",
        "Records": "image 3×32×32",
        "Labels": "no, yes",
        "Clients · rounds": "2 · 1,200",
        "Aggregation": "FedProx",
        "Local records": "1,500",
        "Training / test": "1,200 / 300",
    }


def test_many_labels_are_shortened():
    info = dataclasses.replace(INFO, label_names=tuple("abcd"))
    assert rows(dataclasses.replace(FEDERATION, samples=info))["Labels"] == "a … d (4)"


def test_what_is_unknown_or_assumed_is_said():
    known = dataclasses.replace(SAMPLES, split_assumed=True)
    assert rows(samples=known)["Training / test"] == "1,200 / 300 (assumed)"
    unknown = dataclasses.replace(SAMPLES, test_size=None)
    assert rows(samples=unknown)["Training / test"] == "not recorded"
    without = dataclasses.replace(FEDERATION, manifest=None)
    assert rows(without)["Aggregation"] == "not recorded"


def test_the_ramp_begins_at_the_lowest_cosine():
    low, ramp, high = cosine_legend(-0.456, recorded=True)
    assert (low.children, high.children) == ("cosine -0.46", "1 (agree)")
    assert ramp.className == "ramp"
