"""The command `replay`: what it fills is what was recorded."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from preprocess.__main__ import main

OUTPUTS = Path("history/mnist/outputs")


@pytest.fixture
def copy(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "data"
    shutil.copytree(published, folder)
    monkeypatch.setenv("FLHETERO_DATA_DIR", str(folder))
    monkeypatch.setenv("FLHETERO_CACHE_DIR", str(tmp_path / "cache"))
    return folder


def replay(*options: str) -> int:
    return main(["replay", "--dataset", "mnist", *options])


def same(path: Path, other: Path) -> list[float]:
    with np.load(path, allow_pickle=True) as ours, np.load(other, allow_pickle=True) as theirs:
        return [float(np.mean(ours[key] == theirs[key])) for key in theirs.files]


def test_what_is_filled_is_what_was_recorded(copy, published, capsys):
    names = ["Client-1_local.npz", "Client-1_Server_r3.npz", "Client-1_Server_r4.npz"]
    for name in names:
        (copy / OUTPUTS / name).unlink()
    before = (copy / OUTPUTS / "Client-1_Server_r5.npz").read_bytes()
    assert replay() == 0
    assert capsys.readouterr().out.splitlines() == [
        "Client-1: stand-alone model, rounds 4 to 5",
        "files written: 3",
    ]
    for name in names:
        assert same(copy / OUTPUTS / name, published / OUTPUTS / name) == [1.0, 1.0, 1.0]
    assert (copy / OUTPUTS / "Client-1_Server_r5.npz").read_bytes() == before
    assert main(["check", "--data", str(copy), "--dataset", "mnist", "--client", "Client-1"]) == 0


def test_without_a_checkpoint_there_is_nothing_to_fill(copy, capsys):
    (copy / OUTPUTS / "Client-1_Server_r3.npz").unlink()
    (copy / "history/mnist/checkpoints/Server/Server_r3.cp").unlink()
    assert replay("--client", "Client-1") == 0
    assert "nothing to fill" in capsys.readouterr().out


def test_the_command_that_fills_a_gap_is_named_where_it_can(copy, capsys):
    (copy / OUTPUTS / "Client-1_Server_r3.npz").unlink()
    (copy / OUTPUTS / "Client-1_Server_r4.npz").unlink()
    (copy / "history/mnist/checkpoints/Server/Server_r4.cp").unlink()
    main(["check", "--data", str(copy), "--dataset", "mnist", "--client", "Client-1"])
    said = [line for line in capsys.readouterr().out.splitlines() if "outputs are missing" in line]
    assert said == [
        "warning: federated model's outputs are missing of rounds 4 to 5: gaps there; "
        "`python -m preprocess replay --dataset mnist` fills round 4 from checkpoints"
    ]


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--client", "nobody"], 2, "nobody"),
        (["--model", "flhetero_dash.analysis.networks:FaceNetwork"], 1, "does not fit the network"),
        (["--model", "nonsense"], 1, "expected 'package.module:Class'"),
        (["--prepare", "numpy:nothing"], 1, "cannot be imported"),
        (["--prepare", "numpy:pi"], 1, "expected a function"),
    ],
)
def test_what_does_not_fit_is_said_and_nothing_is_written(copy, capsys, options, status, words):
    path = copy / OUTPUTS / "Client-1_Server_r3.npz"
    path.unlink()
    assert replay(*options) == status
    assert words in capsys.readouterr().out
    assert not path.exists()


def test_a_function_of_the_users_prepares_the_inputs(copy, published):
    path = copy / OUTPUTS / "Client-1_Server_r3.npz"
    path.unlink()
    assert replay("--prepare", "tests.preprocess.test_replay:scaled") == 0
    assert same(path, published / OUTPUTS / path.name) == [1.0, 1.0, 1.0]


def test_answers_unlike_the_recorded_ones_are_not_written(copy, capsys):
    path = copy / OUTPUTS / "Client-1_Server_r3.npz"
    path.unlink()
    assert replay("--prepare", "tests.preprocess.test_replay:black") == 1
    assert "are its inputs scaled otherwise" in capsys.readouterr().out
    assert not path.exists()


def scaled(X):
    return (X.reshape(-1, 1, 28, 28) / 127.5 - 1).astype(np.float32)


def black(X):
    return np.zeros((len(X), 1, 28, 28), np.float32)
