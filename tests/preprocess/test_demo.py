"""The demo: a real federation in the layout, the same for a seed, whole or absent."""

import functools
import json
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.analysis.networks import MnistNetwork
from flhetero_dash.data.checkpoints import read_state_dict
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings
from preprocess import demo, typographic
from preprocess.__main__ import main
from preprocess.federated_averaging import initial_state
from preprocess.federation import Federation
from preprocess.typographic import (
    Typeface,
    TypographicConfig,
    handwritten_digits,
    typographic_federation,
)

TINY = TypographicConfig(
    handwritten=(60, 50, 40),
    typefaces=(Typeface("cmr10.ttf", digit=7, count=12),),
    n_rounds=2,
    local_steps=3,
    n_strata=3,
    n_per_stratum=2,
    n_grid=4,
)


@pytest.fixture(scope="module", autouse=True)
def read_once():
    """Parse the digits once: that takes longer than a tiny training."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typographic, "handwritten_digits", functools.cache(handwritten_digits))
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    demo.make_demo(folder, "typographic", typographic_federation(TINY))
    return folder


@pytest.fixture
def tiny(monkeypatch):
    def federation(seed: int) -> Federation:
        return typographic_federation(replace(TINY, seed=seed))

    monkeypatch.setitem(demo.FEDERATIONS, "typographic", federation)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".demo.lock"
    }


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(made, tmp_path):
    demo.make_demo(tmp_path / "again", "typographic", typographic_federation(TINY))
    assert contents(tmp_path / "again") == contents(made)
    other = typographic_federation(replace(TINY, seed=1))
    demo.make_demo(tmp_path / "other", "typographic", other)
    samples = "datasets/typographic/samples.npz"
    assert contents(tmp_path / "other")[samples] != contents(made)[samples]


def test_check_finds_all_of_the_layout_and_nothing_wrong(made, capsys):
    assert main(["check", "--data", str(made), "--dataset", "typographic"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "can be used, with 0 warnings" in lines
    found = json.loads(lines[-1])
    assert (found["n"], found["d"]) == (72, 784)
    assert len(found["inconsistent"]) == 2


def test_everything_that_the_writer_adds_is_there(made, tmp_path):
    reader = HistoryReader(Settings(data_dir=made, cache_dir=tmp_path))
    federation = reader.federation("typographic")
    assert federation.manifest is not None
    assert federation.manifest["aggregation"] == "FedAvg"
    assert reader.second_local_outputs("typographic", "Client-0") is not None
    update = reader.update_outputs("typographic", "Client-1", 1)
    assert update is not None
    assert update.scores["local"].shape == (50, 10)
    np.testing.assert_allclose(update.scores["local"].sum(axis=1), 1, atol=0.01)  # half precision
    weights = reader.weights("typographic", "Client-2")
    assert weights is not None
    assert weights.cosines_recorded
    assert weights.norms is not None
    np.testing.assert_allclose(
        weights.cosines, weights.norms[2] / (weights.norms[0] * weights.norms[1]), atol=1e-6
    )
    assert weights.shares is not None
    np.testing.assert_allclose(weights.shares, 1 / 3)
    summary = reader.summary("typographic")
    assert summary is not None
    local = reader.local_outputs("typographic", "Client-0")
    after = reader.global_outputs("typographic", "Client-0", 1)
    assert local is not None
    assert after is not None
    n_different = np.sum(local.classes["local"] != after.classes["local"])
    assert summary.inconsistent[0, 1] == n_different


def test_norms_of_the_server_are_those_of_its_checkpoints(made, tmp_path):
    reader = HistoryReader(Settings(data_dir=made, cache_dir=tmp_path))
    weights = reader.weights("typographic", "Client-1")
    assert weights is not None
    assert weights.norms is not None
    before = initial_state(MnistNetwork, TINY.seed)
    for index in range(TINY.n_rounds):
        path = reader.checkpoint("typographic", "Client-1", index)
        assert path is not None
        after = read_state_dict(path)
        change = np.concatenate([(after[key] - before[key]).numpy().ravel() for key in before])
        assert len(change) > 20_000  # all parameters, not the sampled ones
        np.testing.assert_allclose(weights.norms[1, -1, index], np.linalg.norm(change), rtol=1e-5)
        before = after


def test_the_planted_records_are_the_printed_digits(made, tmp_path):
    planted = json.loads((made / "datasets/typographic/planted.json").read_text())
    assert list(planted) == ["Client-0"]
    reader = HistoryReader(Settings(data_dir=made, cache_dir=tmp_path))
    samples = reader.samples("typographic", "Client-0")
    assert len(planted["Client-0"]["index"]) == 12
    assert samples.ground_truth is not None
    assert set(samples.ground_truth[planted["Client-0"]["index"]]) == {7}
    # Drawn by one font with a little jitter: far more alike than handwriting.
    X = samples.inputs["local"].astype(float)
    is_printed = np.isin(np.arange(len(X)), planted["Client-0"]["index"])
    assert X[is_printed].std(axis=0).mean() < 0.6 * X[~is_printed].std(axis=0).mean()


def test_a_demo_that_is_there_is_left_alone(tiny, tmp_path, capsys):
    arguments = ["demo", "--out", str(tmp_path)]
    assert main(arguments) == 0
    mark = tmp_path / "datasets/typographic/planted.json"
    mark.write_text("{}")
    assert main(arguments) == 0
    assert "already" in capsys.readouterr().out
    assert mark.read_text() == "{}"
    assert main([*arguments, "--force"]) == 0
    assert "Client-0" in mark.read_text()


def test_half_a_demo_is_told(tiny, tmp_path, capsys):
    (tmp_path / "datasets/typographic").mkdir(parents=True)
    assert main(["demo", "--out", str(tmp_path)]) == 1
    assert "--force" in capsys.readouterr().out


def test_a_run_that_is_stopped_leaves_nothing(tiny, tmp_path, monkeypatch):
    def stopped(_bar, done: int, _total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    monkeypatch.setattr(demo._Bar, "__call__", stopped)
    with pytest.raises(KeyboardInterrupt):
        main(["demo", "--out", str(tmp_path)])
    assert list(contents(tmp_path)) == []


def test_a_run_that_is_killed_leaves_no_dataset_and_the_next_one_tidies_up(tiny, tmp_path):
    script = """if True:
        import os, signal, sys
        from preprocess import demo
        from preprocess.__main__ import main
        from preprocess.typographic import TypographicConfig, typographic_federation

        def kill(_bar, done, _total):
            if done == 2:
                os.kill(os.getpid(), signal.SIGKILL)

        demo._Bar.__call__ = kill
        tiny = TypographicConfig(handwritten=(120, 110), n_rounds=1, local_steps=1)
        demo.FEDERATIONS["typographic"] = lambda seed: typographic_federation(tiny)
        main(["demo", "--out", sys.argv[1]])
    """
    killed = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script, tmp_path], cwd=demo.ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    left_over = tmp_path / ".demo-partial/history/typographic/left_over.npz"
    left_over.touch()  # in the partial folder, which is there
    reader = HistoryReader(Settings(data_dir=tmp_path, cache_dir=tmp_path / "cache"))
    assert reader.datasets() == ()
    assert main(["demo", "--out", str(tmp_path)]) == 0
    assert not (tmp_path / ".demo-partial").exists()
    assert not [name for name in contents(tmp_path) if "left_over" in name]
    assert [entry.problem for entry in reader.datasets()] == [None]


def test_if_empty_makes_a_demo_only_where_there_is_no_dataset(tiny, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("FLHETERO_DATA_DIR", str(tmp_path))
    (tmp_path / "datasets/mine").mkdir(parents=True)
    capsys.readouterr()
    assert main(["demo", "--if-empty"]) == 0
    assert capsys.readouterr().out == ""
    assert [entry.name for entry in tmp_path.iterdir()] == ["datasets"]
    (tmp_path / "datasets/mine").rmdir()
    assert main(["demo", "--if-empty"]) == 0
    assert (tmp_path / "history/typographic/manifest.json").is_file()


def test_progress_is_told_up_to_the_end(tiny, tmp_path, capsys):
    main(["demo", "--out", str(tmp_path)])
    assert "8/8, 0 s left" in capsys.readouterr().out
