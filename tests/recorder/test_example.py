"""The example of a plain PyTorch loop: every file is there, and says what its checkpoints say."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from flhetero_dash.data.checkpoints import read_state_dict
from flhetero_dash.data.inventory import take_inventory
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings
from preprocess.__main__ import main

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "pytorch_loop.py"
CLIENTS, N_ROUNDS = ("north", "south", "west"), 5
MOST_LINES = 40
PARAMETERS = ("norm.weight", "norm.bias", "conv.weight", "conv.bias", "fc.weight", "fc.bias")
LAYERS = ("norm", "conv", "fc")

FILES = {
    "datasets/digits/samples.npz",
    "history/digits/manifest.json",
    "history/digits/model_info.npz",
    "history/digits/summary.npz",
    "history/digits/validation.npz",
    "history/digits/weights/batchnorm.npz",
    "history/digits/weights/cosines.npz",
    "history/digits/weights/norms.npz",
    "history/digits/weights/shares.npz",
    "history/digits/weights/weights_0.npz",
    *(f"history/digits/outputs/{c}_{m}.npz" for c in CLIENTS for m in ("local", "local_1")),
    *(f"history/digits/checkpoints/{c}/{c}_Local_best.cp" for c in CLIENTS),
    *(
        path
        for r in range(N_ROUNDS)
        for path in (
            f"history/digits/checkpoints/Server/Server_r{r}.cp",
            f"history/digits/weights/Server_r{r}.npz",
            *(f"history/digits/weights/{c}_r{r}.npz" for c in CLIENTS),
            *(f"history/digits/outputs/{c}_Server_r{r}.npz" for c in CLIENTS),
            *(f"history/digits/outputs/{c}_update_r{r}.npz" for c in CLIENTS),
        )
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Run the example, and keep every client's update beside what it records."""
    folder = tmp_path_factory.mktemp("example")
    program = (
        f"import runpy, torch\ntorch.set_num_threads(1)\ntorch.manual_seed(0)\n"
        f"torch.save(runpy.run_path({str(EXAMPLE)!r})['updates'], 'last_updates.pt')"
    )
    subprocess.run(  # noqa: S603
        [sys.executable, "-W", "error", "-c", program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
    )
    return folder


@pytest.fixture(scope="module")
def reader(folder):
    return HistoryReader(Settings(data_dir=folder / "data", cache_dir=folder / "cache"))


@pytest.fixture(scope="module")
def states(folder):
    """Read the checkpoints: the server's by round, the clients' own by name."""
    place = folder / "data" / "history" / "digits" / "checkpoints"
    found: dict[object, dict[str, torch.Tensor]] = {}
    found |= {c: read_state_dict(place / c / f"{c}_Local_best.cp") for c in CLIENTS}
    for r in range(N_ROUNDS):
        found[r] = read_state_dict(place / "Server" / f"Server_r{r}.cp")
    return found


def network() -> nn.Module:
    layers = nn.Sequential(nn.Unflatten(1, (1, 8, 8)), nn.BatchNorm2d(1))
    return layers.extend([nn.Conv2d(1, 32, 3, padding=1), nn.ReLU(), nn.Flatten()]).append(
        nn.Linear(2048, 10)
    )


def classes(state, X):
    model = network()
    renamed = {"norm": "1", "conv": "2", "fc": "5"}
    model.load_state_dict(
        {f"{renamed[k.partition('.')[0]]}.{k.partition('.')[2]}": v for k, v in state.items()}
    )
    with torch.no_grad():
        return model.eval()(torch.tensor(np.array(X), dtype=torch.float32)).argmax(dim=1).numpy()


def vector(state, layer=""):
    parts = [state[name].numpy().ravel() for name in PARAMETERS if name.startswith(layer)]
    return np.concatenate(parts).astype(float)


def test_it_is_short():
    lines = EXAMPLE.read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= MOST_LINES


def test_every_file_is_there(folder):
    data = folder / "data"
    written = {str(path.relative_to(data)) for path in data.rglob("*") if path.is_file()}
    assert {name for name in written if "/recording/" not in name} == FILES


def test_the_dashboard_has_nothing_to_say_against_it(folder, capsys, reader):
    for client in CLIENTS:
        arguments = ["check", "--data", str(folder / "data"), "--dataset", "digits"]
        assert main([*arguments, "--client", client]) == 0
        assert "can be used, with 0 warnings" in capsys.readouterr().out
        assert take_inventory(reader, "digits", client).findings.warnings == []


def test_outputs_and_flips_are_those_of_the_checkpoints(reader, states):
    summary = reader.summary("digits")
    for row, client in enumerate(CLIENTS):
        samples = reader.samples("digits", client)
        local_outputs = reader.local_outputs("digits", client)
        for key in ("local", "stratified", "systematic"):
            expected = classes(states[client], samples.inputs[key])
            np.testing.assert_array_equal(local_outputs.classes[key], expected)
        X, truth = samples.inputs["local"], samples.ground_truth
        local = classes(states[client], X)
        held = samples.split == "heldout"
        for r in range(N_ROUNDS):
            federated = classes(states[r], X)
            outputs = reader.global_outputs("digits", client, r)
            np.testing.assert_array_equal(outputs.classes["local"], federated)
            np.testing.assert_array_equal(
                outputs.classes["systematic"], classes(states[r], samples.inputs["systematic"])
            )
            found = [summary.inconsistent, summary.negative_flips, summary.positive_flips]
            assert [int(counts[row, r]) for counts in found] == [
                np.sum(local != federated),
                np.sum((local == truth) & (federated != truth)),
                np.sum((local != truth) & (federated == truth)),
            ]
            accuracy = reader.history("digits").val_acc[row, r]
            assert accuracy == pytest.approx(np.mean((federated == truth)[held]))


def test_norms_and_cosines_are_those_of_the_checkpoints(folder, reader, states):
    updates = torch.load(folder / "last_updates.pt", weights_only=True)
    last = N_ROUNDS - 1
    for client in CLIENTS:
        weights = reader.weights("digits", client)
        assert weights.layer_names == LAYERS
        for r in range(1, N_ROUNDS):
            for row, layer in enumerate((*LAYERS, "")):
                change = vector(states[r], layer) - vector(states[r - 1], layer)
                assert weights.norms[1, row, r] == pytest.approx(np.linalg.norm(change), rel=1e-6)
        for row, layer in enumerate((*LAYERS, "")):
            own = vector(updates[client], layer) - vector(states[last - 1], layer)
            change = vector(states[last], layer) - vector(states[last - 1], layer)
            cosine = own @ change / np.linalg.norm(own) / np.linalg.norm(change)
            assert weights.cosines[row, last] == pytest.approx(cosine, abs=1e-6)
            assert weights.norms[0, row, last] == pytest.approx(np.linalg.norm(own), rel=1e-6)
        np.testing.assert_allclose(weights.shares, 1 / 3)


def test_sampled_weights_are_values_of_the_checkpoints_at_one_place(reader, states):
    weights = reader.weights("digits", "north")
    first, last = vector(states[0]), vector(states[N_ROUNDS - 1])
    order = np.argsort(first, kind="stable")
    at = order[np.searchsorted(first[order], weights.server[-1][0])]
    np.testing.assert_array_equal(weights.server[-1][0], first[at])
    unique = np.array([np.sum(first == value) == 1 for value in weights.server[-1][0]])
    assert unique.mean() > 0.9
    np.testing.assert_array_equal(weights.server[-1][-1][unique], last[at[unique]])


def test_the_gap_of_batch_statistics_is_that_of_the_last_update(folder, reader, states):
    updates = torch.load(folder / "last_updates.pt", weights_only=True)
    server = states[N_ROUNDS - 1]
    deviation = np.sqrt(server["norm.running_var"].numpy())
    for client in CLIENTS:
        own = updates[client]
        gaps = [
            np.abs((own["norm.running_mean"] - server["norm.running_mean"]).numpy()) / deviation,
            np.abs(np.sqrt(own["norm.running_var"].numpy()) - deviation) / deviation,
        ]
        found = reader.weights("digits", client).batchnorm[-1]
        assert found == pytest.approx(float(np.mean(gaps)), rel=1e-4)
