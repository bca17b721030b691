from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from flhetero_dash.analysis.networks import (
    BUILT_IN,
    Cifar10Network,
    FaceNetwork,
    HeartNetwork,
    MnistNetwork,
    build,
)
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings


def parameter_shapes(network: nn.Module) -> dict[str, tuple[int, ...]]:
    return {
        name: tuple(values.shape)
        for name, values in network.state_dict().items()
        if name.endswith("weight")
    }


@pytest.mark.parametrize(
    ("network", "shape", "weights"),
    [
        (
            Cifar10Network,
            (3, 32, 32),
            {
                "conv1.0.weight": (6, 3, 5, 5),
                "conv2.0.weight": (16, 6, 5, 5),
                "fc1.1.weight": (120, 400),
                "fc2.0.weight": (84, 120),
                "fc3.weight": (10, 84),
            },
        ),
        (
            FaceNetwork,
            (3, 28, 28),
            {
                "conv1.0.weight": (16, 3, 3, 3),
                "conv2.0.weight": (32, 16, 3, 3),
                "conv3.0.weight": (64, 32, 3, 3),
                "fc1.1.weight": (2, 64),
            },
        ),
        (
            MnistNetwork,
            (1, 28, 28),
            {
                "conv1.0.weight": (8, 1, 5, 5),
                "conv2.0.weight": (16, 8, 5, 5),
                "fc1.1.weight": (64, 256),
                "fc2.weight": (10, 64),
            },
        ),
        (HeartNetwork, (15,), {"fc1.0.weight": (16, 15), "fc2.weight": (2, 16)}),
    ],
)
def test_state_dict_keys_and_shapes_are_those_of_the_layout(network, shape, weights):
    made = network()
    assert parameter_shapes(made) == weights
    n_classes = list(weights.values())[-1][0]
    for last in list(made.parameters())[-2:]:
        nn.init.constant_(last, -1.0)
    scores = made(torch.zeros(2, *shape))
    assert scores.shape == (2, n_classes)
    assert (scores <= -1).all()  # no ReLU after the last layer


@pytest.mark.parametrize(
    ("checkpoint", "round_index"),
    [("Client-0/Client-0_Local_best.cp", None), ("Server/Server_r9.cp", 9)],
)
def test_the_published_models_answer_as_they_did(
    published: Path, tmp_path, checkpoint, round_index
):
    reader = HistoryReader(Settings(data_dir=published, cache_dir=tmp_path))
    outputs = (
        reader.local_outputs("mnist", "Client-0")
        if round_index is None
        else reader.global_outputs("mnist", "Client-0", round_index)
    )
    assert outputs is not None
    recorded = outputs.classes["local"]
    local = reader.samples("mnist", "Client-0").inputs["local"]
    pictures = local.astype(np.float32).reshape(-1, 1, 28, 28)
    state = published / "history/mnist/checkpoints" / checkpoint
    network = build(BUILT_IN["mnist"]).eval()
    network.load_state_dict(torch.load(state, weights_only=True))  # strict: every key matches
    with torch.no_grad():
        classes = network(torch.from_numpy((pictures / 255 - 0.5) / 0.5)).argmax(dim=1)
    assert classes.tolist() == recorded.tolist()


def test_every_built_in_network_can_be_built():
    assert {type(build(spec)) for spec in BUILT_IN.values()} == {
        Cifar10Network,
        FaceNetwork,
        HeartNetwork,
        MnistNetwork,
    }


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("flhetero_dash.analysis.networks", "expected 'package.module:Class'"),
        (":MnistNetwork", "expected 'package.module:Class'"),
        ("no_such_package.models:Net", "cannot be imported: No module named 'no_such_package'"),
        ("flhetero_dash.analysis.networks:Missing", "cannot be imported: .*'Missing'"),
        ("builtins:dict", "makes a dict, not a torch module"),
    ],
)
def test_a_wrong_spec_is_told_by_name(spec, message):
    with pytest.raises(ValueError, match=message):
        build(spec)
