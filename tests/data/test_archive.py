"""Archives: what is refused before anything is inflated."""

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.data.archive import Archive, check_zip
from flhetero_dash.data.errors import DamagedFileError, DataError


def npy(array) -> bytes:
    import io

    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def header(descr="<f8", shape="(2,)", order="False") -> bytes:
    text = f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def zipped(path: Path, members: dict[str, bytes], method=zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def read(path: Path, key="a", limit=1 << 20):
    with Archive(path, limit) as archive:
        return archive.read(key)


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(6, dtype=">i4"),
        np.array(["a", "ß", ""]),
        np.array(b"ab"),
        np.array([True, False]),
        np.zeros((0, 4), np.float16),
    ],
)
def test_plain_arrays_are_read_as_numpy_reads_them(tmp_path, array):
    np.savez_compressed(tmp_path / "x.npz", a=array)
    found = read(tmp_path / "x.npz")
    np.testing.assert_array_equal(found, array)
    assert found.shape == array.shape
    assert found.dtype.isnative


def test_an_absent_key_is_told_with_those_that_are_there(tmp_path):
    np.savez(tmp_path / "x.npz", a=1, b=2)
    with pytest.raises(DataError, match=r"x\.npz: lacks c; has a, b"):
        read(tmp_path / "x.npz", "c")


def test_a_file_that_is_not_there_or_no_file_is_told(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        Archive(tmp_path / "x.npz")
    with pytest.raises(DataError, match="is no regular file"):
        Archive(tmp_path)


@pytest.mark.parametrize("kept", [0, 10, 0.5, 0.98])
def test_a_file_that_was_cut_short_is_damaged(tmp_path, kept):
    np.savez_compressed(tmp_path / "x.npz", a=np.arange(100))
    whole = (tmp_path / "x.npz").read_bytes()
    (tmp_path / "x.npz").write_bytes(whole[: int(kept * len(whole)) if kept < 1 else kept])
    with pytest.raises(DamagedFileError, match=r"x\.npz: found \d+ bytes without a zip directory"):
        Archive(tmp_path / "x.npz")


def test_altered_data_is_found_by_its_checksum(tmp_path):
    zipped(tmp_path / "x.npz", {"a.npy": npy(np.arange(100))}, zipfile.ZIP_STORED)
    raw = bytearray((tmp_path / "x.npz").read_bytes())
    raw[200] ^= 1
    (tmp_path / "x.npz").write_bytes(raw)
    with pytest.raises(DamagedFileError, match=r"x\.npz: 'a' is damaged or cut short \(Bad CRC"):
        read(tmp_path / "x.npz")
    with pytest.raises(DamagedFileError, match=r"'a\.npy' is damaged"):
        check_zip(tmp_path / "x.npz")


def test_a_key_that_comes_twice_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("a.npy", npy(1))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.npy", npy(2))
    with pytest.raises(DataError, match=r"holds 'a\.npy' more than once"):
        Archive(tmp_path / "x.npz")


def test_members_that_overlap_are_refused(tmp_path):
    zipped(tmp_path / "x.npz", {"a.npy": npy(1), "b.npy": npy(2)}, zipfile.ZIP_STORED)
    raw = bytearray((tmp_path / "x.npz").read_bytes())
    second = raw.rfind(b"PK\x01\x02")
    raw[second + 42 : second + 46] = struct.pack("<L", 0)  # where its data starts
    (tmp_path / "x.npz").write_bytes(raw)
    with pytest.raises(DataError, match="members that overlap"):
        Archive(tmp_path / "x.npz")


def test_other_compressions_are_refused(tmp_path):
    zipped(tmp_path / "x.npz", {"a.npy": npy(1)}, zipfile.ZIP_LZMA)
    with pytest.raises(DataError, match="'a' has compression 14; expected stored or deflated"):
        Archive(tmp_path / "x.npz")


def test_encrypted_members_are_refused(tmp_path):
    zipped(tmp_path / "x.npz", {"a.npy": npy(1)})
    raw = bytearray((tmp_path / "x.npz").read_bytes())
    raw[raw.rfind(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "x.npz").write_bytes(raw)
    with pytest.raises(DataError, match="'a' is encrypted"):
        Archive(tmp_path / "x.npz")


def test_a_bomb_is_refused_by_its_size_alone(tmp_path):
    np.savez_compressed(tmp_path / "x.npz", a=np.zeros(1 << 20, np.uint8))
    with pytest.raises(DataError, match=r"'a' has 1048704 bytes, expected at most 1000"):
        Archive(tmp_path / "x.npz", 1_000)


def test_a_size_that_the_compressed_data_cannot_have_is_refused(tmp_path):
    zipped(tmp_path / "x.npz", {"a.npy": npy(np.zeros(4))})
    raw = bytearray((tmp_path / "x.npz").read_bytes())
    at = raw.rfind(b"PK\x01\x02") + 24
    raw[at : at + 4] = struct.pack("<L", 1 << 30)
    (tmp_path / "x.npz").write_bytes(raw)
    with pytest.raises(DataError, match="sizes that fit each other"):
        Archive(tmp_path / "x.npz")


def test_all_members_together_are_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("flhetero_dash.data.archive.MAX_FILE_BYTES", 1_000)
    np.savez(tmp_path / "x.npz", a=np.zeros(100), b=np.zeros(100))
    with pytest.raises(DataError, match="holds 1856 bytes, expected at most 1000"):
        Archive(tmp_path / "x.npz")


def test_a_directory_that_is_too_long_is_never_parsed(tmp_path, monkeypatch):
    monkeypatch.setattr("flhetero_dash.data.archive.MAX_DIRECTORY_BYTES", 100)
    np.savez(tmp_path / "x.npz", a=1, b=2, c=3)
    with pytest.raises(DataError, match="zip directory of 153 bytes, expected at most 100"):
        Archive(tmp_path / "x.npz")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"no array", "is no array"),
        (b"", "is no array"),
        (header(shape="(3,)") + bytes(16), "24 bytes; found 16, expected the same"),
        (header(shape="(1,)") + bytes(16), "8 bytes; found 16, expected the same"),
        (header(shape="(-2,)") + bytes(16), "has header"),
        (header(shape="(99999999999999999999,)"), "expected a few whole numbers"),
        (header(shape="(" + "1," * 40 + ")") + bytes(8), "expected a few whole numbers"),
        (header("V16", "(1,)") + bytes(16), "type 'V16'; expected numbers or text"),
        (header("<M8[s]") + bytes(16), "expected numbers or text"),
        (header("<U0", "(99999,)"), "expected numbers or text"),
        (header("<f3") + bytes(6), "expected numbers or text"),
        (b"\x93NUMPY\x01\x00\xff\xff" + bytes(65535), "header of 65535 bytes"),
        (header("<U1", "(2,)") + b"\xff" * 8, "characters that do not exist"),
        (header("<U1", "(1,)") + b"\x00\xd8\x00\x00", "characters that do not exist"),
    ],
)
def test_a_wrong_header_is_told(tmp_path, data, message):
    zipped(tmp_path / "x.npz", {"a.npy": data})
    with pytest.raises(DataError, match=r"x\.npz: 'a'") as caught:
        read(tmp_path / "x.npz")
    assert message in str(caught.value)


def test_a_structured_type_is_refused(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros(2, dtype=[("x", "f8"), ("y", "O")]))
    with pytest.raises(DataError, match="expected a plain type"):
        read(tmp_path / "x.npz")


def test_an_array_over_the_limit_is_refused_by_its_header(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.zeros(2_000))
    with pytest.raises(DataError, match="expected the same and at most 8000"):
        read(tmp_path / "x.npz", limit=8_000)


def test_the_digest_knows_the_content_and_not_the_place(tmp_path):
    for name, value in (("x", 1), ("y", 1), ("z", 2)):
        np.savez(tmp_path / f"{name}.npz", a=np.array(value))
    x, y, z = (Archive(tmp_path / f"{name}.npz") for name in "xyz")
    with x, y, z:
        assert x.digest == y.digest != z.digest


def test_a_change_while_it_is_open_is_noticed(tmp_path):
    np.savez(tmp_path / "x.npz", a=1)
    with Archive(tmp_path / "x.npz") as archive:
        assert not archive.changed()
        with (tmp_path / "x.npz").open("ab") as stream:
            stream.write(b"more")
        assert archive.changed()


def test_a_copy_is_the_same_array(tmp_path):
    array = np.arange(12).reshape(3, 4)
    np.savez_compressed(tmp_path / "x.npz", a=array)
    with Archive(tmp_path / "x.npz") as archive, (tmp_path / "a.npy").open("wb") as stream:
        archive.copy("a", stream)
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), array)
