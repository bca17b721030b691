"""Files that want to do harm: none is run, none takes more than its own size."""

import ast
import io
import os
import pickle
import struct
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.data.archive import Archive
from flhetero_dash.data.errors import DataError

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN_CALLS = {"numpy.load", "np.load", "torch.load", "eval", "exec"}
FORBIDDEN_MODULES = {"pickle", "_pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve"}


def sources():
    for folder in ("flhetero_dash", "preprocess"):
        yield from (ROOT / folder).rglob("*.py")
    yield from ROOT.glob("*.py")


def imported(node) -> set[str]:
    if isinstance(node, ast.Import):
        return {alias.name.split(".")[0] for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        return {(node.module or "").split(".")[0]}
    return set()


def dangers(tree: ast.Module) -> list[str]:
    """List what a module does that only the data package may do."""
    found = []
    for node in ast.walk(tree):
        found += sorted(imported(node) & FORBIDDEN_MODULES)
        if isinstance(node, ast.ImportFrom) and node.module in ("numpy", "torch"):
            found += [f"{node.module}.load" for alias in node.names if alias.name == "load"]
        if isinstance(node, ast.Attribute) and ast.unparse(node) in FORBIDDEN_CALLS:
            found.append(ast.unparse(node))
        if isinstance(node, ast.Name) and node.id in FORBIDDEN_CALLS:
            found.append(node.id)
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            found += [] if ast.unparse(node.value) == "False" else ["allow_pickle"]
    return found


def test_only_the_data_package_opens_what_could_run_code():
    offenders = {
        str(path.relative_to(ROOT)): found
        for path in sources()
        if ROOT / "flhetero_dash" / "data" not in path.parents
        and (found := dangers(ast.parse(path.read_text())))
    }
    assert offenders == {}


def test_within_it_each_place_is_known():
    data = ROOT / "flhetero_dash" / "data"
    found = {path.name: set(dangers(ast.parse(path.read_text()))) for path in data.glob("*.py")}
    assert {name: what for name, what in found.items() if what} == {
        "archive_writing.py": {"allow_pickle"},  # writes object arrays, reads nothing
        "checkpoints.py": {"torch.load"},
        "pickles.py": {"pickle"},
    }
    calls = [
        {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        for node in ast.walk(ast.parse((data / "checkpoints.py").read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load"
    ]
    assert [call["weights_only"] for call in calls] == ["True"]


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nnp.load('x')",
        "from numpy import load",
        "import pickle",
        "from joblib import load",
        "import torch\nread = torch.load",
        "eval('1')",
        "np.savez('x', allow_pickle=True)",
    ],
)
def test_the_search_finds_each_of_them(source):
    assert dangers(ast.parse(source))


def test_the_search_leaves_a_method_of_such_a_name_alone():
    assert dangers(ast.parse("model.eval()\nSettings.load(root)")) == []


def written(folder: Path, stream: bytes, shape: tuple[int, ...] = (1,)) -> Path:
    """Write a samples file whose key `a` is a pickle of our own making."""
    text = f"{{'descr': '|O', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + stream
    with zipfile.ZipFile(folder / "x.npz", "w") as archive:
        archive.writestr("a.npy", data)
    return folder / "x.npz"


def read(path: Path, *, dictionary: bool = False):
    with Archive(path) as archive:
        return archive.read("a", dictionary=dictionary)


class Runs:
    """Runs a command when it is unpickled."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_a_call_is_never_made(tmp_path, protocol):
    array = np.array([Runs(f"touch {tmp_path}/ran")], dtype=object)
    path = written(tmp_path, pickle.dumps(array, protocol=protocol))
    with pytest.raises(DataError, match=r"holds posix\.system; expected arrays"):
        read(path)
    assert not (tmp_path / "ran").exists()


def test_bytes_never_become_object_pointers(tmp_path):
    """The pickle of nothing but numpy's own names that crashes an allow-list."""
    array = np.array([1, 2, 3], dtype="<i8")
    raw = pickle.dumps(array, protocol=4).replace(b"\x8c\x02i8", b"\x8c\x02O8")
    with pytest.raises(DataError, match="items do not fill it"):
        read(written(tmp_path, raw, (3,)))


@pytest.mark.parametrize(
    ("stream", "message"),
    [
        (b"\x80\x04\x8e" + struct.pack("<Q", 1 << 40), "asks for 1099511627776 bytes"),
        (b"\x80\x05\x96" + struct.pack("<Q", 1 << 40), "asks for 1099511627776 bytes"),
        (b"\x80\x04\x8d" + struct.pack("<Q", 1 << 62), "asks for"),
        (b"\x80\x04\x95" + struct.pack("<Q", 1 << 40), "asks for"),
        (b"\x80\x04B\xff\xff\xff\x7f", "asks for 2147483647 bytes"),
        (b"\x80\x04N" + b"r\xff\xff\xff\xff" + b".", "holds a NoneType"),
        (b"\x80\x04\x8b\xff\xff\xff\x7f", "uses opcode 0x8b"),
        (b"\x80\x02cnumpy\n" + b"x" * 300 + b"\n.", "a name without an end"),
        (b"\x80\x04(" * 9 + b"l.", "uses opcode 0x6c"),
        (b"\x80\x04\x8c\x02os\x8c\x06system\x93)\x81.", "uses opcode 0x81"),
        (b"\x80\x04Q.", "uses opcode 0x51"),
        (b"\x80\x04\x82\x01.", "uses opcode 0x82"),
        (b"I" + b"9" * 5000 + b"\n.", "uses opcode 0x49"),
        (b"\x80\x63.", "unsupported pickle protocol"),
        (b"\x80\x04", "expected arrays"),
        (b"\x80\x04.", "expected arrays"),
        (b"\x80\x04e.", "expected arrays"),
        (b"\x80\x04}.", "uses opcode 0x7d"),
        (b"\x80\x04Nb.", "expected arrays"),
        (b"\x80\x04N)R.", "calls what is no name"),
        (b"\x80\x04]N.", "holds a NoneType"),
        (b"\x80\x04h\x05.", "expected arrays"),
        (b"\x80\x04N.more", "goes on after its data"),
    ],
)
def test_a_pickle_that_asks_for_too_much_or_the_wrong_is_refused(tmp_path, stream, message):
    path = written(tmp_path, stream)
    tracemalloc.start()
    with pytest.raises(DataError, match=r"x\.npz: 'a' ") as caught:
        read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert message in str(caught.value)
    assert peak < 4 << 20


def call(function: str, arguments: bytes, state: bytes = b"") -> bytes:
    module, _, name = function.rpartition(".")
    return f"c{module}\n{name}\n".encode() + arguments + b"R" + (state + b"b" if state else b"")


def short(text: str) -> bytes:
    return b"\x8c" + bytes([len(text)]) + text.encode()


NDARRAY = call("numpy.core.multiarray._reconstruct", b"cnumpy\nndarray\nK\x00\x85C\x01b\x87")


def array_of(dtype: str, shape: bytes, data: bytes) -> bytes:
    kind = call("numpy.dtype", short(dtype) + b"\x89\x88\x87")
    return NDARRAY + b"(K\x01" + shape + kind + b"\x89" + data + b"tb"


def test_the_hand_made_pickles_are_otherwise_right(tmp_path):
    inner = array_of("u1", b"K\x02\x85", b"C\x02ab")
    outer = b"\x80\x04" + array_of("O8", b"K\x01\x85", b"]" + inner + b"a") + b"."
    np.testing.assert_array_equal(read(written(tmp_path, outer))[0], [97, 98])


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (array_of("u1", b"J\xff\xff\xff\x7f\x85", b"C\x02ab"), "in 2 bytes; expected 2147483647"),
        (array_of("U0", b"J\xff\xff\xff\x7f\x85", b"C\x00"), "expected numbers or text"),
        (array_of("V8", b"K\x01\x85", b"C\x08abcdefgh"), "expected numbers or text"),
        (array_of("O8", b"K\x01\x85", b"C\x08abcdefgh"), "items do not fill it"),
        (array_of("O8", b"J\xff\xff\xff\x7f\x85", b"]"), "items do not fill it"),
        (array_of("u1", b"J\xff\xff\xff\xff\x85", b"C\x02ab"), "holds a shape"),
        (array_of("u1", b"X\x01\x00\x00\x00a\x85", b"C\x02ab"), "holds a shape"),
        (NDARRAY, "an array without a state"),
        (call("numpy.dtype", short("f8") + b"\x89\x88\x87"), "numpy.dtype; expected arrays"),
        (call("numpy.load", short("x") + b"\x85"), "numpy.load; expected arrays"),
        (call("builtins.eval", short("1") + b"\x85"), "builtins.eval; expected arrays"),
        (b"cos\nsystem\n", "os.system; expected arrays"),
        (b"C\x03abc", "holds a bytes; expected"),
        (b"X\x03\x00\x00\x00\xed\xa0\x80", "characters that do not exist"),
        (b"]" * 40 + b"a" * 39, "nested too deeply"),
        (b"]\x94h\x00a", "nested too deeply"),  # a list that holds itself
    ],
)
def test_an_object_that_is_no_plain_value_is_refused(tmp_path, item, message):
    outer = b"\x80\x04" + array_of("O8", b"K\x01\x85", b"]" + item + b"a") + b"."
    with pytest.raises(DataError, match=r"x\.npz: 'a' ") as caught:
        read(written(tmp_path, outer))
    assert message in str(caught.value)


def test_repeated_lists_do_not_unfold_without_bound(tmp_path):
    # Each list holds the one before it ten times: 10**6 values from a few dozen bytes.
    level = b"]\x94"
    for index in range(6):
        level = (
            b"]("
            + (level + b"\x94" if index == 0 else level)
            + b"".join(b"h" + bytes([index]) for _ in range(9))
            + b"e\x94"
        )
    outer = b"\x80\x04" + array_of("O8", b"K\x01\x85", b"]" + level + b"a") + b"."
    with pytest.raises(DataError, match="expected"):
        read(written(tmp_path, outer))


def test_one_run_of_bytes_may_not_become_many_arrays(tmp_path):
    block = np.zeros(1 << 20, np.uint8)
    array = np.empty(1, dtype=object)
    array[0] = [block] * 1_000
    path = written(tmp_path, pickle.dumps(array, protocol=4))
    with pytest.raises(DataError, match="repeats its arrays too often"):
        read(path)


def test_one_long_text_among_many_is_refused(tmp_path):
    array = np.array(["a" * 100_000] + ["b"] * 1_000, dtype=object)
    path = written(tmp_path, pickle.dumps(array, protocol=4), (1001,))
    with pytest.raises(DataError, match="expected short names"):
        read(path)


def test_too_many_steps_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("flhetero_dash.data.pickles.MAX_OPCODES", 1_000)
    with pytest.raises(DataError, match="more than 1000 steps"):
        read(written(tmp_path, b"\x80\x04" + b"N" * 2_000 + b"."))


def test_too_many_elements_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("flhetero_dash.data.object_arrays.MAX_ELEMENTS", 100)
    array = np.array(list(range(200)), dtype=object)
    with pytest.raises(DataError, match="too many objects; expected at most 100"):
        read(written(tmp_path, pickle.dumps(array, protocol=4), (200,)))


def test_dicts_are_for_the_affinity_file_alone(tmp_path):
    array = np.array({"local": np.eye(2), np.str_("other"): np.eye(3)}, dtype=object)
    path = written(tmp_path, pickle.dumps(array, protocol=4), ())
    with pytest.raises(DataError, match="uses opcode 0x7d"):
        read(path)
    found = read(path, dictionary=True)[()]
    assert list(found) == ["local", "other"]
    np.testing.assert_array_equal(found["other"], np.eye(3))


@pytest.mark.parametrize("key", [np.array([1]), 1.5, (1, 2)], ids=["array", "number", "tuple"])
def test_a_key_that_is_no_text_is_refused(tmp_path, key):
    raw = pickle.dumps(key, protocol=4)[2:-1]
    if raw[:1] == b"\x95":
        raw = raw[9:]
    stream = b"\x80\x04" + array_of("O8", b")", b"]}" + raw + b"Nsa") + b"."
    with pytest.raises(DataError, match=r"x\.npz: 'a' "):
        read(written(tmp_path, stream, ()), dictionary=True)


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
@pytest.mark.parametrize(
    "items",
    [
        [np.arange(3), np.arange(4.0, dtype=np.float32)],
        [np.arange(3, dtype=">i2"), np.asfortranarray(np.eye(3)[:2])],
        ["a", "ä"],
        [1, 2.5, True, None],
        [[1, 2], [3]],
        [np.float64(1.5), np.str_("x"), np.int8(3)],
        [np.array(["a", "bc"]), np.array(["d", [1]], dtype=object)],
        [np.zeros(100_000, np.uint8), np.zeros((0, 3))],
    ],
)
def test_what_object_arrays_hold_is_read_as_it_was(tmp_path, items, protocol):
    array = np.empty(len(items), dtype=object)
    for index, item in enumerate(items):
        array[index] = item
    found = read(written(tmp_path, pickle.dumps(array, protocol=protocol), array.shape))
    for ours, theirs in zip(found, items, strict=True):
        np.testing.assert_equal(ours, theirs)
        assert np.shape(ours) == np.shape(theirs)


def test_the_shape_of_the_header_must_be_that_of_the_pickle(tmp_path):
    raw = pickle.dumps(np.array([1, 2], dtype=object), protocol=4)
    with pytest.raises(DataError, match=r"shape \(2,\); expected an object array of shape \(3,\)"):
        read(written(tmp_path, raw, (3,)))


def test_numpy_itself_writes_what_we_read(tmp_path):
    array = np.array([np.arange(2), np.arange(3)], dtype=object)
    stream = io.BytesIO()
    np.savez_compressed(stream, a=array)
    (tmp_path / "x.npz").write_bytes(stream.getvalue())
    np.testing.assert_array_equal(read(tmp_path / "x.npz")[1], [0, 1, 2])
