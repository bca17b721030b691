"""How results are written: plain values and arrays, never a pickle."""

import io
import json
import logging
import struct
import tokenize
import zlib
from collections.abc import Mapping
from typing import IO, Any

import numpy as np
from cachelib.serializers import FileSystemSerializer

LOGGER = logging.getLogger(__name__)
# What a damaged entry can make of json, struct and numpy's own parser of headers.
DAMAGE = (
    struct.error, tokenize.TokenError, ValueError, TypeError, LookupError, EOFError,
    OverflowError, MemoryError, RecursionError,
)  # fmt: skip


class BlockSerializer(FileSystemSerializer):
    """Plain values as JSON, arrays as `.npy` blocks behind it; nothing is ever a pickle."""

    def dump(self, value: object, stream: IO[bytes], protocol: int = 0) -> None:
        """Write one value; TypeError for what is neither plain nor an array."""
        del protocol  # of pickle: the base class has it
        blocks: list[np.ndarray] = []
        header = json.dumps(_plain(value, blocks)).encode()
        body = io.BytesIO()
        body.write(struct.pack("<I", len(header)) + header)
        for block in blocks:
            np.lib.format.write_array(body, block, allow_pickle=False)
        # A changed bit within an array's numbers shows in nothing else.
        stream.write(struct.pack("<I", zlib.crc32(body.getbuffer())))
        stream.write(body.getbuffer())

    def load(self, stream: IO[bytes]) -> Any:  # noqa: ANN401 - what was stored
        """Read one value; a damaged entry is a miss (None)."""
        try:
            (checksum,) = struct.unpack("<I", stream.read(4))
            written = stream.read()
            if zlib.crc32(written) != checksum:
                raise ValueError("its checksum is another one")
            body = io.BytesIO(written)
            (length,) = struct.unpack("<I", body.read(4))
            header = json.loads(body.read(length))
            blocks = [
                np.lib.format.read_array(body, allow_pickle=False) for _ in range(header["blocks"])
            ]
            for block in blocks:
                block.flags.writeable = False  # the answer may be shared
            return _restored(header["value"], blocks)
        except DAMAGE as error:
            LOGGER.warning("a damaged cache entry is computed anew: %s", error)
            return None

    def dumps(self, value: object, protocol: int = 0) -> bytes:
        """As `dump`, to bytes."""
        stream = io.BytesIO()
        self.dump(value, stream, protocol)
        return stream.getvalue()

    def loads(self, data: bytes) -> Any:  # noqa: ANN401 - what was stored
        """As `load`, from bytes."""
        return self.load(io.BytesIO(data))


def _plain(value: object, blocks: list[np.ndarray]) -> dict[str, Any]:
    def convert(item: object) -> object:
        if isinstance(item, np.ndarray):
            blocks.append(np.asarray(item, order="C"))
            return {"block": len(blocks) - 1}
        if isinstance(item, np.generic):
            return convert(item.item())
        if isinstance(item, Mapping):
            return {"items": [[convert(key), convert(entry)] for key, entry in item.items()]}
        if isinstance(item, list | tuple):
            return [convert(entry) for entry in item]
        if item is None or isinstance(item, str | int | float | bool):
            return item
        raise TypeError(f"{type(item).__name__} is neither plain nor an array")

    converted = convert(value)
    return {"value": converted, "blocks": len(blocks)}


def _restored(item: Any, blocks: list[np.ndarray]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(item, list):
        return tuple(_restored(entry, blocks) for entry in item)
    if isinstance(item, dict) and "block" in item:
        return blocks[item["block"]]
    if isinstance(item, dict):
        return {_restored(k, blocks): _restored(v, blocks) for k, v in item["items"]}
    return item
