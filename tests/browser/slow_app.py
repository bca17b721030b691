"""The app, whose clusters are not computed before a file is removed: slow as long as a test wants.

A pool process imports this file too, so it has the same clusters.
"""

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flhetero_dash.analysis.rank_clustering import RankClusters, cluster_records
from flhetero_dash.factory import create_app
from flhetero_dash.queries import clusters
from flhetero_dash.settings import Settings

ROOT = Path(__file__).parents[2]
HOLD = Path(os.environ["HOLD_CLUSTERS"])


def held(*args: Any, progress: Callable[..., None], **options: Any) -> RankClusters:  # noqa: ANN401
    progress("Ranking 9 records", 1, 4)
    while HOLD.exists():
        time.sleep(0.02)
    return cluster_records(*args, progress=progress, **options)


vars(clusters)["cluster_records"] = held

if __name__ == "__main__":
    settings = Settings.load(ROOT)
    app = create_app(settings, ROOT / "assets")
    app.run(host=settings.host, port=settings.port, debug=False)
