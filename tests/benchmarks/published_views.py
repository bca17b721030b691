"""Grad-CAM, paths of weights and clicks in the published system's way: our own plain form."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sklearn.decomposition import PCA

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

if TYPE_CHECKING:
    import torch
    from torch import nn


def grad_cam_loop(
    model: "nn.Module",
    blocks: "Sequence[nn.Module]",
    X: SampleArray,
    shape: tuple[int, ...],
    y_true: IntArray,
) -> FloatArray:
    """Heat maps of 8-bit pictures one by one, (n_layers, n, height, width).

    Of each block's output: the sum over channels of ReLU(-gradient * output), with the gradient
    of the cross-entropy with the ground truth.
    """
    import torch
    from torch.nn import functional

    outputs: dict[nn.Module, torch.Tensor] = {}

    def keep(module: "nn.Module", _inputs: object, output: "torch.Tensor") -> None:
        output.retain_grad()
        outputs[module] = output

    model.eval()
    hooks = [block.register_forward_hook(keep) for block in blocks]
    heatmaps = np.zeros((len(blocks), len(X), *shape[1:]), dtype=np.float32)
    for number, (picture, label) in enumerate(zip(X, y_true, strict=True)):
        scaled = torch.from_numpy(np.asarray(picture, dtype=np.float32).reshape(1, *shape))
        scores = model((scaled / 255 - 0.5) / 0.5)
        model.zero_grad()
        functional.cross_entropy(scores, torch.tensor([int(label)])).backward()
        for layer, block in enumerate(blocks):
            output = outputs[block]
            assert output.grad is not None
            plane = functional.relu(-output.grad * output.detach()).sum(dim=1, keepdim=True)
            large = functional.interpolate(
                plane, size=shape[1:], mode="bilinear", align_corners=True
            )[0, 0]
            heatmaps[layer, number] = large / large.max() if large.max() > 0 else large
    for hook in hooks:
        hook.remove()
    return heatmaps


def projected_weights(
    initial: Sequence[FloatArray], client: Sequence[FloatArray], server: Sequence[FloatArray]
) -> list[tuple[FloatArray, FloatArray, FloatArray]]:
    """Coordinates of initial, client and server weights, by layer: a PCA of the server's."""
    found = []
    for start, own, path in zip(initial, client, server, strict=True):
        pca = PCA(n_components=2).fit(path)
        found.append((pca.transform(start[None, :])[0], pca.transform(own), pca.transform(path)))
    return found


def read_weights(
    folder: Path, client: str, n_rounds: int
) -> tuple[list[FloatArray], list[FloatArray]]:
    """Weights of the client and the server, (n_rounds, n) a layer: every file, each time."""
    stacked: list[list[FloatArray]] = []
    for owner in (client, "Server"):
        rounds = []
        for index in range(n_rounds):
            with np.load(folder / f"{owner}_r{index}.npz", allow_pickle=True) as archive:  # noqa: S301
                rounds.append([*archive["layers"], archive["all"]])
        stacked.append([np.stack(layer).astype(np.float64) for layer in zip(*rounds, strict=True)])
    return stacked[0], stacked[1]


def clicked_record(
    home: Path, history: Path, client: str, round_index: int, record: int
) -> tuple[SampleArray, int, int, int]:
    """One record with its labels: the whole files are opened for it."""
    X, y_true = _samples(home, client)
    federated = _outputs(history, f"{client}_Server_r{round_index}")
    alone = _outputs(history, f"{client}_local")
    return X[record], int(y_true[record]), int(federated[record]), int(alone[record])


def clicked_attribute(
    home: Path, history: Path, client: str, round_index: int, attribute: int
) -> tuple[IntArray, IntArray]:
    """Histograms of one attribute of consistent and inconsistent records, 20 bins."""
    X, _ = _samples(home, client)
    federated = _outputs(history, f"{client}_Server_r{round_index}")
    differ = federated != _outputs(history, f"{client}_local")
    column = X[:, attribute]
    bounds = (float(column.min()), float(column.max()))
    return (
        np.histogram(column[~differ], bins=20, range=bounds)[0],
        np.histogram(column[differ], bins=20, range=bounds)[0],
    )


def _samples(home: Path, client: str) -> tuple[SampleArray, IntArray]:
    with np.load(home / "samples.npz", allow_pickle=True) as archive:  # noqa: S301
        row = archive["client_names"].tolist().index(client)
        return archive["local"][row], archive["ground_truth"][row]


def _outputs(history: Path, name: str) -> IntArray:
    with np.load(history / "outputs" / f"{name}.npz") as archive:
        return np.asarray(archive["local"])
