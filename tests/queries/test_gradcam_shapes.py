"""Grad-CAM of colour pictures that are not square, of networks with one to eight convolutions."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from flhetero_dash.figures.gradcam import gradcam_maps
from flhetero_dash.figures.pictures import picture_address
from flhetero_dash.figures.theme import LIGHT
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import (
    ClientRound,
    ClusterChoice,
    Focus,
    GradCamChoice,
)
from flhetero_dash.settings import Settings
from tests.queries import colour_networks
from tests.queries.test_odd_histories import Study

CHOSEN = ClientRound("study", "A", 1)


def asked(root, rng, name: str) -> Queries:
    study = Study(root)
    X = rng.integers(0, 256, (2, 30, 3 * 4 * 6)).astype(np.uint8)
    study.samples |= {"type": np.array("image"), "shape": np.array([3, 4, 6]), "local": X}
    study.put("model_info.npz", layer_names=np.array([f"conv{at}" for at in range(8)]))
    study.queries()
    torch.manual_seed(1)
    for path in ("Server/Server_r1.cp", "A/A_Local_best.cp"):
        target = study.history / "checkpoints" / path
        target.parent.mkdir(parents=True)
        torch.save(getattr(colour_networks, name)().state_dict(), target)
    settings = Settings(
        root,
        root / "cache",
        models={"study": f"{colour_networks.__name__}:{name}"},
        normalize={"study": ((0.5, 0.4, 0.3), (0.2, 0.2, 0.2))},
    )
    return Queries.over(Sources(settings, JobsHere()))


@pytest.mark.parametrize(("name", "n_layers"), [("One", 1), ("Eight", 8)])
def test_every_convolution_has_a_map_in_the_pictures_own_shape(tmp_path, rng, name, n_layers):
    queries = asked(tmp_path, rng, name)
    for choice in (GradCamChoice(), GradCamChoice("record", "truth", "published", 3)):
        maps = queries.gradcam.maps(CHOSEN, ClusterChoice(), Focus(), choice)
        assert maps.layers == tuple(f"conv{at}" for at in range(n_layers))
        assert maps.federated.shape == maps.standalone.shape == (n_layers, 4, 6)
        assert 0 <= maps.federated.min() <= maps.federated.max() <= 1
    picture = queries.records.pictures("study", "A", "local", [3])
    assert picture.shape == (4, 6, 3)
    figure = gradcam_maps(
        maps.federated, maps.standalone, maps.layers, LIGHT, picture_address(picture)
    )
    shapes = {np.shape(trace.z) for trace in figure.data if trace.type == "heatmap"}
    assert shapes == {(4, 6)}


def test_a_sheet_of_colour_pictures_keeps_their_colours(tmp_path, rng):
    queries = asked(tmp_path, rng, "One")
    X = queries.learning.samples("study", "A").inputs["local"]
    row = queries.records.pictures("study", "A", "local", [2, 5])
    np.testing.assert_array_equal(row[:, 6:], X[5].reshape(3, 4, 6).transpose(1, 2, 0))
    stream = io.BytesIO()
    Image.fromarray(row).save(stream, "png")
    assert Image.open(stream).mode == "RGB"
