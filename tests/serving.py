"""A server of its own, for tests and measurements that look at pages."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "build" / "demo"
HEART = ROOT / "build" / "heart"  # beside the other: the first dataset of a folder is its default
START_LIMIT_S = 60


def chromium() -> str | None:
    """Find the system's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
]


@contextmanager
def serving(
    data_dir: Path, cache_dir: Path, program: tuple[str, ...] = ("app.py",), **environment: str
) -> Iterator[str]:
    """Run `python app.py`, or another program, on a free port for as long as the context lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = {
        "FLHETERO_DATA_DIR": str(data_dir),
        "FLHETERO_CACHE_DIR": str(cache_dir),
        "FLHETERO_PORT": str(port),
        "DATABASE_URL": f"sqlite:///{cache_dir.absolute()}/notes.sqlite",
    }
    log = cache_dir / "server.log"
    cache_dir.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as stream:
        process = subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, *program],
            cwd=ROOT,
            env=os.environ | settings | environment,
            stdout=stream,
            stderr=subprocess.STDOUT,
        )
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/health", process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(START_LIMIT_S * 10):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own server
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")


def made_heart() -> Path:
    """Give the folder of the demo of hospitals; it is made in a few seconds."""
    if not HEART.is_dir():
        made = HEART.with_name(f"heart-{os.getpid()}")  # whole or absent
        command = [sys.executable, "-m", "preprocess", "demo", "--dataset", "heart", "--out"]
        subprocess.run([*command, made], cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own program
        made.rename(HEART)
    return HEART
