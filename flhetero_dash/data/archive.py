"""Safe reading of ``.npz``: the zip directory and array headers are checked before inflating."""

import hashlib
import os
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Any, BinaryIO, Self, cast

import numpy as np
import numpy.typing as npt

from flhetero_dash.data.errors import DamagedFileError, DataError
from flhetero_dash.data.identity import Signature, opened_regular
from flhetero_dash.data.npy_header import NpyHeader, checked_text, read_header
from flhetero_dash.data.object_arrays import read_objects

GIB = 1 << 30
MAX_FILE_BYTES = 4 * GIB
MAX_DIRECTORY_BYTES = 16 << 20
# Deflate cannot do better: a member that claims more is lying about its size.
MAX_RATIO = 1_040
CHUNK = 1 << 20
_LOCAL_HEADER_BYTES = 30
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_BYTES = 20
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError,
    RuntimeError, ValueError, OverflowError,
)  # fmt: skip


class Archive:
    """One ``.npz`` file, open for reading; a context manager.

    Attributes
    ----------
    path : Path
    keys : tuple of str
        Names of the arrays, in the order of the file.
    digest : str
        Identity of the content: digest of the members' names, CRCs and sizes.
    signature : Signature
        State of the file when it was opened.

    Raises
    ------
    DataError
        If the file cannot be opened or its directory cannot be trusted; `DamagedFileError`
        where the reason may be that the file is not complete yet.
    """

    def __init__(self, path: Path, max_array_bytes: int = 2 * GIB) -> None:
        self.path = path
        self._limit = max_array_bytes
        self._file = opened_regular(path)
        try:
            self.signature = Signature.of_handle(self._file.fileno())
            with self._told("its zip directory"):
                self._zip = _checked_directory(self._file, path)
            self._members = {info.filename: info for info in self._zip.infolist()}
            _check_members(path, self._zip, max_array_bytes)
        except BaseException:
            self._file.close()
            raise
        self.keys = tuple(
            name.removesuffix(".npy") for name in self._members if name.endswith(".npy")
        )
        self.digest = _directory_digest(self._zip.infolist())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._zip.close()
        self._file.close()

    def changed(self) -> bool:
        """Whether the open file was written to since it was opened."""
        return Signature.of_handle(self._file.fileno()) != self.signature

    def where(self, key: str) -> str:
        """File and key, as messages name them."""
        return f"{self.path}: '{key}'"

    def require(self, *keys: str) -> None:
        """Refuse a file that lacks a key."""
        if missing := [key for key in keys if key not in self.keys]:
            raise DataError(
                f"{self.path}: lacks {', '.join(missing)}; has {', '.join(self.keys) or 'nothing'}"
            )

    def header(self, key: str) -> NpyHeader:
        """Read what one array says about itself, checked against its size in the file."""
        with self._told(self.where(key)), self._member(key) as stream:
            return self._header(key, stream)

    def read(self, key: str, *, dictionary: bool = False) -> npt.NDArray[Any]:
        """Read one array.

        Parameters
        ----------
        key : str
        dictionary : bool, default=False
            Whether an object array may hold a dict (in the affinity file alone).

        Returns
        -------
        ndarray
            Of plain dtype; or an object array of arrays, lists, numbers and text, built
            without resolving any name that the file holds.

        Raises
        ------
        DataError
            If the array is absent, damaged, too large, or of a type that is never read.
        """
        with self._told(self.where(key)), self._member(key) as stream:
            header = self._header(key, stream)
            if header.is_object:
                left = self._members[f"{key}.npy"].file_size - header.offset
                array = read_objects(
                    stream, left, header.shape, self.where(key), dictionary=dictionary
                )
            else:
                array = _plain_array(stream, header, self.where(key))
        return array

    def copy(self, key: str, target: BinaryIO) -> None:
        """Copy one array's ``.npy`` data, header included, in constant memory."""
        self.header(key)
        with self._told(self.where(key)), self._member(key) as stream:
            while chunk := stream.read(CHUNK):
                target.write(chunk)

    def _member(self, key: str) -> IO[bytes]:
        self.require(key)
        return self._zip.open(self._members[f"{key}.npy"])

    def _header(self, key: str, stream: IO[bytes]) -> NpyHeader:
        header = read_header(cast(BinaryIO, stream), self.where(key))
        held = self._members[f"{key}.npy"].file_size - header.offset
        if not header.is_object and (header.n_bytes != held or header.n_bytes > self._limit):
            raise DataError(
                f"{self.where(key)} says it is {header.dtype} of shape {header.shape}, "
                f"{header.n_bytes} bytes; found {held}, expected the same and at most {self._limit}"
            )
        return header

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DataError(f"{self.path}: cannot be read ({error.strerror})") from None
        except _BROKEN as error:
            at = what if what.startswith(str(self.path)) else f"{self.path}: {what}"
            raise DamagedFileError(
                f"{at} is damaged or cut short ({error}); expected a whole .npz file"
            ) from None


def check_zip(path: Path, max_bytes: int = MAX_FILE_BYTES) -> str:
    """Check every member of a zip file by its CRC, and give the identity of its content.

    Raises
    ------
    DataError
        If the file is not a whole zip file.
    """
    with Archive(path, max_bytes) as archive:
        for name, info in archive._members.items():
            with archive._told(f"'{name}'"), archive._zip.open(info) as stream:
                while stream.read(CHUNK):
                    pass
        return archive.digest


def _checked_directory(file: BinaryIO, path: Path) -> zipfile.ZipFile:
    """Open the directory after a look at its size: one that is too long is never parsed."""
    length = file.seek(0, os.SEEK_END)
    start = max(0, length - 65_536 - _END.size)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < _END.size:
        raise DamagedFileError(
            f"{path}: found {length} bytes without a zip directory at their end, "
            "expected a whole file as numpy.savez_compressed or torch.save writes it"
        )
    size = _END.unpack_from(tail, at)[5]
    long_form = at - _LOCATOR_BYTES - _END_64.size
    # torch writes this form besides the short one, and zipfile believes it.
    if long_form >= 0 and tail[at - _LOCATOR_BYTES :].startswith(b"PK\x06\x07"):
        size = _END_64.unpack_from(tail, long_form)[8]
    if size > MAX_DIRECTORY_BYTES:
        raise DataError(
            f"{path}: has a zip directory of {size} bytes, expected at most {MAX_DIRECTORY_BYTES}"
        )
    file.seek(0)
    return zipfile.ZipFile(file)


def _check_members(path: Path, archive: zipfile.ZipFile, max_array_bytes: int) -> None:
    members = archive.infolist()
    repeated = [name for name, count in Counter(m.filename for m in members).items() if count > 1]
    if repeated:
        raise DataError(f"{path}: holds '{repeated[0]}' more than once; expected each key once")
    for info in members:
        _check_member(path, info, max_array_bytes)
    if (total := sum(info.file_size for info in members)) > MAX_FILE_BYTES:
        raise DataError(f"{path}: holds {total} bytes, expected at most {MAX_FILE_BYTES}")
    members.sort(key=lambda info: info.header_offset)
    ends = [
        info.header_offset + _LOCAL_HEADER_BYTES + len(info.filename) + info.compress_size
        for info in members
    ]
    starts = [info.header_offset for info in members[1:]] + [archive.start_dir]
    if any(end > start for end, start in zip(ends, starts, strict=False)):
        raise DataError(f"{path}: has members that overlap; expected one after the other")


def _check_member(path: Path, info: zipfile.ZipInfo, max_array_bytes: int) -> None:
    where = f"{path}: '{info.filename.removesuffix('.npy')}'"
    if info.flag_bits & 0x61:  # encrypted, patched or strongly encrypted
        raise DataError(f"{where} is encrypted; expected plain data")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise DataError(
            f"{where} has compression {info.compress_type}; expected stored or deflated"
        )
    if info.file_size > max_array_bytes + 16_384:
        raise DataError(
            f"{where} has {info.file_size} bytes, expected at most {max_array_bytes} "
            "(setting MAX_ARRAY_BYTES)"
        )
    ratio = 1 if info.compress_type == zipfile.ZIP_STORED else MAX_RATIO
    if info.file_size > ratio * info.compress_size + (ratio > 1) * 64:
        raise DataError(
            f"{where} says it has {info.file_size} bytes but takes {info.compress_size}; "
            "expected sizes that fit each other"
        )


def _directory_digest(members: list[zipfile.ZipInfo]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for info in members:
        name = info.filename.encode("utf-8", "surrogatepass")
        digest.update(struct.pack("<QQQ", len(name), info.CRC, info.file_size) + name)
    return digest.hexdigest()


def _plain_array(stream: IO[bytes], header: NpyHeader, where: str) -> npt.NDArray[Any]:
    flat = np.empty(header.size, header.dtype)
    raw = flat.view(np.uint8).data if flat.size else memoryview(b"")
    filled = 0
    while filled < len(raw):
        chunk = stream.read(min(CHUNK, len(raw) - filled))
        if not chunk:
            raise DamagedFileError(f"{where}: found {filled} bytes, expected {len(raw)}")
        raw[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
    array = flat.reshape(header.shape, order="F" if header.fortran_order else "C")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    return checked_text(array, where)
