"""Grad-CAM: which parts of a picture speak for a class (imports torch)."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn
from torch.nn import functional
from torchvision.transforms.v2 import functional as pictures

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

Variant = Literal["gradcam", "published"]

_BATCH_SIZE = 256


@dataclass(frozen=True)
class PictureScaling:
    """How stored values become what the model was trained on.

    Attributes
    ----------
    means, stds : tuple of float
        One per channel, or one for all; applied after the division.
    divisor : float or None
        What stored values are divided by; None: 255 for integers, 1 for others.
    """

    means: tuple[float, ...] = (0.5,)
    stds: tuple[float, ...] = (0.5,)
    divisor: float | None = None


@dataclass(frozen=True)
class GradCam:
    """Heat maps of records, by convolution layer.

    Attributes
    ----------
    layer_names : tuple of str
    heatmaps : float32 ndarray of shape (n_layers, n_samples, height, width)
        From 0 to 1, the maximum of each map being 1; a map that is zero everywhere stays so.
    class_index : ndarray of int, shape (n_samples,)
        The class that each record's maps speak for.
    """

    layer_names: tuple[str, ...]
    heatmaps: FloatArray
    class_index: IntArray


@dataclass(frozen=True)
class ConvolutionLayer:
    """A convolution of a model.

    Attributes
    ----------
    name : str
        As in the recorded layer names, else its place in the model.
    convolution, block : torch.nn.Module
        The convolution itself, and the block with what follows it (activation, pooling).
    """

    name: str
    convolution: nn.Module
    block: nn.Module


def convolution_layers(
    model: nn.Module, layer_names: Sequence[str] = ()
) -> tuple[ConvolutionLayer, ...]:
    """Find the convolutions of a model.

    Parameters
    ----------
    model : torch.nn.Module
    layer_names : sequence of str, optional
        Recorded layer names. Those that contain "conv" and name a module with a convolution
        (both in any case) are taken; when there are none, every convolution of the model.

    Returns
    -------
    tuple of ConvolutionLayer
        In the order of the names, else of the model; empty when there is no convolution.
    """
    modules = {name.lower(): module for name, module in model.named_modules() if name}
    named = [
        ConvolutionLayer(name, found[-1], modules[name.lower()])
        for name in layer_names
        if "conv" in name.lower() and name.lower() in modules
        if (found := _convolutions(modules[name.lower()]))
    ]
    if named:
        return tuple(named)
    blocks = {
        found[0]: block
        for block in model.modules()  # outer ones first, so that the innermost block stays
        if isinstance(block, nn.Sequential) and block is not model
        if len(found := _convolutions(block)) == 1
    }
    return tuple(
        ConvolutionLayer(name, module, blocks.get(module, module))
        for name, module in model.named_modules()
        if isinstance(module, nn.Conv2d)
    )


def grad_cam(
    model: nn.Module,
    X: SampleArray,
    shape: tuple[int, ...],
    class_index: IntArray | None = None,
    variant: Variant = "gradcam",
    layer_names: Sequence[str] = (),
    scaling: PictureScaling = PictureScaling(),  # noqa: B008 - frozen, so it can be shared
    device: str = "cpu",
) -> GradCam:
    """Compute the heat maps of records, one forward and one backward pass for a batch.

    Parameters
    ----------
    model : torch.nn.Module
        Gives class scores (n, n_classes) for pictures (n, channels, height, width). It is moved
        to the device, runs as in evaluation, and gets its mode back.
    X : ndarray of shape (n_samples, n_features)
        Pictures as stored, channel after channel.
    shape : tuple of int
        (channels, height, width) or (height, width).
    class_index : ndarray of int, shape (n_samples,), optional
        Class to explain, for example the ground truth; default the predicted one.
    variant : {'gradcam', 'published'}, default='gradcam'
        gradcam: the activation is the convolution's own output, before its ReLU; channels are
        weighted by the spatial mean of the score's gradient, and the sum is rectified.
        published: HetVis's, element by element: the sum over channels of
        ReLU(-gradient * activation), with the gradient of the cross-entropy with
        ``class_index``; the activation is the output of the whole block.
    layer_names : sequence of str, optional
        As for `convolution_layers`.
    scaling : PictureScaling, optional
    device : str, default='cpu'

    Returns
    -------
    GradCam
        Maps brought to the picture's size bilinearly, corner on corner.

    Raises
    ------
    ValueError
        If the shapes do not fit, the model has no convolution, a class does not exist, or the
        published variant lacks its ground truth.

    References
    ----------
    Selvaraju et al. (2017), Grad-CAM, ICCV.
    """
    layers = convolution_layers(model, layer_names)
    _check(X, shape, class_index, variant, layers)
    channels_first = (1, *shape) if len(shape) == 2 else shape
    maps = np.zeros((len(layers), len(X), *channels_first[1:]), dtype=np.float32)
    classes = np.zeros(len(X), dtype=np.int64)
    watched = [layer.block if variant == "published" else layer.convolution for layer in layers]
    with torch.enable_grad(), _watching(model.to(device), watched) as activations:
        for start in range(0, len(X), _BATCH_SIZE):
            part = slice(start, start + _BATCH_SIZE)
            batch = _scaled(X[part], channels_first, scaling).to(device)
            scores = model(batch.requires_grad_())
            wanted = None if class_index is None else class_index[part]
            chosen = _chosen(scores, wanted)
            classes[part] = chosen.cpu().numpy()
            pairs = zip(layers, watched, strict=True)
            found = [_maps_of(layer, activations.get(m)) for layer, m in pairs]
            raw = _layer_maps(scores, chosen, found, variant)
            for layer_maps, plane in zip(maps, raw, strict=True):
                layer_maps[part] = _enlarged(plane, channels_first[1:]).cpu().numpy()
    return GradCam(tuple(layer.name for layer in layers), maps, classes)


def _convolutions(module: nn.Module) -> list[nn.Module]:
    return [part for part in module.modules() if isinstance(part, nn.Conv2d)]


def _check(
    X: SampleArray,
    shape: tuple[int, ...],
    class_index: IntArray | None,
    variant: Variant,
    layers: tuple[ConvolutionLayer, ...],
) -> None:
    if variant not in ("gradcam", "published"):
        raise ValueError(f"variant is {variant!r}, expected 'gradcam' or 'published'")
    if len(shape) not in (2, 3) or X.ndim != 2 or X.shape[1] != math.prod(shape):
        raise ValueError(f"X has shape {X.shape}, expected rows of pictures of shape {shape}")
    if not layers:
        raise ValueError("the model has no convolution")
    if variant == "published" and class_index is None:
        raise ValueError("the published variant needs the ground truth as class_index")
    if class_index is not None and class_index.shape != (len(X),):
        raise ValueError(f"class_index has shape {class_index.shape}, expected ({len(X)},)")


@contextmanager
def _watching(
    model: nn.Module, watched: Sequence[nn.Module]
) -> Iterator[dict[nn.Module, torch.Tensor]]:
    """Put the model into evaluation and keep the outputs of some of its modules."""
    outputs: dict[nn.Module, torch.Tensor] = {}

    def keep(module: nn.Module, _inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> object:
        outputs[module] = output
        # What follows may change its input in place; it gets a copy.
        return output.clone()

    modes = {module: module.training for module in model.modules()}
    handles = [module.register_forward_hook(keep) for module in watched]
    model.eval()
    try:
        yield outputs
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes.items():
            module.training = training


def _scaled(X: SampleArray, shape: tuple[int, ...], scaling: PictureScaling) -> torch.Tensor:
    default = 255.0 if np.issubdtype(X.dtype, np.integer) else 1.0
    divisor = default if scaling.divisor is None else scaling.divisor
    batch = torch.from_numpy(np.asarray(X / divisor, dtype=np.float32).reshape(-1, *shape))
    means, stds = (
        list(values) * shape[0] if len(values) == 1 else list(values)
        for values in (scaling.means, scaling.stds)
    )
    if not len(means) == len(stds) == shape[0]:
        raise ValueError(
            f"scaling has {len(means)} means, {len(stds)} stds for {shape[0]} channels"
        )
    normalized: torch.Tensor = pictures.normalize(batch, means, stds)
    return normalized


def _chosen(scores: torch.Tensor, wanted: IntArray | None) -> torch.Tensor:
    if wanted is None:
        return scores.argmax(dim=1)
    if len(wanted) and not 0 <= wanted.min() <= wanted.max() < scores.shape[1]:
        raise ValueError(
            f"class_index runs from {wanted.min()} to {wanted.max()}, "
            f"the model has {scores.shape[1]} classes"
        )
    return torch.as_tensor(np.asarray(wanted, dtype=np.int64), device=scores.device)


def _maps_of(layer: ConvolutionLayer, output: torch.Tensor | None) -> torch.Tensor:
    if output is None or output.ndim != 4:
        found = "nothing" if output is None else f"shape {tuple(output.shape)}"
        raise ValueError(
            f"layer '{layer.name}' puts out {found}, expected (n, channels, height, width)"
        )
    return output


def _layer_maps(
    scores: torch.Tensor,
    classes: torch.Tensor,
    activations: Sequence[torch.Tensor],
    variant: Variant,
) -> list[torch.Tensor]:
    """Compute maps of shape (n, height, width) in each layer's own size."""
    # Records do not touch each other in evaluation, so the gradient of a sum is each one's own.
    if variant == "published":
        gradients = torch.autograd.grad(
            -functional.cross_entropy(scores, classes, reduction="sum"),
            activations,
            materialize_grads=True,
        )
        pairs = zip(gradients, activations, strict=True)
        return [functional.relu(g * a.detach()).sum(dim=1) for g, a in pairs]
    chosen = scores.gather(1, classes[:, None])
    gradients = torch.autograd.grad(chosen.sum(), activations, materialize_grads=True)
    pairs = zip(gradients, activations, strict=True)
    return [
        functional.relu((g.mean(dim=(2, 3), keepdim=True) * a.detach()).sum(dim=1))
        for g, a in pairs
    ]


def _enlarged(maps: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    enlarged = functional.interpolate(
        maps[:, None], size=size, mode="bilinear", align_corners=True
    )[:, 0]
    peaks = enlarged.amax(dim=(1, 2), keepdim=True)
    return torch.where(peaks > 0, enlarged / peaks.clamp_min(torch.finfo(peaks.dtype).tiny), 0.0)
