"""Histories and notes of known content, for tests of the report."""

from pathlib import Path
from typing import Any

import numpy as np

from flhetero_dash.annotations import NoteDraft
from flhetero_dash.jobs import JobsHere
from flhetero_dash.queries import Queries
from flhetero_dash.queries.report import Report
from flhetero_dash.queries.sources import Sources
from flhetero_dash.settings import Settings
from tests.browser.odd_histories import N_RECORDS, write_history

DATASET, CLIENT = "study", "Hospital A"
HOSTILE = '<script>alert(1)</script>"><img src=http://x.example/a onerror=alert(2)> &amp; {x}'


class Study:
    """A history whose last 9 of 40 records are inconsistent, and what people noted of it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.data, self.cache = folder / "data", folder / "cache"
        self.url = f"sqlite:///{folder}/notes.sqlite"
        write_history(self.data, DATASET, **options)
        settings = Settings(data_dir=self.data, cache_dir=self.cache, database_url=self.url)
        self.queries = Queries.over(Sources(settings, JobsHere()))

    def note(self, records: list[int], text: str = "Odd ones", **fields: Any) -> None:
        """Keep a note, also one that the page would not make."""
        client = fields.get("client", CLIENT)
        samples = "unknown"
        if client in self.queries.federation.federation(DATASET).samples.client_names:
            samples = self.queries.records.pictures_identity(DATASET, client)
        given = {"dataset": DATASET, "client": CLIENT, "round_index": 1, "inputs": "local"}
        rest = given | {"samples": samples, "author": "Ada", "text": text} | fields
        self.queries.notes.store.add(NoteDraft.of(records, **rest))

    def change(self, **arrays: Any) -> None:
        """Change the samples; a function is given the array that is there."""
        path = self.data / "datasets" / DATASET / "samples.npz"
        with np.load(path) as archive:
            held = dict(archive)
        for name, value in arrays.items():
            held[name] = value(held[name]) if callable(value) else value
        np.savez_compressed(path, **held)

    def report(
        self, client: str | None = CLIENT, shown: int | None = None, with_records: bool = False
    ) -> Report:
        """Collect the report."""
        return self.queries.report.report(DATASET, client, shown, with_records)

    def close(self) -> None:
        """Close the notes."""
        self.queries.notes.store.close()


LAST = list(range(N_RECORDS - 9, N_RECORDS))
