"""What the browser's words about records selected by hand become."""

import pytest

from flhetero_dash.selection import ClientRound
from flhetero_dash.views.own_selections import own_intent


@pytest.mark.parametrize("intent", [{"own-records": "x"}, {"own-records": ""}])
def test_nonsense_selects_nothing(intent):
    assert own_intent(intent, {"a": "1"}, ClientRound("good", "A", 3).as_json()) == ({}, {"a": "1"})
    assert own_intent({"own-records": "3"}, {}, None) == ({}, {})
    assert own_intent({"record": "3"}, {}, None) == ({"record": "3"}, {})
