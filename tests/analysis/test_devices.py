import logging
import sys

import numpy as np
import pytest
import torch

from flhetero_dash.analysis.devices import array_namespace, torch_device, with_fallback


def test_the_cpu_needs_no_torch(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # importing it would fail
    assert array_namespace("cpu") is np
    assert with_fallback(str.upper, "cpu") == "CPU"


def test_other_devices_are_torchs():
    assert array_namespace("cuda:1") is torch
    assert (torch_device("cpu-torch"), torch_device("cuda")) == ("cpu", "cuda")


def test_too_little_memory_falls_back_to_the_cpu_with_one_warning(caplog):
    asked = []

    def compute(device):
        asked.append(device)
        if device != "cpu":
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB")
        return 7

    with caplog.at_level(logging.WARNING):
        assert with_fallback(compute, "cuda") == 7
    assert asked == ["cuda", "cpu"]
    (record,) = caplog.records
    assert record.getMessage() == (
        "cuda has too little memory, computing on the CPU: CUDA out of memory"
    )


def test_other_errors_are_not_hidden():
    def compute(device):
        raise RuntimeError(device)

    with pytest.raises(RuntimeError, match="cuda"):
        with_fallback(compute, "cuda")
