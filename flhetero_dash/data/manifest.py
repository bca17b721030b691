"""What the recorder says about a run: the file ``manifest.json``."""

import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from flhetero_dash.data.errors import DamagedFileError, DataError
from flhetero_dash.data.identity import opened_regular

MAX_BYTES = 16 << 20


def read_manifest(path: Path) -> Mapping[str, Any]:
    """Read the file.

    Returns
    -------
    dict
        As JSON has it; nothing in it is needed to open a history.

    Raises
    ------
    DataError
        If it is no JSON object.
    """
    with opened_regular(path) as stream:
        raw = stream.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise DataError(f"{path}: has more than {MAX_BYTES} bytes, expected a short JSON object")
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise DamagedFileError(f"{path}: is no JSON ({error}); expected a JSON object") from None
    if not isinstance(value, dict):
        raise DataError(f"{path}: is a JSON {type(value).__name__}; expected an object")
    return MappingProxyType(value)
