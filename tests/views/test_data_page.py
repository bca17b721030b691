"""The Data page's words."""

from flhetero_dash.data.file_groups import FileGroup
from flhetero_dash.data.findings import Findings
from flhetero_dash.data.inventory import Inventory
from flhetero_dash.views.data_page import rows_of, there_of, wrong_of


def found(problems=(), warnings=(), facts=()):
    findings = Findings(list(facts), list(problems), list(warnings))
    return Inventory(findings, 3, 4, 0.5, (1,), ())


def words(item):
    return item.children[1].children[1]


def test_problems_come_before_warnings():
    items = wrong_of(found(problems=["a: torn"], warnings=["no b: no c"]))
    assert [words(item) for item in items] == ["a: torn", "no b: no c"]
    assert [item.to_plotly_json()["props"]["className"] for item in items] == [
        "is-problem",
        "is-warning",
    ]
    # Not by sign and colour alone.
    assert [item.children[1].children[0].children for item in items] == ["problem: ", "warning: "]


def test_the_verdict_is_that_of_the_command():
    assert found().verdict == "can be used, with 0 warnings"
    assert found(warnings=["a"]).verdict == "can be used, with 1 warning"
    assert found(problems=["a", "b"], warnings=["c"]).verdict == "cannot be used: 2 problems"


def test_nothing_wrong_is_said():
    assert wrong_of(found())[0].children == "Nothing."
    assert [words(item) for item in there_of(found(facts=["5 records"]))] == ["5 records"]


def test_a_row_says_rounds_from_one_and_what_is_missing():
    outputs = FileGroup(
        "outputs", "a_r*.npz", "h/x", 2, 12_345, ("local: 3, int64",), (True, False, True)
    )
    none = FileGroup("norms", "norms.npz", "h/x/weights", 0, 0, ())
    first, second = rows_of((outputs, none))
    assert (first["rounds"], first["size"], first["arrays"]) == ("1, 3", "12", "local: 3, int64")
    assert (second["files"], second["size"], second["rounds"]) == ("none", "", "")
