"""The reader as a whole: lazy, quick the second time, and alive to what changes on disk."""

import os
import shutil
import time

import numpy as np
import pytest

from flhetero_dash.data import identity
from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings


@pytest.fixture
def settled(monkeypatch):
    """Files count as unchanged at once, so that the memo is used."""
    monkeypatch.setattr(identity, "SETTLED_S", -1.0)


@pytest.fixture
def opened(monkeypatch):
    """Names of the archives that were opened."""
    names = []
    original = Archive.__init__

    def noted(self, path, *args):
        names.append(path.name)
        original(self, path, *args)

    monkeypatch.setattr(Archive, "__init__", noted)
    return names


def test_making_a_reader_and_listing_opens_nothing(small, opened):
    reader = small.reader()
    assert [entry.name for entry in reader.datasets()] == ["small"]
    assert reader.output_rounds("small", "A") == (0, 1, 2)
    assert opened == []


def test_only_the_opened_clients_files_are_read(small, opened):
    reader = small.reader()
    reader.global_outputs("small", "A", 1)
    reader.weights("small", "A")
    assert {name[0] for name in opened} <= {"A", "S", "c", "m", "s", "v", "w"}
    assert not [name for name in opened if name.startswith(("B_", "C_"))]


def test_broken_files_of_others_do_not_hurt(small):
    reader = small.reader()
    for folder in ("outputs", "weights"):
        for path in (small.history / folder).glob("B_*.npz"):
            path.write_bytes(b"broken")
    other = small.home.parent / "other"
    shutil.copytree(small.history, small.history.parent / "other")
    other.mkdir()
    (other / "samples.npz").write_bytes(b"broken")
    assert reader.local_outputs("small", "A") is not None
    assert reader.weights("small", "A") is not None
    with pytest.raises(DataError, match=r"other/samples\.npz"):
        reader.federation("other")
    with pytest.raises(DataError, match=r"B_local\.npz"):
        reader.local_outputs("small", "B")


def test_the_second_time_nothing_is_opened(small, opened, settled):
    reader = small.reader()
    answers = []
    for _ in range(2):
        answers = [
            reader.federation("small").history,
            reader.samples("small", "A"),
            reader.local_outputs("small", "A"),
            reader.weights("small", "A"),
            reader.identity("small", "A", None),
        ]
        first, opened[:] = list(opened), []
    assert answers
    assert first == []


def test_a_mended_file_is_read_at_once(small, settled):
    good = small.outputs["A_local"]["local"]
    small.outputs["A_local"]["local"] = np.full(6, 9)
    reader = small.reader()
    with pytest.raises(DataError, match="out of range"):
        reader.local_outputs("small", "A")
    small.outputs["A_local"]["local"] = good
    small.write()
    np.testing.assert_array_equal(reader.local_outputs("small", "A").classes["local"], good)


def test_outputs_are_checked_anew_when_the_samples_change(small, settled):
    reader = small.reader()
    reader.local_outputs("small", "A")
    small.samples["local"] = small.samples["local"][:, :5]
    small.samples["ground_truth"] = small.samples["ground_truth"][:, :5]
    time.sleep(0.02)
    small.put(small.home / "samples.npz", small.samples)
    with pytest.raises(DataError, match=r"'local' has shape \(6,\); expected \(5,\)"):
        reader.local_outputs("small", "A")


def test_the_history_follows_the_order_of_the_samples(small, settled):
    reader = small.reader()
    loss = reader.federation("small").history.loss
    small.samples["client_names"] = np.array(["C", "B", "A"])
    time.sleep(0.02)
    small.put(small.home / "samples.npz", small.samples)
    history = reader.federation("small").history
    assert history.client_names == ("C", "B", "A")
    np.testing.assert_array_equal(history.loss, loss[::-1])


def test_new_rounds_appear(small, settled):
    del small.outputs["A_Server_r2"]
    reader = small.reader()
    assert reader.global_outputs("small", "A", 2) is None
    small.outputs["A_Server_r2"] = small.outputs["A_Server_r1"]
    small.write()
    assert reader.global_outputs("small", "A", 2) is not None
    assert reader.output_rounds("small", "A") == (0, 1, 2)


def test_samples_open_again_in_a_fraction_of_a_millisecond(small, settled):
    reader = small.reader()
    reader.samples("small", "A")
    durations = []
    for _ in range(20):
        start = time.perf_counter()
        reader.samples("small", "A")
        durations.append(time.perf_counter() - start)
    assert sorted(durations)[10] < 0.001


def test_the_data_folder_is_not_written_to(small):
    small.put(
        small.folder / "data" / "cache" / "affinity_small.npz",
        {"A": np.array({"local": np.zeros((6, 6))}, dtype=object)},
    )
    reader = small.reader()
    before = sorted(small.settings.data_dir.rglob("*"))
    for folder in [small.settings.data_dir, *before]:
        folder.chmod(0o555 if folder.is_dir() else 0o444)
    try:
        reader.samples("small", "A")
        reader.weights("small", "A")
        assert reader.affinity("small", "A", "local").shape == (6, 6)
    finally:
        for folder in [small.settings.data_dir, *before]:
            folder.chmod(0o755 if folder.is_dir() else 0o644)
    assert sorted(small.settings.data_dir.rglob("*")) == before


def test_identities_are_those_of_the_content(small, settled):
    reader = small.reader()
    one, whole = reader.identity("small", "A", 1), reader.identity("small", "A", None)
    samples = reader.samples_identity("small", "A")
    copy = Settings(data_dir=small.folder / "copy", cache_dir=small.folder / "cache")
    shutil.copytree(small.settings.data_dir, copy.data_dir)
    assert HistoryReader(copy).identity("small", "A", 1) == one
    assert HistoryReader(copy).identity("small", "A", None) == whole
    assert HistoryReader(copy).samples_identity("small", "A") == samples
    assert len({one, whole, samples, reader.identity("small", "A", 2)}) == 4
    assert reader.identity("small", "B", 1) != one


@pytest.mark.parametrize(
    ("name", "changes_round", "changes_all"),
    [
        ("A_Server_r1", True, True),
        ("A_Server_r2", False, True),
        ("A_local", True, True),
        ("A_local_1", True, True),
        ("A_update_r1", True, True),
        ("B_Server_r1", False, False),
    ],
)
def test_an_identity_follows_what_an_answer_depends_on(small, name, changes_round, changes_all):
    reader = small.reader()
    one, whole = reader.identity("small", "A", 1), reader.identity("small", "A", None)
    small.put(small.history / "outputs" / f"{name}.npz", {"local": np.ones(6, int)})
    assert (reader.identity("small", "A", 1) != one) == changes_round
    assert (reader.identity("small", "A", None) != whole) == changes_all


@pytest.mark.parametrize("name", ["A_r0", "Server_r1", "cosines", "weights_0", "shares"])
def test_the_identity_of_all_rounds_follows_the_weights(small, name):
    reader = small.reader()
    one, whole = reader.identity("small", "A", 1), reader.identity("small", "A", None)
    small.put(small.history / "weights" / f"{name}.npz", {"x": np.ones(2)})
    assert reader.identity("small", "A", 1) == one
    assert reader.identity("small", "A", None) != whole


def test_checkpoints_are_found_and_not_opened(small):
    reader = small.reader()
    assert reader.checkpoint("small", "A", None) is None
    assert reader.checkpoint_identity("small", "A", None) == "-"
    path = small.history / "checkpoints" / "Server" / "Server_r1.cp"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not read")
    assert reader.checkpoint("small", "A", 1) == path
    assert reader.checkpoint_identity("small", "A", 1) != "-"


def test_the_manifest_is_read_as_it_is(small):
    reader = small.reader()
    assert reader.federation("small").manifest is None
    path = small.history / "manifest.json"
    path.write_text('{"schema_version": 1, "role": "client"}')
    assert reader.federation("small").manifest["role"] == "client"


@pytest.mark.parametrize(
    ("text", "message"),
    [("[1]", "is a JSON list; expected an object"), ("{", "is no JSON"), ("[" * 10**5, "is no")],
)
def test_a_broken_manifest_is_told(small, text, message, impatient):
    reader = small.reader()
    (small.history / "manifest.json").write_text(text)
    with pytest.raises(DataError, match=r"manifest\.json") as caught:
        reader.federation("small")
    assert message in str(caught.value)


SUMMARY = {
    "client_names": np.array(["C", "A", "B"]),
    **{
        key: np.arange(9.0).reshape(3, 3)
        for key in ("inconsistent", "negative_flips", "positive_flips")
    },
    "cosine": np.full((3, 3), 0.5),
    "label_counts": np.arange(9).reshape(3, 3),
}


def test_a_summary_is_matched_by_name(small):
    reader = small.reader()
    assert reader.summary("small") is None
    small.put(small.history / "summary.npz", SUMMARY)
    found = reader.summary("small")
    assert found.client_names == ("A", "B", "C")
    assert found.inconsistent[0].tolist() == [3, 4, 5]
    assert found.label_counts[2].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"client_names": np.array(["A", "B"])}, "expected those of the samples"),
        ({"inconsistent": np.zeros((2, 3))}, "'inconsistent' has shape (2, 3)"),
        (
            {"negative_flips": np.zeros((3, 2))},
            "'negative_flips' has shape (3, 2); expected (3, 3)",
        ),
        ({"inconsistent": np.array(1.0)}, "has shape (); expected (3, n_rounds)"),
        ({"positive_flips": np.full((3, 3), -1.0)}, "out of range"),
        ({"cosine": np.full((3, 3), 2.0)}, "'cosine' has 9 values out of range"),
        ({"label_counts": np.zeros(3)}, "'label_counts' has shape (3,)"),
    ],
)
def test_a_wrong_summary_is_told(small, changes, message):
    reader = small.reader()
    small.put(small.history / "summary.npz", SUMMARY | changes)
    with pytest.raises(DataError, match=r"summary\.npz") as caught:
        reader.summary("small")
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"local": np.zeros((5, 5))}, "'A', local has shape (5, 5); expected (6, 6)"),
        ({"local": np.full((6, 6), np.nan)}, "not finite"),
        ({"local": np.ones((6, 6))}, "expected rank products"),
        ({"local": np.full((6, 6), -1.0) + np.eye(6)}, "expected rank products"),
        ({"local": np.full((6, 6), 26.0) * (1 - np.eye(6))}, "expected rank products"),
    ],
)
def test_a_wrong_affinity_file_is_told(small, value, message):
    small.put(small.folder / "cache" / "affinity_small.npz", {"A": np.array(value, dtype=object)})
    with pytest.raises(DataError, match=r"affinity_small\.npz") as caught:
        small.reader().affinity("small", "A", "local")
    assert message in str(caught.value)


def test_what_an_affinity_file_lacks_is_absent(small):
    reader = small.reader()
    assert reader.affinity("small", "A", "local") is None
    products = {np.str_("local"): np.zeros((6, 6), np.float32)}
    small.put(
        small.folder / "cache" / "affinity_small.npz", {"A": np.array(products, dtype=object)}
    )
    assert reader.affinity("small", "A", "local").dtype == np.float32
    assert reader.affinity("small", "A", "stratified") is None
    assert reader.affinity("small", "A", "systematic") is None
    assert reader.affinity("small", "B", "local") is None


def test_an_affinity_that_is_no_dict_is_told(small):
    small.put(small.folder / "cache" / "affinity_small.npz", {"A": np.zeros((6, 6))})
    with pytest.raises(DataError, match="expected one dict of sampling types"):
        small.reader().affinity("small", "A", "local")


def test_an_unknown_client_or_dataset_is_told(small):
    reader = small.reader()
    for call in (
        lambda: reader.samples("small", "../A"),
        lambda: reader.local_outputs("small", "Z"),
        lambda: reader.weights("small", "Z"),
        lambda: reader.identity("small", "Z", None),
        lambda: reader.federation("nowhere"),
    ):
        with pytest.raises(UnknownNameError, match="there are"):
            call()


def test_a_pipe_in_place_of_a_file_does_not_hang(small):
    reader = small.reader()
    path = small.history / "outputs" / "A_local.npz"
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(DataError, match="is no regular file"):
        reader.local_outputs("small", "A")
