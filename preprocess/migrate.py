"""`migrate`: prepare the tables of the team's notes, or bring them to the newest form."""

import argparse
from collections.abc import Callable
from pathlib import Path

from flhetero_dash.annotations import NoteStore, StorageError, notes_url
from flhetero_dash.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]
DONE, FAILED, BAD_SETTINGS = 0, 1, 2
Say = Callable[..., None]


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Declare no options: the database is that of the settings."""


def run(_args: argparse.Namespace, say: Say) -> int:
    """Run the steps that are missing; none when there are none."""
    try:
        store = NoteStore(notes_url(Settings.load(ROOT)))
    except (SettingsError, ValueError) as error:
        say(f"{error}")
        return BAD_SETTINGS
    try:
        store.migrate()
    except StorageError as error:
        say(f"{error}")
        return FAILED
    finally:
        store.close()
    say("the tables of the notes are ready")
    return DONE
