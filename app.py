"""Entry point: `python app.py`, or `gunicorn app:server`."""

import logging
import sys
from pathlib import Path

from flhetero_dash.factory import create_app
from flhetero_dash.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parent

# A pool process imports this file too (as `__mp_main__`), and needs no app of its own.
if __name__ != "__mp_main__":
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    try:
        settings = Settings.load(ROOT)
    except SettingsError as error:
        sys.exit(f"local_settings.py or the environment: {error}")
    app = create_app(settings, ROOT / "assets", warm=True)
    server = app.server

if __name__ == "__main__":
    app.run(host=settings.host, port=settings.port, debug=False)
