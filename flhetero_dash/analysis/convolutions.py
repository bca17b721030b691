"""The convolutions of a network, however it is built (imports torch)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import nn

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)


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
        In the order of the names, else of the model; empty when there is no convolution. One
        that the model uses in several places is one layer.
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
        if isinstance(module, CONVOLUTIONS)
    )


@contextmanager
def watched_outputs(
    model: nn.Module, watched: Sequence[nn.Module]
) -> Iterator[dict[nn.Module, torch.Tensor]]:
    """Put the model into evaluation and keep the outputs of some of its modules."""
    outputs: dict[nn.Module, torch.Tensor] = {}

    def keep(module: nn.Module, _inputs: tuple[torch.Tensor, ...], output: torch.Tensor) -> object:
        outputs[module] = output  # of a module that is used again, the last use
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


def _convolutions(module: nn.Module) -> list[nn.Module]:
    return [part for part in module.modules() if isinstance(part, CONVOLUTIONS)]
