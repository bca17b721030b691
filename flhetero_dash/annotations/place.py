"""Where the notes are kept."""

import hashlib
import os
from pathlib import Path

from flhetero_dash.annotations.database import SQLITE
from flhetero_dash.settings import Settings


def notes_url(settings: Settings) -> str:
    """Give DATABASE_URL or, without it, that of a SQLite file."""
    return settings.database_url or f"{SQLITE}{_default_file(settings.data_dir.absolute())}"


def _default_file(data_dir: Path) -> Path:
    """Choose `DATA_DIR/notes.sqlite`, or a file of the user's own where that cannot be written.

    Never within the cache, which may be removed. A file that is there already is the one, so that
    notes do not seem lost when the permissions of a folder change.
    """
    beside = data_dir / "notes.sqlite"
    try:
        home = Path.home() / ".local" / "share" / "flhetero_dash"
    except RuntimeError:  # a user without a home: saving a note will say what is wrong
        return beside
    own = home / hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:16] / beside.name
    if beside.exists() or (not own.exists() and _can_be_made_in(data_dir)):
        return beside
    return own


def _can_be_made_in(folder: Path) -> bool:
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return os.access(folder, os.W_OK | os.X_OK)
