"""Entries of the cache: what was written comes back, and damage is a miss."""

import io
import json
import struct
import zlib

import numpy as np
import pytest

from flhetero_dash.cache import BlockSerializer


@pytest.mark.parametrize(
    "array",
    [
        np.array(3.5),
        np.empty((0, 4), dtype=np.float32),
        np.arange(12, dtype=np.uint8).reshape(3, 4)[:, ::2],
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.array([True, False]),
        np.array(["a", "näher"]),
    ],
    ids=["one number", "empty", "every other", "by columns", "mask", "words"],
)
def test_arrays_keep_shape_type_and_values(array):
    serializer = BlockSerializer()
    restored = serializer.loads(serializer.dumps(array))
    assert (restored.shape, restored.dtype) == (array.shape, array.dtype)
    np.testing.assert_array_equal(restored, array)


@pytest.mark.parametrize(
    "value",
    [
        ("a", 1, 2.5, True, False, "", ("nested", ("deeper",), ())),
        {"a": 1, 2: "b", ("x", 3): {"block": 0}, True: {}},
        {"block": 0, "items": ()},  # our own words as data
        float("inf"),
        2**70,
        "\x00 \U0001f600",
    ],
)
def test_plain_values_come_back_as_they_were(value):
    serializer = BlockSerializer()
    assert serializer.loads(serializer.dumps(value)) == value


def test_numpy_scalars_come_back_as_numbers_and_lists_as_tuples():
    serializer = BlockSerializer()
    written = serializer.dumps([np.float32(0.5), np.int64(3), np.bool_(True), np.str_("a")])
    assert serializer.loads(written) == (0.5, 3, True, "a")


def test_many_kinds_of_damage_are_misses_or_values_never_errors(rng, tmp_path, caplog):
    serializer = BlockSerializer()
    whole = serializer.dumps({"a": np.arange(12.0).reshape(3, 4), "b": ("x", 1.5, None)})
    misses = 0
    for _ in range(400):
        damaged = bytearray(whole)
        for place in rng.integers(len(whole), size=rng.integers(1, 4)):
            damaged[place] = rng.integers(256)
        (tmp_path / "entry").write_bytes(damaged[: rng.integers(len(whole) // 2, len(whole))])
        with (tmp_path / "entry").open("rb") as stream:  # numpy reads files another way
            misses += serializer.load(stream) is None
    assert misses == 400  # the end was cut off each time
    assert "a damaged cache entry is computed anew" in caplog.text


@pytest.mark.parametrize(
    "shape", [(10**15,), (2**62, 4), (-1,)], ids=["too large", "overflows", "negative"]
)
def test_a_header_that_promises_too_much_is_a_miss(tmp_path, shape):
    header = json.dumps({"value": {"block": 0}, "blocks": 1}).encode()
    body = io.BytesIO()
    body.write(struct.pack("<I", len(header)) + header)
    np.lib.format.write_array_header_1_0(
        body, {"descr": "<f8", "fortran_order": False, "shape": shape}
    )
    body.write(bytes(64))
    (tmp_path / "entry").write_bytes(with_checksum(body.getvalue()))
    with (tmp_path / "entry").open("rb") as stream:
        assert BlockSerializer().load(stream) is None


def test_any_changed_bit_is_a_miss():
    serializer = BlockSerializer()
    whole = serializer.dumps({"a": np.arange(12.0), "b": "x"})
    for place in range(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1
        assert serializer.loads(bytes(damaged)) is None, place


def with_checksum(body: bytes) -> bytes:
    """Make an entry that is damaged but passes for whole."""
    return struct.pack("<I", zlib.crc32(body)) + body


def test_json_without_end_is_a_miss():
    deep = b"[" * 100_000
    assert BlockSerializer().loads(with_checksum(struct.pack("<I", len(deep)) + deep)) is None
