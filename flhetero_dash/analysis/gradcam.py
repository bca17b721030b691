"""Grad-CAM: which parts of a picture speak for a class (imports torch)."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from flhetero_dash.analysis.convolutions import (
    ConvolutionLayer,
    convolution_layers,
    watched_outputs,
)
from flhetero_dash.analysis.devices import CPU, torch_device, with_fallback
from flhetero_dash.analysis.picture_scaling import PictureScaling, scaled_pictures
from flhetero_dash.arrays import FloatArray, IntArray, SampleArray

Variant = Literal["gradcam", "published"]

_MOST_RECORDS = 256
# Bytes of activations and gradients for one number of a picture, in a rather wide network.
_BYTES_A_NUMBER = 1600
_GIB = 1 << 30


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


def grad_cam(  # noqa: PLR0913 - what to explain, how, and with what
    model: nn.Module,
    X: SampleArray,
    shape: tuple[int, ...],
    class_index: IntArray | None = None,
    variant: Variant = "gradcam",
    layer_names: Sequence[str] = (),
    scaling: PictureScaling = PictureScaling(),  # noqa: B008 - frozen, so it can be shared
    device: str = CPU,
    *,
    memory_bytes: int = _GIB,
    progress: Callable[[int], None] = lambda _: None,
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
        ``cuda`` falls back to the CPU, with a warning in the log, when its memory is too small.
    memory_bytes : int, default=1 GiB
        Rough bound of the working memory; decides how many records are taken at a time.
    progress : callable, optional
        Is told how many records are done.

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
    by_memory = memory_bytes // (_BYTES_A_NUMBER * math.prod(shape))
    at_a_time = max(1, min(_MOST_RECORDS, by_memory))

    def compute(where: str) -> GradCam:
        explainer = _Explainer(model.to(torch_device(where)), layers, variant)
        parts = [slice(start, start + at_a_time) for start in range(0, len(X), at_a_time)]
        maps: dict[str, FloatArray] = {}
        classes = np.zeros(len(X), dtype=np.int64)
        with torch.enable_grad(), watched_outputs(explainer.model, explainer.watched) as outputs:
            for part in parts:
                batch = scaled_pictures(X[part], channels_first, scaling).to(torch_device(where))
                wanted = None if class_index is None else class_index[part]
                found, chosen = explainer.explain(batch, wanted, outputs)
                classes[part] = chosen.cpu().numpy()
                for name, plane in found.items():
                    if name not in maps:
                        maps[name] = np.zeros((len(X), *channels_first[1:]), dtype=np.float32)
                    maps[name][part] = _enlarged(plane, channels_first[1:]).cpu().numpy()
                progress(min(part.stop, len(X)))
        return GradCam(tuple(maps), np.array(list(maps.values())), classes)

    return with_fallback(compute, device)


class _Explainer:
    """A model, and those of its modules whose outputs are explained."""

    def __init__(
        self, model: nn.Module, layers: tuple[ConvolutionLayer, ...], variant: Variant
    ) -> None:
        self.model, self._layers, self._variant = model, layers, variant
        published = variant == "published"
        self.watched = [layer.block if published else layer.convolution for layer in layers]
        # Networks work faster on pictures that are stored pixel after pixel.
        self._by_pixel = True

    def explain(
        self,
        batch: torch.Tensor,
        wanted: IntArray | None,
        outputs: dict[nn.Module, torch.Tensor],
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """Give a map for each layer that took part, in its own size, and the classes."""
        outputs.clear()
        scores = self._scores(batch.requires_grad_())
        chosen = _chosen(scores, wanted)
        used = [
            (layer, outputs[module])
            for layer, module in zip(self._layers, self.watched, strict=True)
            if module in outputs
        ]
        if not used:
            raise ValueError("the model uses none of its convolutions")
        activations = [_activation_of(layer, output) for layer, output in used]
        maps = _layer_maps(scores, chosen, activations, self._variant)
        return {layer.name: plane for (layer, _), plane in zip(used, maps, strict=True)}, chosen

    def _scores(self, batch: torch.Tensor) -> torch.Tensor:
        if self._by_pixel:
            try:
                return _checked_scores(
                    self.model(batch.contiguous(memory_format=torch.channels_last)), batch
                )
            except torch.OutOfMemoryError:
                raise
            except RuntimeError:  # a `view` in the model: it needs channel after channel
                self._by_pixel = False
        return _checked_scores(self.model(batch), batch)


def _checked_scores(scores: object, batch: torch.Tensor) -> torch.Tensor:
    if not isinstance(scores, torch.Tensor) or scores.ndim != 2 or len(scores) != len(batch):
        found = tuple(scores.shape) if isinstance(scores, torch.Tensor) else type(scores).__name__
        raise ValueError(f"the model gives {found}, expected scores (n, n_classes)")
    return scores


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


def _chosen(scores: torch.Tensor, wanted: IntArray | None) -> torch.Tensor:
    if wanted is None:
        return scores.argmax(dim=1)
    if len(wanted) and not 0 <= wanted.min() <= wanted.max() < scores.shape[1]:
        raise ValueError(
            f"class_index runs from {wanted.min()} to {wanted.max()}, "
            f"the model has {scores.shape[1]} classes"
        )
    return torch.as_tensor(np.asarray(wanted, dtype=np.int64), device=scores.device)


def _activation_of(layer: ConvolutionLayer, output: torch.Tensor) -> torch.Tensor:
    if output.ndim != 4:
        raise ValueError(
            f"layer '{layer.name}' puts out shape {tuple(output.shape)}, "
            "expected (n, channels, height, width)"
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
        target = -functional.cross_entropy(scores, classes, reduction="sum")
    else:
        target = scores.gather(1, classes[:, None]).sum()
    # What a model computes without gradients says nothing about its scores: zero.
    followed = [a for a in activations if a.requires_grad] if target.requires_grad else []
    gradients = iter(
        torch.autograd.grad(target, followed, materialize_grads=True) if followed else ()
    )
    maps = []
    for activation in activations:
        a = activation.detach()
        gradient = next(gradients) if any(activation is f for f in followed) else 0 * a
        if variant == "published":
            maps.append(functional.relu(gradient * a).sum(dim=1))
        else:
            weights = gradient.mean(dim=(2, 3), keepdim=True)
            maps.append(functional.relu((weights * a).sum(dim=1)))
    return maps


def _enlarged(maps: torch.Tensor, size: tuple[int, ...]) -> torch.Tensor:
    enlarged = functional.interpolate(
        maps[:, None], size=size, mode="bilinear", align_corners=True
    )[:, 0]
    peaks = enlarged.amax(dim=(1, 2), keepdim=True)
    return torch.where(peaks > 0, enlarged / peaks.clamp_min(torch.finfo(peaks.dtype).tiny), 0.0)
