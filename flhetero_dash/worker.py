"""Celery's entry point: `celery -A flhetero_dash.worker worker`, with REDIS_URL set."""

import sys
from pathlib import Path

# Importing the queries makes their jobs known.
from flhetero_dash import queries
from flhetero_dash.cache import tidy
from flhetero_dash.jobs.serving import Serving
from flhetero_dash.settings import Settings, SettingsError

__all__ = ["app", "queries"]

ROOT = Path(__file__).resolve().parents[1]

try:
    settings = Settings.load(ROOT)
    app = Serving(settings).app()
except (SettingsError, ValueError) as error:
    sys.exit(f"local_settings.py or the environment: {error}")
tidy(settings.cache_dir)
