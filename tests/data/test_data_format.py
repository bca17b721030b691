"""The page on the data format and the reader say the same."""

import json
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.data.archive import Archive
from flhetero_dash.data.round_facts import RoundFacts
from flhetero_dash.data.writer import HistoryWriter

PAGE = Path(__file__).resolve().parents[2] / "docs" / "data-format.md"
AXES = ["shape", "type", "unit"]


def tables() -> dict[str, dict[str, dict[str, str]]]:
    """Key -> column -> text, for each file that has a table."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    for section in PAGE.read_text().split("\n## ")[1:]:
        title, _, body = section.partition("\n")
        rows = [
            [cell.strip() for cell in line.strip("|").split(" | ")]
            for line in body.splitlines()
            if line.startswith("| ") and "`" in line
        ]
        for key, *cells in rows:
            columns = dict(zip([*AXES, "accepted"], cells, strict=True))
            columns["needed"] = "yes" if key.startswith("**") else ""
            found.setdefault(title, {})[key.strip("*`")] = columns
    return found


@pytest.fixture
def complete(small, rng):
    """Write a history with every file and key of the page."""
    small.samples |= {
        "sampling_types": np.array(["local", "stratified", "systematic"]),
        "systematic": rng.normal(size=(3, 2, 4)),
        "feature_names": np.array(list("abcd")),
        "categories": np.array("{}"),
        "split": np.full((3, 6), "train"),
    }
    for name, arrays in list(small.outputs.items()):
        arrays["systematic"] = np.zeros(2, int)
        for key in ("local", "stratified", "systematic"):
            arrays[f"{key}_scores"] = np.full((len(arrays[key]), 3), 0.3, np.float16)
        small.outputs[name.replace("_local", "_local_1")] = arrays
        small.outputs[name.replace("_Server_", "_update_")] = arrays
    small.weights |= {
        "cosines": {client: np.zeros((3, 3)) for client in small.clients},
        "norms": {client: np.ones((3, 3, 3)) for client in small.clients},
        "shares": {client: np.ones(3) for client in small.clients},
        "batchnorm": {client: np.ones(3) for client in small.clients},
    }
    counts = {k: np.zeros((3, 3)) for k in ("inconsistent", "negative_flips", "positive_flips")}
    summary = {"client_names": np.array(small.clients), **counts}
    summary |= {"cosine": np.zeros((3, 3)), "label_counts": np.zeros((3, 3), int)}
    small.put(small.history / "summary.npz", summary)
    facts = RoundFacts.nothing(small.clients, n_layers=2, n_classes=3)
    small.put(small.history / "recording" / "all" / "r0.npz", facts.arrays())
    ranks = np.array({"local": np.zeros((6, 6))}, dtype=object)
    small.put(small.folder / "cache" / "affinity_small.npz", dict.fromkeys(small.clients, ranks))
    return small


@pytest.fixture
def read_keys(complete, monkeypatch):
    """Note the keys that the reader reads of each kind of file, with their headers."""
    found: dict[str, dict[str, object]] = defaultdict(dict)
    originals = Archive.read, Archive.header

    def note(archive, key):
        found[kind_of(archive.path.name)][general(archive, key)] = originals[1](archive, key)

    def read(self, key, **options):
        note(self, key)
        return originals[0](self, key, **options)

    def header(self, key):
        note(self, key)
        return originals[1](self, key)

    def general(archive, key):
        if kind_of(archive.path.name).startswith("outputs"):
            return re.sub("^(local|stratified|systematic)", "{type}", key)
        return "{client}" if key in complete.clients else key

    monkeypatch.setattr(Archive, "read", read)
    monkeypatch.setattr(Archive, "header", header)
    reader = complete.reader()
    reader.federation("small")
    reader.samples("small", "A")
    for call in (reader.local_outputs, reader.second_local_outputs):
        assert call("small", "A").scores
    for call in (reader.global_outputs, reader.update_outputs):
        assert call("small", "A", 1).scores
    assert reader.weights("small", "A").batchnorm is not None
    assert reader.summary("small") is not None
    assert reader.affinity("small", "A", "local") is not None
    (complete.history / "summary.npz").unlink()  # then the counts are those of the rounds
    assert reader.summary("small") is not None
    return found


def kind_of(name: str) -> str:
    """Title of the section on a file of that name."""
    if re.fullmatch(r"A_(local|local_1|Server_r\d|update_r\d)\.npz", name):
        return "outputs/{client}_local.npz"
    if re.fullmatch(r"(A|Server)_r\d\.npz|weights_0\.npz", name):
        return "weights/{client}_r{r}.npz"
    if name in ("cosines.npz", "norms.npz", "shares.npz", "batchnorm.npz"):
        return f"weights/{name}"
    if re.fullmatch(r"r\d\.npz", name):
        return "recording/r{r}.npz"
    return name.replace("affinity_small", "cache/affinity_NAME")


def test_the_page_names_the_keys_that_the_reader_reads(read_keys):
    told = {title: set(rows) for title, rows in tables().items() if title != "manifest.json"}
    assert {title: set(keys) for title, keys in read_keys.items()} == told


def test_the_page_tells_the_number_of_axes(read_keys):
    for title, keys in read_keys.items():
        for key, header in keys.items():
            shape = tables()[title][key]["shape"]
            axes = [part for part in shape.strip("()").split(",") if part.strip()]
            assert len(axes) == len(header.shape), (title, key)


def test_the_page_tells_the_kind_of_the_values(read_keys):
    kinds = {"text": "U", "whole": "iu", "float": "f", "float16": "f", "number": "iuf"}
    for title, keys in read_keys.items():
        for key, header in keys.items():
            told = tables()[title][key]["type"].split()[0].rstrip(":")
            expected = kinds.get(told, "O")
            assert header.dtype.kind in expected, (title, key, told)


def test_a_key_that_must_be_there_is_told_when_it_is_not(complete):
    needed = {
        key for key, columns in tables()["samples.npz"].items() if columns["needed"]
    }  # fmt: skip
    assert needed == {"client_names", "type", "shape", "local"}
    for key in needed:
        whole = dict(complete.samples)
        del complete.samples[key]
        with pytest.raises(Exception, match=rf"lacks '?{key}"):
            complete.reader().samples("small", "A")
        complete.samples = whole


def test_every_row_has_a_shape_a_type_and_a_unit():
    for title, rows in tables().items():
        for key, columns in rows.items():
            assert all(columns[name] for name in AXES), (title, key)


def test_the_page_names_what_the_writer_puts_into_the_manifest(tmp_path):
    writer = HistoryWriter(tmp_path / "home", tmp_path / "run", ("A",), ("fc",), ("x",))
    writer.write_manifest("coordinator", "FedAvg", {"A": [0]}, private=True)
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert list(manifest) == list(tables()["manifest.json"])
