"""On which device a long computation runs."""

from functools import cache
from pathlib import Path

# Without the driver's own file there is no use in asking torch, whose import takes seconds.
DRIVER_FILES = (Path("/dev/nvidiactl"), Path("/dev/dxg"))


def chosen_device(use_gpu: bool | None) -> tuple[str, str]:
    """Give the device that the setting USE_GPU means here, and what a reader must know of it.

    Returns
    -------
    device : str
        ``cpu`` or ``cuda``.
    note : str
        Not empty where the setting asks for a device that is not there.
    """
    if use_gpu is False:
        return "cpu", ""
    if _sees_cuda():
        return "cuda", ""
    if use_gpu:
        return "cpu", "USE_GPU is set, but torch sees no CUDA device: computed on the CPU."
    return "cpu", ""


@cache
def _sees_cuda() -> bool:
    if not any(path.exists() for path in DRIVER_FILES):
        return False
    import torch  # noqa: PLC0415 - the web process never imports it

    return bool(torch.cuda.is_available())
