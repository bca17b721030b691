"""The benchmark runs, and says what it has to say; how fast anything is no test asserts."""

import json
import subprocess
import sys
from dataclasses import fields

import numpy as np
import pytest

from tests.benchmarks import report
from tests.benchmarks.inputs import colour_pictures, digits, inconsistent_rows
from tests.benchmarks.measuring import ROOT, Floors
from tests.benchmarks.rows import Row, below, faster, memory_below, table, verdict, within
from tests.benchmarks.scaling import Growth

FIELDS = {
    "operation", "size", "ours_s", "against", "against_s", "ratio", "target", "floor_s", "peak_mb",
}  # fmt: skip
OPERATIONS = (
    "cPCA, automatic alpha", "cPCA, another alpha", "cPCA, planes", "rank products",
    "single linkage", "clusters", "Grad-CAM", "weights view", "click on a record",
    "click on an attribute", "weight files", "overview and clusters", "start of the server",
    "browser: a cluster", "browser: linking a selection",
)  # fmt: skip


def ran(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.benchmarks", *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_quick_run_writes_every_operation_as_table_and_json(tmp_path):
    out = tmp_path / "deep" / "bench.json"
    run = ran("--quick", "--out", str(out))
    assert run.returncode == 0, run.stderr
    entries = json.loads(out.read_text())
    for name in OPERATIONS:
        assert f"| {name}" in run.stdout
        assert any(entry["operation"].startswith(name) for entry in entries)
    assert "| grows |" in run.stdout
    for entry in entries:
        assert set(entry) == FIELDS
        assert entry["ratio"] >= 0
        assert entry["ours_s"] is None or entry["ours_s"] > 0
        assert (entry["against_s"] is None) <= (entry["ours_s"] is None)


def test_memory_is_measured_in_a_process_of_its_own():
    run = ran("--quick", "--memory-of", "ranks of floats")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["whole_mb"] > 10


def test_the_page_gets_whole_tables_only():
    run = ran("--write-docs", "--only", "ranks")
    assert run.returncode == 2
    assert "needs a whole run" in run.stderr


def test_more_is_better_or_less_is():
    assert faster("a", "", 2.0, "b", 6.0, 3).met
    assert not faster("a", "", 2.0, "b", 5.0, 3).met
    assert within("a", "", 6.0, "floor", 2.0, 3).met
    assert not within("a", "", 7.0, "floor", 2.0, 3).met
    assert below("a", "", 0.1, 0.2).ratio == pytest.approx(2)
    assert not memory_below("a", "", 700, 600).met
    assert faster("a", "", 2.0, "b", 6.0).met is None


def test_the_fields_are_those_promised():
    assert {field.name for field in fields(Row)} == FIELDS


def test_the_table_names_what_was_missed():
    rows = [faster("slow", "n = 3", 2.0, "others", 1.0, 3), below("good", "", 0.1, 0.2, 5.0)]
    drawn = table(rows).splitlines()
    assert len({len(line) for line in drawn}) == 1
    assert ">= 3 missed" in drawn[2]
    assert "5 MB" in drawn[3]
    assert verdict(rows).startswith("1 of 2 targets met.\nMissed: slow, n = 3, against others: 0.5")


def test_the_growth_of_a_square_is_told():
    values = (1, 2, 4)
    assert Growth("a", "n", "", values, (3.0, 12.0, 48.0)).power == pytest.approx(2)


def test_tables_go_between_the_markers_of_the_page(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text(report.PAGE.read_text())
    monkeypatch.setattr(report, "PAGE", page)
    machine = report.machine(Floors(1e9, 1e9, 1e9))
    growth = Growth("series", "n", "", (1, 2), (1.0, 2.0))
    for name in ("first", "second"):
        report.write(machine, [faster(name, "", 1.0, "others", 2.0)], [growth])
    text = page.read_text()
    assert "| second" in text
    assert "| first" not in text
    assert text.count("| series |") == 1
    assert machine in text


def test_inputs_are_what_they_are_said_to_be():
    X, labels = digits(5_100, 28)
    assert X.shape == (5_100, 784)
    assert len(np.unique(X[:5_000], axis=0)) > 4_990
    rows = inconsistent_rows(X, labels, 300, seed=1)
    assert len(set(rows.tolist())) == 300
    pictures, rows = colour_pictures(60, 6, 20)
    assert pictures.shape == (60, 108)
    assert len(rows) == 20
