"""The command `report`: the file that it writes and what it says."""

import pytest

from preprocess.__main__ import main
from tests.reports import CLIENT, LAST, Study


@pytest.fixture
def study(tmp_path):
    made = Study(tmp_path)
    yield made
    made.close()


@pytest.fixture
def run(study, capsys, monkeypatch, tmp_path):
    """Run the command: its exit status, what it says, and the file's text."""
    monkeypatch.setenv("FLHETERO_DATA_DIR", str(study.data))
    monkeypatch.setenv("FLHETERO_CACHE_DIR", str(study.cache))
    monkeypatch.setenv("FLHETERO_DATABASE_URL", study.url)

    def report(*options, out="out/report.html", dataset="study"):
        path = tmp_path / out
        status = main(["report", "--dataset", dataset, *options, "--out", str(path)])
        return status, capsys.readouterr().out, path.read_text() if path.is_file() else None

    return report


def test_a_report_of_all_clients(run, study):
    study.note(LAST)
    status, said, text = run()
    assert status == 0
    assert "out/report.html: 2 clients, 1 note, " in said
    assert "own models disagree on 18 of 80 records" in text
    assert "data:image" not in text


def test_a_report_of_one_client_and_round_with_records(run, study):
    study.note(LAST)
    status, said, text = run("--client", CLIENT, "--round", "1", "--with-records")
    assert status == 0
    assert "1 client, 1 note" in said
    assert "In round 1 the federated model and Hospital A" in text
    assert "data:image/png" in text


@pytest.mark.parametrize(
    ("options", "named", "status", "words"),
    [
        (("--client", "Nobody"), {}, 2, "no client 'Nobody'; there are Hospital A, Hospital B"),
        (("--round", "4"), {}, 2, "no round 4; the rounds are 1 to 3"),
        ((), {"dataset": "nothing"}, 2, "no dataset 'nothing'"),
        ((), {"out": "data"}, 2, "found a folder, expected the name of a file"),
        ((), {"out": "notes.sqlite/x.html"}, 1, "cannot be written: "),
    ],
)
def test_what_is_wrong_is_said_and_no_file_is_written(run, options, named, status, words):
    assert run()[0] == 0  # the notes are there now
    found, said, text = run(*options, **{"out": "other.html"} | named)
    assert (found, text) == (status, None)
    assert words in said


def test_a_broken_file_of_the_data_is_told(run, study):
    (study.data / "datasets" / "study" / "samples.npz").write_bytes(b"no archive")
    status, said, text = run()
    assert (status, text) == (1, None)
    assert said.startswith("problem: ")
    assert "samples.npz" in said
