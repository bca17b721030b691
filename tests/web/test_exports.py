"""A selection's records as files: what is in them, and what a stranger may ask for."""

import csv
import io
import zipfile
from types import MappingProxyType

import numpy as np
import pytest
from flask import Flask
from PIL import Image

from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.exports import SelectedRecords
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import ClientRound, ClusterChoice, Focus, digest_of
from flhetero_dash.settings import Settings
from flhetero_dash.web import exports
from flhetero_dash.web.exports import add_routes, file_name
from flhetero_dash.web.record_files import csv_file, npz_file, picture_files
from tests.browser.odd_histories import write_history

ROUND = ClientRound("mnist", "Client-0", 5)
LOCAL = "/exports/mnist/Client-0/local/records"
STRATIFIED = "/exports/mnist/Client-0/stratified/records"
HOSTILE = ('=cmd|"x"', "@a, b\r\n", "../../etc/passwd", "<b>é</b>", "CON", "con", "..", "/" * 300)


@pytest.fixture(scope="module")
def client(queries):
    server = Flask("exports")
    add_routes(server, queries.exports)
    return server.test_client()


def rows_in(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True), newline="")))


def arrays_in(response) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(response.get_data()), allow_pickle=False) as archive:
        return dict(archive)


def archive_in(response) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(io.BytesIO(response.get_data()))
    assert archive.testzip() is None
    return archive


def hostile(*, is_image: bool, with_truth: bool = True) -> SelectedRecords:
    """Give eight records whose every name is hostile; the second attribute is categorical."""
    shape = (1, 2, 2) if is_image else (4,)
    info = SamplesInfo(
        client_names=("c",),
        sampling_types=("local",),
        label_names=HOSTILE,
        labels_named=True,
        kind="image" if is_image else "tabular",
        shape=shape,
        feature_names=None if is_image else ("record", "=2+3", "é", "plain"),
        categories=MappingProxyType({} if is_image else {"=2+3": ("-1", "no, or\nyes")}),
        has_ground_truth=with_truth,
        single_files=False,
    )
    X = np.array([[-0.1, at % 3, 1e30, 7] for at in range(12)], np.float32)
    ids = np.arange(8)
    return SelectedRecords(
        ClientRound("../=d", '"\r\nSet-Cookie: a=b', 2),
        info,
        ids + 3,
        X,
        ids if with_truth else None,
        ids[::-1],
        ids,
        () if is_image else info.feature_names or (),
    )


def written(file, selected: SelectedRecords) -> bytes:
    return b"".join(file(selected))


@pytest.mark.parametrize(
    ("query", "clusters", "focus"),
    [
        ("round=6", ClusterChoice(), Focus()),
        ("round=6&k=12&linkage=single&cluster=3", ClusterChoice(12, "single"), Focus(2)),
        ("round=6&cell=7-2", ClusterChoice(), Focus(cell=(7, 2))),
        ("round=6&own-records=3-5,9&alpha=3&record=8", None, Focus(own_records=(3, 4, 5, 9))),
    ],
)
def test_a_table_has_a_row_for_each_record_of_the_selection(
    client, queries, query, clusters, focus
):
    both = compared(queries.records._sources.reader, ROUND)
    assert both.y_true is not None
    records = queries.clusters.selected(ROUND, clusters or ClusterChoice(), focus)
    response = client.get(f"{LOCAL}.csv?{query}")
    assert (response.status_code, response.mimetype) == (200, "text/csv")
    rows = rows_in(response)
    assert len(records)
    assert [row["record"] for row in rows] == [str(record) for record in records]
    for row, record in zip(rows, records, strict=True):
        assert row == {
            "record": str(record),
            "inputs": "local",
            "round": "6",
            "ground truth": f"digit-{both.y_true[record]}",
            "ground truth id": str(both.y_true[record]),
            "federated": f"digit-{both.y_global[record]}",
            "federated id": str(both.y_global[record]),
            "stand-alone": f"digit-{both.y_local[record]}",
            "stand-alone id": str(both.y_local[record]),
        }
    assert response.headers["Content-Disposition"] == (
        f"attachment; filename=mnist_Client-0_round-6_{len(rows)}-local-records.csv"
    )


def test_arrays_are_those_of_the_records_as_they_are_stored(client, queries):
    both = compared(queries.records._sources.reader, ROUND)
    assert both.y_true is not None
    arrays = arrays_in(client.get(f"{LOCAL}.npz?round=6&own-records=2,0,499"))
    assert arrays["records"].tolist() == [0, 2, 499]
    assert arrays["X"].dtype == both.X.dtype
    np.testing.assert_array_equal(arrays["X"], both.X[[0, 2, 499]])
    assert arrays["X"][0].reshape(arrays["shape"]).shape == (1, 28, 28)
    for name, ids in (
        ("ground_truth", both.y_true), ("federated", both.y_global), ("stand_alone", both.y_local)
    ):  # fmt: skip
        np.testing.assert_array_equal(arrays[name], ids[[0, 2, 499]])
    assert arrays["label_names"][arrays["federated"]][0] == f"digit-{both.y_global[0]}"
    said = {name: arrays[name].item() for name in ("dataset", "client", "inputs", "round")}
    assert said == {"dataset": "mnist", "client": "Client-0", "inputs": "local", "round": 6}


def test_a_folder_has_a_picture_of_each_record_and_their_table(client, queries):
    both = compared(queries.records._sources.reader, ROUND)
    assert both.y_true is not None
    archive = archive_in(client.get(f"{LOCAL}.zip?round=6&own-records=2,7"))
    names = [f"{n}_digit-{both.y_true[n]}_digit-{both.y_global[n]}.png" for n in (2, 7)]
    assert archive.namelist() == [*names, "records.csv"]
    assert {entry.external_attr >> 16 for entry in archive.infolist()} == {0o644}
    for name, record in zip(names, (2, 7), strict=True):
        shown = np.asarray(Image.open(io.BytesIO(archive.read(name))))
        np.testing.assert_array_equal(shown, both.X[record].reshape(28, 28))
    table = csv.DictReader(io.StringIO(archive.read("records.csv").decode()))
    assert [(row["record"], row["file"]) for row in table] == list(zip("27", names, strict=True))


def test_colours_are_kept_and_shares_are_brought_to_bytes():
    selected = hostile(is_image=True)
    X = np.linspace(0, 1, 12 * 12).reshape(12, 12)
    info = SamplesInfo(**{**vars(selected.info), "shape": (3, 2, 2)})
    selected = SelectedRecords(**{**vars(selected), "X": X, "info": info})
    archive = zipfile.ZipFile(io.BytesIO(written(picture_files, selected)))
    shown = np.asarray(Image.open(io.BytesIO(archive.read(archive.namelist()[1]))))
    expected = (255 * X[4]).round().reshape(3, 2, 2).transpose(1, 2, 0)
    np.testing.assert_array_equal(shown, expected)


def test_sampled_inputs_have_no_ground_truth_in_any_file(client, queries):
    X = queries.learning.samples("mnist", "Client-0").inputs["stratified"]
    query = "?round=6&own-records=3"
    row = rows_in(client.get(f"{STRATIFIED}.csv{query}"))[0]
    assert row["inputs"] == "stratified"
    assert not [name for name in row if "truth" in name]
    arrays = arrays_in(client.get(f"{STRATIFIED}.npz{query}"))
    assert "ground_truth" not in arrays
    np.testing.assert_array_equal(arrays["X"], X[[3]])
    name = archive_in(client.get(f"{STRATIFIED}.zip{query}")).namelist()[0]
    assert name == f"3_{row['federated']}.png"


def test_a_selection_by_hand_is_posted_or_found_by_its_digest_once_it_is_shared(client, queries):
    digest = digest_of("mnist", "Client-0", "local", "4-6")
    unknown = client.get(f"{LOCAL}.csv?round=6&own={digest}")
    assert unknown.status_code == 404
    assert "until its link is copied" in unknown.get_data(as_text=True)
    form = {"round": "6", "own": digest, "own-records": "4-6"}
    posted = rows_in(client.post(f"{LOCAL}.csv", data=form))
    assert [row["record"] for row in posted] == ["4", "5", "6"]
    queries.own.share(ROUND, digest, "4-6")
    assert rows_in(client.get(f"{LOCAL}.csv?round=6&own={digest}")) == posted
    # Of another table it is none.
    assert client.get(f"{STRATIFIED}.csv?round=6&own={digest}").status_code == 404


def test_a_form_has_a_bound_and_it_is_told(client, monkeypatch):
    text = "1," * 300_000 + "1"
    response = client.post(f"{LOCAL}.csv", data={"round": "6", "own-records": text})
    assert [row["record"] for row in rows_in(response)] == ["1"]
    monkeypatch.setattr(exports, "MOST_BYTES", 100_000)
    response = client.post(f"{LOCAL}.csv", data={"round": "6", "own-records": text})
    assert response.status_code == 413
    assert "found more than the 100,000 bytes" in response.get_data(as_text=True)


def test_a_table_has_named_attributes_and_no_pictures(tmp_path):
    names = np.array(["age", "dose", "sex", "pulse", "weight"])
    extra = {"feature_names": names, "categories": np.array('{"sex": ["f"]}')}
    write_history(tmp_path, "table", shape=(5,), kind="tabular", extra=extra)
    settings = Settings(data_dir=tmp_path, cache_dir=tmp_path / "cache")
    server = Flask("table")
    add_routes(server, Queries.over(Sources(settings, JobsHere())).exports)
    client, address = server.test_client(), "/exports/table/Hospital%20A/local/records"
    rows = rows_in(client.get(f"{address}.csv?round=3&own-records=0-39"))
    arrays = arrays_in(client.get(f"{address}.npz?round=3&own-records=0-39"))
    assert arrays["feature_names"].tolist() == names.tolist()
    for row, values in zip(rows, arrays["X"], strict=True):
        said = [row[name] for name in names]
        assert said == ["f" if at == 2 and v == 0 else str(v) for at, v in enumerate(values)]
    response = client.get(f"{address}.zip?round=3&own-records=0-39")
    assert response.status_code == 404
    assert "'tabular' have no pictures; save them as CSV or NPZ" in response.get_data(as_text=True)


def test_too_many_pictures_are_refused_and_the_bound_is_told(client, monkeypatch):
    monkeypatch.setattr(exports, "MOST_PICTURES", 3)
    assert client.get(f"{LOCAL}.zip?round=6&own-records=1-3").status_code == 200
    response = client.get(f"{LOCAL}.zip?round=6&own-records=1-4")
    assert response.status_code == 413
    assert response.get_data(as_text=True).startswith("found 4 records, expected at most 3")
    assert len(rows_in(client.get(f"{LOCAL}.csv?round=6&own-records=1-4"))) == 4


@pytest.mark.parametrize(
    ("query", "status", "words"),
    [
        ("", 400, "round: found nothing, expected a whole number from 1"),
        ("round=0", 400, "round: found '0', expected a whole number from 1"),
        ("round=x", 400, "round: found 'x'"),
        ("round=6&cluster=0", 400, "cluster: found '0', expected a whole number from 1"),
        ("round=6&k=two", 400, "k: found 'two'"),
        ("round=6&linkage=ward", 400, "linkage: found 'ward', expected one of"),
        ("round=6&cell=7", 400, "cell: found '7'"),
        ("round=6&own=../../etc", 400, "own: found '../../etc', expected 32 hexadecimal digits"),
        ("round=6&own-records=5-3", 400, "own-records: found '5-3'"),
        ("round=6&own-records=1-99999999", 400, "expected at most 1,000,000 records"),
        ("round=6&clster=2", 400, "found 'clster', expected parameters of the page's URL"),
        ("round=99", 404, "were not recorded in round 99"),
        ("round=6&own-records=500", 404, "holds record 500, but there are 500 local inputs"),
        ("round=6&cell=98-99", 404, "No record is selected"),
    ],
)
def test_nonsense_is_refused_with_what_was_found_and_expected(client, query, status, words):
    form = dict(part.split("=") for part in query.split("&") if part)
    for answer in (client.get(f"{LOCAL}.csv?{query}"), client.post(f"{LOCAL}.csv", data=form)):
        assert (answer.status_code, answer.mimetype) == (status, "text/plain")
        assert words in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/exports/none/Client-0/local/records.csv", 404),
        ("/exports/mnist/nobody/local/records.csv", 404),
        ("/exports/%2e%2e/Client-0/local/records.csv", 404),
        ("/exports/mnist/%2e%2e%2fa/local/records.csv", 404),
        ("/exports/mnist/Client-0/passwd/records.csv", 400),
        ("/exports/mnist/Client-0/local/records.exe", 404),
    ],
)
def test_what_is_not_there_is_refused(client, path, status):
    assert client.get(f"{path}?round=6").status_code == status


def test_what_a_spreadsheet_would_run_stays_text_and_names_stay_whole():
    text = written(csv_file, hostile(is_image=False)).decode()
    head, *rows = csv.reader(io.StringIO(text, newline=""))
    assert head[-4:] == ["record (attribute 0)", "'=2+3", "é", "plain"]
    assert [row[3] for row in rows] == [
        "'=cmd|\"x\"", "'@a, b\r\n", "../../etc/passwd", "<b>é</b>", "CON", "con", "..", "/" * 300
    ]  # fmt: skip
    # A negative number is a number; a category that looks like one is a name; 2 has no name.
    assert [row[-4:] for row in rows[:3]] == [
        ["-0.1", "'-1", "1e+30", "7"],
        ["-0.1", "no, or\nyes", "1e+30", "7"],
        ["-0.1", "2", "1e+30", "7"],
    ]


def test_no_hostile_name_leaves_the_folder_or_clashes():
    selected = hostile(is_image=True)
    archive = zipfile.ZipFile(io.BytesIO(written(picture_files, selected)))
    names = archive.namelist()
    assert names == [
        "3_cmd-x_unnamed.png", "4_a-b_unnamed.png", "5_etc-passwd_con.png", "6_b-é-b_CON.png",
        "7_CON_b-é-b.png", "8_con_etc-passwd.png", "9_unnamed_a-b.png", "10_unnamed_cmd-x.png",
        "records.csv",
    ]  # fmt: skip
    table = csv.DictReader(io.StringIO(archive.read("records.csv").decode(), newline=""))
    assert [row["file"] for row in table] == names[:-1]
    long = SamplesInfo(**{**vars(selected.info), "label_names": ("𝒳漢" * 100,) * 8})
    longest = SelectedRecords(**{**vars(selected), "info": long, "records": selected.records})
    for name in zipfile.ZipFile(io.BytesIO(written(picture_files, longest))).namelist():
        assert len(name.encode()) <= 255


def test_the_files_own_name_is_safe_in_a_header_and_on_a_disk():
    assert file_name(hostile(is_image=True)) == "d_Set-Cookie-a-b_round-3_8-local-records"


def test_arrays_of_hostile_names_and_of_tables_load_without_pickle():
    arrays = arrays_in_bytes(written(npz_file, hostile(is_image=False)))
    assert tuple(arrays["label_names"]) == HOSTILE
    assert arrays["feature_names"].tolist() == ["record", "=2+3", "é", "plain"]
    assert arrays["X"].dtype == np.float32
    assert "ground_truth" not in arrays_in_bytes(
        written(npz_file, hostile(is_image=False, with_truth=False))
    )


def arrays_in_bytes(content: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        return dict(archive)


@pytest.mark.parametrize("file", [csv_file, npz_file, picture_files])
def test_a_large_selection_is_sent_in_small_parts(file, rng):
    n, shape = 6_000, (3, 16, 16)
    base = hostile(is_image=True)
    info = SamplesInfo(**{**vars(base.info), "shape": shape})
    ids = rng.integers(0, 8, n)
    X = rng.integers(0, 256, (n, 768)).astype(np.uint8)
    selected = SelectedRecords(base.chosen, info, np.arange(n), X, ids, ids, ids, ())
    parts = [len(part) for part in file(selected)]
    # As large as X, or as its table, is none of them.
    assert max(parts) < sum(parts) / 3
    assert max(parts) < 4 << 20
