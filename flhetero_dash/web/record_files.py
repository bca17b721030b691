"""A selection's records as files that are made while they are sent: CSV, NPZ, a ZIP of pictures.

Each is a generator of bytes, so that a selection of any size takes little memory.
"""

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from flhetero_dash.analysis.pictures import as_tiles, white_level
from flhetero_dash.queries.exports import SelectedRecords

CHUNK_BYTES = 1 << 20  # of values, that are held at a time
LONGEST_PART = 28  # characters of a name within a file's: two of them, of 4 bytes each, fit
FILE_DATE = (1980, 1, 1, 0, 0, 0)  # equal records give equal files
FAST = 1  # level of compression: the others take many times as long for a few percent
Rows = tuple[int, int]


def csv_file(selected: SelectedRecords) -> Iterator[bytes]:
    """Write a table: a row is a record, with its attributes if it is no picture."""
    yield _lines([_head(selected)])
    for rows in _chunks(selected):
        yield _lines(_table(selected, rows))


def npz_file(selected: SelectedRecords) -> Iterator[bytes]:
    """Write the arrays for NumPy; none of them is an object array, which would be a pickle."""
    tap = _Tap()
    with zipfile.ZipFile(tap, "w", zipfile.ZIP_DEFLATED, compresslevel=FAST) as archive:
        for name, array in _arrays(selected).items():
            with _member(archive, f"{name}.npy", array.nbytes) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
        shape = (len(selected.records), selected.X.shape[1])
        n_bytes = selected.X.itemsize * shape[0] * shape[1]
        with _member(archive, "X.npy", n_bytes) as member:
            header: dict[str, Any] = {"descr": np.lib.format.dtype_to_descr(selected.X.dtype)}
            header |= {"fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(member, header)
            for first, last in _chunks(selected):
                member.write(selected.X[selected.records[first:last]].tobytes())
                yield tap.drained()
    yield tap.drained()


def picture_files(selected: SelectedRecords) -> Iterator[bytes]:
    """Write a folder with a PNG of each record, and `records.csv`, which names them."""
    tap, table = _Tap(), [_lines([[*_head(selected), "file"]])]
    white = white_level(selected.X)
    with zipfile.ZipFile(tap, "w", zipfile.ZIP_STORED) as archive:
        for rows in _chunks(selected):
            lines = _table(selected, rows)
            names = [_picture_name(selected, at) for at in range(*rows)]
            X = selected.X[selected.records[slice(*rows)]]
            for tile, name in zip(as_tiles(X, selected.info.shape, white), names, strict=True):
                stream = io.BytesIO()
                Image.fromarray(tile).save(stream, "png")
                archive.writestr(_entry(name), stream.getvalue())
            table.append(_lines([[*row, name] for row, name in zip(lines, names, strict=True)]))
            yield tap.drained()
        archive.writestr(_entry("records.csv"), b"".join(table), zipfile.ZIP_DEFLATED)
    yield tap.drained()


def name_part(name: str) -> str:
    """Make a name a part of a file's on any system: letters, digits, `-`, `.` and `_`."""
    plain = re.sub(r"[^\w.-]+", "-", unicodedata.normalize("NFKC", name))
    return plain[:LONGEST_PART].strip("-._") or "unnamed"


class _Tap(io.RawIOBase):
    """Where an archive is written to, and taken from again before it grows."""

    def __init__(self) -> None:
        super().__init__()
        self._written = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, part: Any) -> int:  # noqa: ANN401 - whatever has bytes
        self._written += part
        return len(part)

    def drained(self) -> bytes:
        written, self._written = bytes(self._written), bytearray()
        return written


def _member(archive: zipfile.ZipFile, name: str, n_bytes: int) -> Any:  # noqa: ANN401 - zipfile's
    # What cannot go back to correct a size must know from the first whether it is a long one.
    return archive.open(name, "w", force_zip64=n_bytes > zipfile.ZIP64_LIMIT // 2)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, FILE_DATE)
    entry.external_attr = 0o644 << 16  # else nobody may read it where it is unpacked
    return entry


def _chunks(selected: SelectedRecords) -> Iterator[Rows]:
    n_bytes = selected.X.itemsize * selected.X.shape[1]
    step = max(1, min(1_000, CHUNK_BYTES // max(1, n_bytes)))
    for first in range(0, len(selected.records), step):
        yield first, min(first + step, len(selected.records))


def _outputs(selected: SelectedRecords) -> dict[str, npt.NDArray[Any]]:
    """Give the class ids by what said them; inputs without ground truth have none."""
    known = {"federated": selected.federated, "stand-alone": selected.standalone}
    return known if selected.truth is None else {"ground truth": selected.truth, **known}


def _head(selected: SelectedRecords) -> list[str]:
    head = ["record", "inputs", "round"]
    for name in _outputs(selected):
        head += [name, f"{name} id"]
    ours = {*head, "file"}
    named = enumerate(selected.attributes)
    names = (f"{name} (attribute {at})" if name in ours else name for at, name in named)
    return [*head, *map(_safe, names)]


def _table(selected: SelectedRecords, rows: Rows) -> list[list[Any]]:
    first, last = rows
    chosen, name = selected.chosen, selected.info.label_name
    columns: list[Sequence[Any]] = [selected.records[first:last].tolist()]
    columns += [[chosen.inputs] * (last - first), [chosen.round_index + 1] * (last - first)]
    for ids in _outputs(selected).values():
        part = ids[first:last].tolist()
        columns += [[_safe(name(one)) for one in part], part]
    if selected.attributes:
        X = selected.X[selected.records[first:last]]
        for at, attribute in enumerate(selected.attributes):
            columns.append(_values(X[:, at], selected.info.categories.get(attribute)))
    return [list(row) for row in zip(*columns, strict=True)]


def _values(column: npt.NDArray[Any], categories: tuple[str, ...] | None) -> list[Any]:
    # Numbers keep the digits of their own type: 0.1 of 32 bits is no 0.10000000149.
    numbers = [text[:-2] if text.endswith(".0") else text for text in map(str, column)]
    if categories is None:
        return numbers
    known = {str(at): _safe(name) for at, name in enumerate(categories)}
    return [known.get(number, number) for number in numbers]


def _lines(rows: Sequence[Sequence[Any]]) -> bytes:
    stream = io.StringIO(newline="")
    csv.writer(stream, lineterminator="\r\n").writerows(rows)
    return stream.getvalue().encode(errors="backslashreplace")


def _safe(text: str) -> str:
    """Keep a name as text that a spreadsheet would run as a formula; numbers need it not."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _picture_name(selected: SelectedRecords, at: int) -> str:
    # The number comes first and is no other's, so no two names are alike in any case.
    said = [] if selected.truth is None else [selected.truth[at]]
    labels = [
        name_part(selected.info.label_name(int(one))) for one in [*said, selected.federated[at]]
    ]
    return "_".join([str(selected.records[at]), *labels]) + ".png"


def _arrays(selected: SelectedRecords) -> dict[str, npt.NDArray[Any]]:
    """Give all but `X`, which is written by parts."""
    chosen, info = selected.chosen, selected.info
    outputs = {
        name.replace(" ", "_").replace("-", "_"): a for name, a in _outputs(selected).items()
    }
    n_classes = max(int(ids.max()) for ids in outputs.values()) + 1
    names = [info.label_name(one) for one in range(max(n_classes, len(info.label_names)))]
    arrays: dict[str, Any] = {
        "dataset": chosen.dataset,
        "client": chosen.client,
        "inputs": chosen.inputs,
        "round": chosen.round_index + 1,
        "records": selected.records,
        **outputs,
        "label_names": names,
        "type": info.kind,
        "shape": info.shape,
    }
    if selected.attributes:
        arrays["feature_names"] = selected.attributes
    return {name: np.asarray(array) for name, array in arrays.items()}
