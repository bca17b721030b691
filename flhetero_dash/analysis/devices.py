"""Where a computation runs: on the CPU with numpy, or on a CUDA device with torch."""

import logging
from collections.abc import Callable
from typing import Any, TypeVar

LOGGER = logging.getLogger(__name__)
Answer = TypeVar("Answer")

CPU = "cpu"
# What CUDA does, on the CPU and with torch: how a machine without such a device tests it.
CPU_TORCH = "cpu-torch"


def array_namespace(device: str) -> Any:  # noqa: ANN401 - numpy or torch, which share the names used
    """Give numpy for the CPU, torch for every other device; torch is imported only then."""
    if device == CPU:
        import numpy as np  # noqa: PLC0415 - beside its counterpart

        return np
    import torch  # noqa: PLC0415 - a process that computes on the CPU never imports it

    return torch


def torch_device(device: str) -> str:
    """Name a device as torch does."""
    return CPU if device == CPU_TORCH else device


def with_fallback(compute: Callable[[str], Answer], device: str) -> Answer:
    """Compute on a device; on the CPU, with a warning in the log, when its memory is too small.

    Parameters
    ----------
    compute : callable
        Takes the name of the device.
    device : str
        ``cpu``, ``cuda``, ``cuda:1``, ...
    """
    if device == CPU:
        return compute(CPU)
    import torch  # noqa: PLC0415 - a process that computes on the CPU never imports it

    try:
        return compute(device)
    except torch.OutOfMemoryError as error:
        reason = str(error).split(". ")[0]
    # Outside the handler: there, the error would still hold the tensors that fill the memory.
    torch.cuda.empty_cache()
    LOGGER.warning("%s has too little memory, computing on the CPU: %s", device, reason)
    return compute(CPU)
