"""Small networks for pictures of three channels that are not square."""

import torch
from torch import nn


class _Convolutions(nn.Module):
    def __init__(self, n_layers: int) -> None:
        super().__init__()
        for at in range(n_layers):
            self.add_module(f"conv{at}", nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.ReLU()))
        self.fc = nn.Linear(3 * 4 * 6, 3)
        self.n_layers = n_layers

    def forward(self, X: torch.Tensor) -> torch.Tensor:
        for at in range(self.n_layers):
            X = self.get_submodule(f"conv{at}")(X)
        scores: torch.Tensor = self.fc(X.flatten(1))
        return scores


class One(_Convolutions):
    def __init__(self) -> None:
        super().__init__(1)


class Eight(_Convolutions):
    def __init__(self) -> None:
        super().__init__(8)
