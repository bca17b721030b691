"""The federation in words."""

import dataclasses

import numpy as np
import pytest
from dash import html

from flhetero_dash.analysis.trajectory import ParameterProjection
from flhetero_dash.data.reader import Federation
from flhetero_dash.data.samples import ClientSamples, SamplesInfo
from flhetero_dash.figures.learning import parameter_projection
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.views.learning_monitor import cosine_legend, facts, rounds_within

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


def test_whatever_can_be_clicked_in_the_projection_says_its_round():
    # Without customdata the browser takes the place on the x axis for a round.
    places = np.array([[4.0, 0.0], [5.0, 1.0], [6.0, 0.0]])
    paths = ParameterProjection(np.zeros(2), places, places, np.ones(2))
    figure = parameter_projection(paths, np.ones(3), (0, 2), 1, LIGHT)
    clicked = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    assert len(clicked) >= 2
    for trace in clicked:
        assert trace.customdata is not None, trace.name
        assert all(1 <= row[0] <= 3 for row in trace.customdata)


def words_of(parts) -> str:
    texts = []
    for part in parts:
        children = part if isinstance(part, str) else getattr(part, "children", "")
        texts.append(children if isinstance(children, str) else words_of(children or []))
    return " ".join(texts)


class TestMonitor:
    @pytest.mark.parametrize(
        ("rounds", "shown"),
        [(None, (0, 9)), ((2, 5), (2, 5)), ((3, 40), (3, 9)), ((20, 40), (9, 9))],
    )
    def test_a_range_of_a_longer_training_is_cut(self, rounds, shown):
        assert rounds_within(rounds, 10) == shown

    def test_computed_cosines_are_said_to_be(self):
        assert "sampled parameters" in words_of(cosine_legend(0.3, recorded=False))
        assert "sampled parameters" not in words_of(cosine_legend(0.3, recorded=True))
