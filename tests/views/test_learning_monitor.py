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
from flhetero_dash.queries.learning import Agreement
from flhetero_dash.views.federation_facts import facts, labels
from flhetero_dash.views.learning_monitor import (
    cosine_legend,
    projection_legend,
    rounds_within,
)

INFO = SamplesInfo(
    client_names=("A", "B"), sampling_types=("local",), label_names=("no", "yes"),
    labels_named=True, kind="image", shape=(3, 32, 32), feature_names=None, categories={},
    has_ground_truth=True, single_files=False,
)  # fmt: skip
FEDERATION = Federation("scans", INFO, None, (), {"aggregation": "FedProx"}, 1200)
SAMPLES = ClientSamples("A", {"local": np.zeros((1500, 3))}, None, None, False, 1200, 300)


def rows(federation: Federation = FEDERATION, samples: ClientSamples = SAMPLES) -> dict[str, str]:
    lists = [part for part in facts(federation, samples) if isinstance(part, html.Dl)]
    parts = [part for terms in lists for part in terms.children]
    terms = [part.children for part in parts if isinstance(part, html.Dt)]
    return dict(zip(terms, [p.children for p in parts if isinstance(p, html.Dd)], strict=True))


def test_numbers_and_names_are_those_of_the_records():
    assert rows() == {
        "Dataset": "scans",
        "Dimensions": "32×32 pixels, 3 channels",
        "Labels": "no, yes",
        "Clients": "2",
        "Rounds": "1,200",
        "Aggregation": "FedProx",
        "Client": "A",
        "Records": "1,500",
        "Training / test": "1,200 / 300",
    }


def test_many_labels_open_as_a_whole_list():
    details = labels(tuple("abcdefgh"))
    summary, opened = details.children
    assert summary.children == "8: a, …"
    assert [item.children for item in opened.children[0].children] == list("abcdefgh")
    endless = labels(tuple(str(number) for number in range(5_000)))
    assert len(endless.children[1].children[0].children) == 1_000
    assert endless.children[1].children[1].children == "and 4,000 more"


def test_labels_without_names_are_counted():
    info = dataclasses.replace(INFO, labels_named=False)
    assert rows(dataclasses.replace(FEDERATION, samples=info))["Labels"] == "2"


def test_what_is_unknown_or_assumed_is_said():
    known = dataclasses.replace(SAMPLES, split_assumed=True)
    assert rows(samples=known)["Training / test"] == "1,200 / 300 (assumed)"
    unknown = dataclasses.replace(SAMPLES, test_size=None)
    assert rows(samples=unknown)["Training / test"] == "not recorded"
    without = dataclasses.replace(FEDERATION, manifest=None)
    assert rows(without)["Aggregation"] == "not recorded"


COSINES = np.array([[0.9, 0.2], [-0.456, 0.4]])
AGREEMENT = Agreement(("fc",), 1, COSINES, True, COSINES - 0.3)


def test_the_ramp_begins_at_the_lowest_cosine_of_the_layer():
    low, ramp, high, _ = projection_legend(AGREEMENT)
    assert (low.children, high.children) == ("cosine -0.46", "1 (agree)")
    assert ramp.className == "ramp"
    assert projection_legend(dataclasses.replace(AGREEMENT, layer=0))[0].children == "cosine 0.20"


def test_the_colour_by_the_plain_cosine_is_said_beside_the_other_one():
    words = words_of(projection_legend(AGREEMENT))
    assert "Plain cosine: the client's own update is part of the server's." in words
    assert "Hovering says it without." in words
    alone = dataclasses.replace(AGREEMENT, without_me=None)
    assert "Plain cosine" in words_of(projection_legend(alone))
    assert "Without" not in words_of(projection_legend(alone))
    unknown = dataclasses.replace(AGREEMENT, cosines=COSINES * np.nan)
    assert "No cosine is known" in words_of(projection_legend(unknown))


def test_the_lines_of_the_cosines_are_named():
    assert words_of(cosine_legend(AGREEMENT)) == "All layers without this client other layers"
    chosen = dataclasses.replace(AGREEMENT, layer=0, without_me=None)
    assert words_of(cosine_legend(chosen)).startswith("fc other layers The client's own update")


@pytest.mark.parametrize("legend", [cosine_legend, lambda known: projection_legend(known)])
def test_computed_cosines_are_said_to_be(legend):
    assert "sampled parameters" not in words_of(legend(AGREEMENT))
    computed = dataclasses.replace(AGREEMENT, recorded=False)
    assert "From the sampled parameters (no cosines.npz)." in words_of(legend(computed))
    both = dataclasses.replace(computed, without_me_sampled=True)
    assert "(no cosines.npz, no norms.npz)" in words_of(legend(both))


def test_whatever_can_be_clicked_in_the_projection_says_its_round():
    # Without customdata the browser takes the place on the x axis for a round.
    places = np.array([[4.0, 0.0], [5.0, 1.0], [6.0, 0.0]])
    paths = ParameterProjection(np.zeros(2), places, places, np.ones(2))
    figure = parameter_projection(paths, np.ones(3), (0, 2), LIGHT)
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
