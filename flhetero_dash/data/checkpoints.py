"""Checkpoints: the state dicts of ``.cp`` files. Imports torch."""

import warnings
import zipfile
from pathlib import Path

import torch

from flhetero_dash.data.archive import GIB, check_zip
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.identity import patiently

MAX_PICKLE_BYTES = 16 << 20
EXPECTED = "expected what torch.save(model.state_dict()) writes"


def read_state_dict(path: Path, max_array_bytes: int = 2 * GIB) -> dict[str, torch.Tensor]:
    """Read a checkpoint on the CPU without running anything that it holds.

    Parameters
    ----------
    path : Path
        A ``.cp`` file.
    max_array_bytes : int
        Most bytes of one tensor.

    Returns
    -------
    dict of str to torch.Tensor
        Dense, finite tensors by the name of the parameter.

    Raises
    ------
    DataError
        If the file is damaged or holds anything else.
    """
    return patiently(path, lambda: _read(path, max_array_bytes))


def _read(path: Path, max_array_bytes: int) -> dict[str, torch.Tensor]:
    check_zip(path, max_array_bytes)
    with zipfile.ZipFile(path) as archive:
        pickles = [i for i in archive.infolist() if i.filename.endswith("data.pkl")]
    if len(pickles) != 1 or pickles[0].file_size > MAX_PICKLE_BYTES:
        raise DataError(f"{path}: holds {len(pickles)} lists of tensors; {EXPECTED}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about what is refused below
            stored = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # torch promises nothing about what it raises
        first = str(error).strip().split("\n")[0][:200]
        raise DataError(f"{path}: torch cannot read it ({first}); {EXPECTED}") from None
    if not isinstance(stored, dict) or not stored:
        raise DataError(f"{path}: holds a {type(stored).__name__}; {EXPECTED}")
    for name, tensor in stored.items():
        _check(path, name, tensor, max_array_bytes)
    return dict(stored)


def _check(path: Path, name: object, tensor: object, max_array_bytes: int) -> None:
    where = f"{path}: {str(name)[:80]!r}"
    if type(tensor) not in (torch.Tensor, torch.nn.Parameter) or not isinstance(name, str):
        raise DataError(f"{where} is a {type(tensor).__name__}; {EXPECTED}")
    assert isinstance(tensor, torch.Tensor)  # noqa: S101 - told to the type checker
    plain = tensor.layout == torch.strided and tensor.device.type == "cpu"
    # A tensor may repeat its storage: a few bytes that claim to be gigabytes.
    n_bytes = tensor.numel() * tensor.element_size() if plain else 0
    if not plain or n_bytes > min(max_array_bytes, tensor.untyped_storage().nbytes()):
        raise DataError(f"{where} of shape {tuple(tensor.shape)} is no dense tensor; {EXPECTED}")
    bad = tensor.numel() - int(torch.isfinite(tensor).sum())
    if bad:
        raise DataError(f"{where} has {bad} values of {tensor.numel()} that are not finite")
