"""Files with bytes changed at random: read, or a `DataError`; nothing else comes out."""

import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from flhetero_dash.data.checkpoints import read_state_dict
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.settings import Settings

N_CHANGES = 60
RUN = "history/mnist"
KINDS: dict[str, tuple[str, Callable[[HistoryReader], object]]] = {
    "samples": ("datasets/mnist/samples.npz", lambda r: r.samples("mnist", "Client-0")),
    "validation": (f"{RUN}/validation.npz", lambda r: r.federation("mnist")),
    "model info": (f"{RUN}/model_info.npz", lambda r: r.federation("mnist")),
    "local": (f"{RUN}/outputs/Client-0_local.npz", lambda r: r.local_outputs("mnist", "Client-0")),
    "global": (
        f"{RUN}/outputs/Client-0_Server_r3.npz",
        lambda r: r.global_outputs("mnist", "Client-0", 3),
    ),
    "initial": (f"{RUN}/weights/weights_0.npz", lambda r: r.weights("mnist", "Client-0")),
    "weights": (f"{RUN}/weights/Client-0_r3.npz", lambda r: r.weights("mnist", "Client-0")),
    "cosines": (f"{RUN}/weights/cosines.npz", lambda r: r.weights("mnist", "Client-0")),
    "affinity": ("cache/affinity_mnist.npz", lambda r: r.affinity("mnist", "Client-0", "local")),
}


@pytest.fixture(scope="module")
def copy(published: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fuzz") / "data"
    shutil.copytree(published, folder)
    return folder


def told(read: Callable[[], object]) -> str:
    """Read something: the message of its `DataError`, or nothing."""
    try:
        read()
    except DataError as error:
        return str(error)
    return ""


def changed(raw: bytes, rng: np.random.Generator) -> bytes:
    """Replace some bytes, more of them where the directory is; or cut the end off."""
    altered = bytearray(raw)
    for _ in range(int(rng.integers(1, 4))):
        at = int(rng.integers(len(raw)))
        if rng.random() < 0.5:  # the zip directory, at the end
            at = len(raw) - 1 - int(rng.integers(min(len(raw), 700)))
        altered[at] = int(rng.integers(256))
    keep = len(raw) if rng.random() < 0.9 else int(rng.integers(len(raw)))
    return bytes(altered[:keep])


@pytest.mark.parametrize("kind", KINDS)
def test_a_changed_archive_is_read_or_told(copy, tmp_path, rng, impatient, kind):
    name, read = KINDS[kind]
    path = copy / name
    whole = path.read_bytes()
    reader = HistoryReader(Settings(data_dir=copy, cache_dir=tmp_path))
    messages = []
    try:
        for _ in range(N_CHANGES):
            path.write_bytes(changed(whole, rng))
            messages.append(told(lambda: read(reader)))
    finally:
        path.write_bytes(whole)
    assert all(path.name in message for message in messages if message)
    assert len([message for message in messages if message]) > N_CHANGES / 4
    read(reader)  # mended: at once


def repacked(path: Path, rng: np.random.Generator) -> None:
    """Change bytes of the members and write right checksums: only our own checks are left."""
    with zipfile.ZipFile(path) as archive:
        members = {name: bytearray(archive.read(name)) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name, data in members.items():
            for _ in range(int(rng.integers(0, 3))):
                # Headers and the beginning of pickles lie in the first bytes.
                end = len(data) if rng.random() < 0.3 else min(len(data), 500)
                data[int(rng.integers(end))] = int(rng.integers(256))
            archive.writestr(name, bytes(data))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "samples"])
def test_changed_members_with_right_checksums_are_read_or_told(
    copy, tmp_path, rng, impatient, kind
):
    name, read = KINDS[kind]
    path = copy / name
    whole = path.read_bytes()
    reader = HistoryReader(Settings(data_dir=copy, cache_dir=tmp_path))
    try:
        for _ in range(N_CHANGES):
            path.write_bytes(whole)
            repacked(path, rng)
            message = told(lambda: read(reader))
            assert path.name in message or not message
    finally:
        path.write_bytes(whole)


def test_changed_samples_with_right_checksums_are_read_or_told(copy, tmp_path, rng, impatient):
    path = copy / "datasets/mnist/samples.npz"
    whole = path.read_bytes()
    reader = HistoryReader(Settings(data_dir=copy, cache_dir=tmp_path))
    try:
        for _ in range(15):
            path.write_bytes(whole)
            repacked(path, rng)
            message = told(lambda: reader.samples("mnist", "Client-0"))
            assert path.name in message or not message
    finally:
        path.write_bytes(whole)


def test_a_changed_checkpoint_is_read_or_told(copy, rng, impatient):
    path = copy / RUN / "checkpoints" / "Server" / "Server_r0.cp"
    whole = path.read_bytes()
    for change in range(N_CHANGES):
        if change % 2:
            path.write_bytes(changed(whole, rng))
        else:
            path.write_bytes(whole)
            repacked(path, rng)
        message = told(lambda: read_state_dict(path))
        assert path.name in message or not message
    path.write_bytes(whole)
    read_state_dict(path)
