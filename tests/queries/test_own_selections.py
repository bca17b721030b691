"""Selections by hand: kept by the browser, shared on purpose, never believed unchecked."""

import numpy as np
import pytest

from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.own_selections import N_HELD, held_with
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus
from flhetero_dash.settings import Settings

ROUND = ClientRound("mnist", "Client-0", 5)
CLUSTERS = ClusterChoice(6, "single")


@pytest.fixture
def fresh(published, tmp_path):
    return Queries.over(Sources(Settings(published, tmp_path / "cache"), JobsHere()))


def test_the_browser_holds_the_last_selections():
    held: dict[str, str] = {}
    digests = []
    for record in range(N_HELD + 3):
        held, digest = held_with(held, ROUND, f"{record},{record}")
        digests.append(digest)
    assert list(held) == digests[3:]
    assert held[digests[-1]] == str(N_HELD + 2)
    again, _ = held_with(held, ROUND, "5")  # chosen once more: the newest
    assert list(again)[-1] == digests[5]
    assert len(again) == N_HELD


def test_a_shared_selection_is_found_by_whoever_has_the_link(fresh, published, tmp_path):
    held, digest = held_with({}, ROUND, "3-5,9")
    assert fresh.own.text(ROUND, digest, {}) is None
    assert fresh.own.text(ROUND, digest, held) == "3-5,9"
    fresh.own.share(ROUND, digest, "3-5,9")
    other = Queries.over(Sources(Settings(published, tmp_path / "cache"), JobsHere()))
    assert other.own.text(ROUND, digest, {}) == "3-5,9"
    assert other.own.text(ClientRound("mnist", "Client-1", 5), digest, {}) is None


def test_what_does_not_fit_its_digest_is_not_believed(fresh):
    _, digest = held_with({}, ROUND, "3-5,9")
    assert fresh.own.text(ROUND, digest, {digest: "3-6"}) is None
    assert fresh.own.text(ROUND, digest, {digest: 7}) is None
    fresh.own.share(ROUND, digest, "3-6")
    assert fresh.own.text(ROUND, digest, {}) is None
    assert fresh.own.text(ROUND, "../../etc/passwd", {}) is None


def test_own_records_are_the_selection_of_every_panel(fresh):
    own = Focus(own="0" * 32, own_records=(3, 4, 77))
    assert fresh.clusters.selected(ROUND, CLUSTERS, own).tolist() == [3, 4, 77]
    answer = fresh.contrast.contrast(ROUND, CLUSTERS, own, 2.0)
    assert answer.n_selected == 3
    # The digest that the browser names beside them does not decide which answer is stored.
    other = Focus(own="0" * 32, own_records=(3, 4, 78))
    assert not np.allclose(
        fresh.contrast.contrast(ROUND, CLUSTERS, other, 2.0).directions, answer.directions
    )


def test_records_beyond_the_table_are_told(fresh):
    with pytest.raises(NothingToShowError, match="holds record 500, but there are 500 local"):
        fresh.clusters.selected(ROUND, CLUSTERS, Focus(own="0" * 32, own_records=(3, 500)))
