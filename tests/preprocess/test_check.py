"""The command `check`: what it says, what it answers, and that it leaves the data alone."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from preprocess.__main__ import main

SAMPLES = "datasets/mnist/samples.npz"
RUN = "history/mnist"


@pytest.fixture
def copy(published: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(published, folder)
    return folder


@pytest.fixture
def check(capsys, monkeypatch):
    """Run the command: its exit status and its lines."""
    for name in ("FLHETERO_CACHE_DIR", "FLHETERO_DATA_DIR", "FLHETERO_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)

    def run(folder: Path, *options: str, dataset: str = "mnist"):
        status = main(["check", "--data", str(folder), "--dataset", dataset, *options])
        return status, capsys.readouterr().out.splitlines()

    return run


def altered(path: Path, **changes) -> None:
    with np.load(path, allow_pickle=True) as archive:
        arrays = {key: archive[key] for key in archive.files}
    arrays |= changes
    np.savez_compressed(path, **{key: a for key, a in arrays.items() if a is not None})


def test_the_last_line_is_json_with_the_figures_of_the_first_client(
    check, published, published_answers
):
    status, lines = check(published)
    assert status == 0
    found = json.loads(lines[-1])
    assert list(found) == ["n", "d", "local_mean", "inconsistent"]
    with np.load(published / SAMPLES, allow_pickle=True) as archive:
        local = archive["local"][0]
    assert (found["n"], found["d"]) == local.shape
    np.testing.assert_allclose(found["local_mean"], local.mean(dtype=float), rtol=1e-12)
    assert len(found["inconsistent"]) == 10
    for index in (5, 9):
        labels = published_answers[f"Client-0/{index}"]["labels"]["consistencyLabel"]
        assert found["inconsistent"][index] == labels.count(False)


def test_another_client_may_be_named(check, published):
    status, lines = check(published, "--client", "Client-3")
    assert status == 0
    assert any("Client-3 looked at" in line for line in lines)
    assert json.loads(lines[-1]) != json.loads(check(published)[1][-1])


def test_what_is_there_is_said_in_words(check, published):
    _, lines = check(published)
    text = "\n".join(lines)
    for words in (
        "there: 6 clients",
        "image records of 1 x 28 x 28 = 784 features; 10 classes",
        "local: 500 records of 784 features, uint8 from 0 to 255",
        "75 of 500 records held out (assumed",
        "10 rounds; curves: loss, val_acc, tot_acc",
        "4 layers: Conv1, Conv2, FC1, FC2",
        "Server's weights: rounds 1 to 10",
        "11 of 11 checkpoints",
        "warning: no second stand-alone model: no noise floor",
        "can be used, with 2 warnings",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("removed", "warning"),
    [
        ("outputs/Client-0_Server_r4.npz", "missing of rounds 5: gaps there"),
        ("weights/Client-0_r2.npz", "Client-0's weights are missing of rounds 3"),
        ("weights/weights_0.npz", "trajectories start at round 1"),
        ("weights/cosines.npz", "cosines are computed from the sampled weights"),
        ("checkpoints/Server/Server_r3.cp", "no checkpoint of round 4: no Grad-CAM of these"),
        ("model_info.npz", "layers have no names"),
        ("validation.npz", "no loss, val_acc, tot_acc: not drawn"),
    ],
)
def test_a_gap_is_a_warning_that_says_what_it_costs(check, copy, removed, warning):
    (copy / RUN / removed).unlink()
    status, lines = check(copy)
    assert status == 0
    assert any(warning in line for line in lines if line.startswith("warning: "))
    expected = [4] if removed.startswith("outputs") else []
    inconsistent = json.loads(lines[-1])["inconsistent"]
    assert [index for index, count in enumerate(inconsistent) if count is None] == expected


def test_no_checkpoints_at_all(check, copy):
    shutil.rmtree(copy / RUN / "checkpoints")
    status, lines = check(copy)
    assert status == 0
    assert any("0 of 11 checkpoints" in line for line in lines)


def test_every_problem_is_told_and_there_is_no_json(check, copy):
    altered(copy / RUN / "outputs/Client-0_local.npz", local=np.zeros(499, int))
    altered(copy / RUN / "outputs/Client-0_Server_r7.npz", local=np.full(500, 10))
    altered(copy / RUN / "validation.npz", val_acc=np.full((6, 10), 93.1))
    altered(copy / RUN / "weights/Server_r1.npz", all=None)
    (copy / RUN / "weights/Client-0_r5.npz").write_bytes(b"broken")
    (copy / RUN / "checkpoints/Server/Server_r3.cp").write_bytes(b"broken")
    status, lines = check(copy)
    assert status == 1
    problems = "\n".join(line for line in lines if line.startswith("problem: "))
    for words in (
        "Client-0_local.npz: 'local' has shape (499,); expected (500,) or (500, n_classes)",
        "Client-0_Server_r7.npz: 'local' has 500 of 500 class ids out of range (found 10 to 10)",
        "validation.npz: 'val_acc' of Client-0 has 10 values out of range, 93.1 first; expected",
        "Server_r1.npz: lacks all; has layers",
        "Client-0_r5.npz: found 6 bytes without a zip directory",
        "Server_r3.cp: found 6 bytes without a zip directory",
    ):
        assert words in problems
    assert not lines[-1].startswith("{")
    assert "cannot be used: 6 problems" in lines


def test_every_problem_of_the_samples_is_told(check, copy):
    with np.load(copy / SAMPLES, allow_pickle=True) as archive:
        local, truth = archive["local"], archive["ground_truth"]
    systematic = local.copy()
    systematic[0] = np.full((400, 784), np.nan)
    truth[0] = np.full(500, 11)
    altered(copy / SAMPLES, systematic=systematic, ground_truth=truth, test_size=np.array([1, 2]))
    status, lines = check(copy)
    assert status == 1
    text = "\n".join(lines)
    assert "samples.npz: 'systematic' of Client-0 has 313600 values of 313600 that are not" in text
    assert "samples.npz: 'ground_truth' of Client-0 has 500 of 500 class ids out of range" in text
    assert "samples.npz: 'test_size' is [1, 2]; expected a size for each of 6 clients" in text
    assert check(copy, "--client", "Client-1")[0] == 1  # test_size is everybody's


def test_another_clients_broken_files_do_not_matter(check, copy):
    for path in (copy / RUN).rglob("Client-4_*"):
        path.write_bytes(b"broken")
    assert check(copy)[0] == 0
    assert check(copy, "--client", "Client-4")[0] == 1


def test_a_broken_affinity_file_is_no_problem(check, copy):
    (copy / "cache/affinity_mnist.npz").write_bytes(b"broken")
    status, lines = check(copy)
    assert status == 0
    assert any(line.startswith("warning: ") and "affinity_mnist" in line for line in lines)


def test_without_the_stand_alone_model_there_is_nothing_to_compare(check, copy):
    (copy / RUN / "outputs/Client-0_local.npz").unlink()
    status, lines = check(copy)
    assert status == 1
    assert any("Client-0_local.npz: no such file" in line for line in lines)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", None])
def test_samples_that_cannot_be_read_are_one_problem(check, copy, content):
    if content is None:
        altered(copy / SAMPLES, client_names=None)
    else:
        (copy / SAMPLES).write_bytes(content)
    status, lines = check(copy)
    assert status == 1
    assert len(lines) == 1
    assert "samples.npz" in lines[0]


def test_a_dataset_without_a_history_is_unusable(check, copy):
    shutil.rmtree(copy / RUN)
    status, lines = check(copy)
    assert status == 1
    assert "whose history is not in" in lines[0]


def test_unknown_names_and_folders_are_bad_arguments(check, published, tmp_path):
    assert check(published, dataset="cifar") == (
        2,
        [f"no dataset 'cifar' in {published}; there are: mnist"],
    )
    status, lines = check(published, "--client", "Client-9")
    assert status == 2
    assert "no client 'Client-9'; there are Client-0" in lines[0]
    assert check(published, "--client", "")[0] == 2
    assert check(tmp_path / "absent")[0] == 2
    with pytest.raises(SystemExit, match="2"):
        main(["check"])


def test_a_wrong_setting_is_a_bad_argument(check, published, monkeypatch):
    monkeypatch.setenv("FLHETERO_MAX_ARRAY_BYTES", "many")
    status, lines = check(published)
    assert status == 2
    assert "MAX_ARRAY_BYTES is 'many'" in lines[0]


def test_the_data_folder_is_left_alone_and_nothing_stays(check, copy, tmp_path, monkeypatch):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    before = {path: path.stat().st_mtime_ns for path in sorted(copy.rglob("*"))}
    assert check(copy)[0] == 0
    assert {path: path.stat().st_mtime_ns for path in sorted(copy.rglob("*"))} == before
    assert list(temporary.iterdir()) == []


def test_a_cache_folder_that_was_chosen_is_used(check, copy, tmp_path, monkeypatch):
    monkeypatch.setenv("FLHETERO_CACHE_DIR", str(tmp_path / "chosen"))
    assert check(copy)[0] == 0
    assert list((tmp_path / "chosen" / "arrays").iterdir())
    monkeypatch.setenv("FLHETERO_CACHE_DIR", str(copy / "inside"))
    assert check(copy)[0] == 0
    assert not (copy / "inside").exists()


def test_names_do_not_reach_the_terminal_as_control_characters(check, copy):
    with np.load(copy / SAMPLES, allow_pickle=True) as archive:
        names = archive["client_names"].astype("<U20")
    names[1] = "\x1b[31m/red"
    altered(copy / SAMPLES, client_names=names)
    status, lines = check(copy)
    assert status == 1
    assert "\x1b" not in "\n".join(lines)
