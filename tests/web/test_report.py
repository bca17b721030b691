"""The report over HTTP: a file with a safe name, or a sentence."""

import pytest
from flask import Flask

from flhetero_dash.web.report import add_routes
from tests.reports import CLIENT, LAST, Study


@pytest.fixture
def study(tmp_path):
    made = Study(tmp_path)
    yield made
    made.close()


@pytest.fixture
def ask(study):
    server = Flask("report")
    add_routes(server, study.queries.report)
    return lambda path: server.test_client().get(f"/report/{path}")


def test_the_report_is_a_file_to_keep(ask, study):
    study.note(LAST)
    answer = ask(f"study/{CLIENT}.html?round=2")
    assert answer.status_code == 200
    assert answer.mimetype == "text/html"
    name = "attachment; filename=study_Hospital-A_round-2_report.html"
    assert answer.headers["Content-Disposition"] == name
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.cache_control.no_store
    text = answer.get_data(as_text=True)
    assert "In round 2 the federated model" in text
    assert "Odd ones" in text
    assert "data:image" not in text


def test_without_a_round_it_is_of_the_last_and_records_are_asked_for(ask, study):
    study.note(LAST)
    text = ask(f"study/{CLIENT}.html?records=1").get_data(as_text=True)
    assert "In round 3 the federated model" in text
    assert "data:image/png" in text


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        (f"study/{CLIENT}.html?round=x", 400, "expected a whole number"),
        (f"study/{CLIENT}.html?round=-1", 400, "expected a whole number"),
        (f"study/{CLIENT}.html?records=yes", 400, "expected 1 (with examples) or 0"),
        (f"study/{CLIENT}.html?round=4", 404, "no round 4; the rounds are 1 to 3"),
        ("study/<b>.html", 404, "no client '<b>'; there are Hospital A, Hospital B"),
        ("..%2F..%2Fetc/x.html", 404, ""),
        ("nothing/x.html", 404, "no dataset 'nothing'"),
    ],
)
def test_what_is_not_there_is_refused_in_words(ask, path, status, words):
    answer = ask(path)
    assert answer.status_code == status
    assert words in answer.get_data(as_text=True)
    if words:
        assert answer.mimetype == "text/plain"


def test_a_database_that_is_gone_is_told(ask, tmp_path):
    (tmp_path / "notes.sqlite").write_bytes(b"this is no database, but a text of some length" * 40)
    answer = ask(f"study/{CLIENT}.html")
    assert answer.status_code == 503
    assert answer.get_data(as_text=True).strip()
