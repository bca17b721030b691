"""Networks whose checkpoints the dashboard can load (imports torch)."""

import importlib
from collections.abc import Mapping
from types import MappingProxyType

import torch
from torch import nn


class Cifar10Network(nn.Module):
    """Two convolutions and three dense layers for pictures of 3 x 32 x 32, ten classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _convolution(3, 6, kernel=5)
        self.conv2 = _convolution(6, 16, kernel=5)
        self.fc1 = nn.Sequential(nn.Flatten(), nn.Linear(400, 120), nn.ReLU())
        self.fc2 = nn.Sequential(nn.Linear(120, 84), nn.ReLU())
        self.fc3 = nn.Linear(84, 10)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Class scores (n, 10), before softmax, of pictures (n, 3, 32, 32)."""
        scores: torch.Tensor = self.fc3(self.fc2(self.fc1(self.conv2(self.conv1(X)))))
        return scores


class FaceNetwork(nn.Module):
    """Three convolutions and one dense layer for pictures of 3 x 28 x 28, two classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _convolution(3, 16, kernel=3, padding=1)
        self.conv2 = _convolution(16, 32, kernel=3, padding=1)
        self.conv3 = nn.Sequential(nn.Conv2d(32, 64, 3, padding=1), nn.ReLU())
        self.average = nn.AvgPool2d(7)
        self.fc1 = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Class scores (n, 2), before softmax, of pictures (n, 3, 28, 28)."""
        scores: torch.Tensor = self.fc1(self.average(self.conv3(self.conv2(self.conv1(X)))))
        return scores


class MnistNetwork(nn.Module):
    """Two convolutions and two dense layers for pictures of 1 x 28 x 28, ten classes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = _convolution(1, 8, kernel=5)
        self.conv2 = _convolution(8, 16, kernel=5)
        self.fc1 = nn.Sequential(nn.Flatten(), nn.Linear(256, 64), nn.ReLU())
        self.fc2 = nn.Linear(64, 10)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Class scores (n, 10), before softmax, of pictures (n, 1, 28, 28)."""
        scores: torch.Tensor = self.fc2(self.fc1(self.conv2(self.conv1(X))))
        return scores


class HeartNetwork(nn.Module):
    """Two dense layers for 15 values that describe a patient, two classes."""

    def __init__(self) -> None:
        super().__init__()
        self.fc1 = nn.Sequential(nn.Linear(15, 16), nn.ReLU())
        self.fc2 = nn.Linear(16, 2)

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        """Class scores (n, 2), before softmax, of patients (n, 15)."""
        scores: torch.Tensor = self.fc2(self.fc1(X))
        return scores


# Data set -> "module:class"; the setting MODELS adds to these and wins over them.
BUILT_IN: Mapping[str, str] = MappingProxyType(
    {
        "cifar10": f"{__name__}:Cifar10Network",
        "face": f"{__name__}:FaceNetwork",
        "heart": f"{__name__}:HeartNetwork",
        "mnist": f"{__name__}:MnistNetwork",
        "typographic": f"{__name__}:MnistNetwork",
    }
)


def build(spec: str) -> nn.Module:
    """Import and make the network that a setting names, with fresh weights.

    Parameters
    ----------
    spec : str
        ``package.module:Name``, where ``Name`` is a class or factory without arguments. It comes
        from the settings, never from a data file: what it names is run.

    Returns
    -------
    torch.nn.Module
        On the CPU, in training mode.

    Raises
    ------
    ValueError
        If the spec has another form, cannot be imported, or does not make a module.
    """
    module_name, colon, attribute = spec.partition(":")
    if not (module_name and colon and attribute):
        raise ValueError(f"model '{spec}': expected 'package.module:Class'")
    try:
        factory = getattr(importlib.import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise ValueError(f"model '{spec}' cannot be imported: {error}") from error
    network = factory() if callable(factory) else factory
    if not isinstance(network, nn.Module):
        raise ValueError(f"model '{spec}' makes a {type(network).__name__}, not a torch module")
    return network


def _convolution(n_in: int, n_out: int, kernel: int, padding: int = 0) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(n_in, n_out, kernel, padding=padding), nn.ReLU(), nn.MaxPool2d(2)
    )
