"""Selections of records that somebody shared by a link, one small file each."""

import re
from pathlib import Path

from flhetero_dash.blocks import read_json, write_json
from flhetero_dash.data.errors import DataError

MAX_BYTES = 256 << 20
_DIGEST = re.compile(r"[0-9a-f]{32}")


class SharedSelections:
    """Texts of record numbers under their digests; several processes may share one folder."""

    def __init__(self, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        self._folder, self._max_bytes = folder, max_bytes

    def text(self, digest: str) -> str | None:
        """Give what was stored under a digest, or None."""
        if not _DIGEST.fullmatch(digest):
            return None
        try:
            text = read_json(self._folder / f"{digest}.json")
        except (OSError, ValueError):
            return None
        return text if isinstance(text, str) else None

    def store(self, digest: str, text: str) -> None:
        """Keep a text; DataError if it cannot be kept."""
        path = self._folder / f"{digest}.json"
        if not _DIGEST.fullmatch(digest) or path.exists():
            return
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            used = sum(other.stat().st_size for other in self._folder.iterdir())
            if used + len(text) > self._max_bytes:
                raise DataError(
                    f"{self._folder}: shared selections take {used:,} bytes; expected at most "
                    f"{self._max_bytes:,}. The link works in this browser only."
                )
            write_json(path, text)
        except OSError as error:
            raise DataError(
                f"{self._folder}: the selection cannot be shared ({error.strerror}). The link "
                "works in this browser only."
            ) from None
