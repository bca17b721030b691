"""What one dataset's clients have in common: from the common files or from a run's rounds."""

from collections.abc import Mapping
from typing import Any

from flhetero_dash.data.files import Files, is_there
from flhetero_dash.data.history import TrainingHistory
from flhetero_dash.data.layout import Layout
from flhetero_dash.data.manifest import read_manifest
from flhetero_dash.data.round_facts import JoinedFacts, joined_facts
from flhetero_dash.data.summary import FederationSummary
from flhetero_dash.data.weight_history import read_facts
from flhetero_dash.data.weights import read_layer_names


class CommonFiles:
    """Reads them; every method raises `DataError` when what it reads cannot be used.

    Parameters
    ----------
    files : Files
    layout : Layout
    """

    def __init__(self, files: Files, layout: Layout) -> None:
        self._files, self._layout = files, layout

    def history(self, client_names: tuple[str, ...]) -> TrainingHistory | None:
        """Read loss and accuracy of all clients; None: nobody has written any."""
        layout = self._layout
        if not is_there(layout.validation):
            facts = self._facts(client_names)
            return None if facts is None else facts.history()

        def is_gap(key: str, client: str, round_index: int) -> bool:
            locate = layout.round_weights if key == "loss" else layout.global_outputs
            return not is_there(locate(client, round_index))

        return self._files.read(
            "history",
            layout.validation,
            lambda archive: TrainingHistory.read(archive, client_names, is_gap),
            layout.samples,
        )

    def layer_names(self) -> tuple[str, ...]:
        """Read the names of the layers; empty: there is no ``model_info.npz``."""
        path = self._layout.model_info
        return self._files.read("layers", path, read_layer_names) if is_there(path) else ()

    def manifest(self) -> Mapping[str, Any] | None:
        """Read what the recorder says about the run; None: there is no ``manifest.json``."""
        path = self._layout.manifest
        return self._files.read_text("manifest", path, read_manifest) if is_there(path) else None

    def summary(self, client_names: tuple[str, ...]) -> FederationSummary | None:
        """Read the counts of all clients; None: nobody has written any."""
        layout = self._layout
        if not is_there(layout.summary):
            facts = self._facts(client_names)
            return None if facts is None else facts.summary()
        return self._files.read(
            "summary",
            layout.summary,
            lambda archive: FederationSummary.read(archive, client_names),
            layout.samples,
        )

    def _facts(self, client_names: tuple[str, ...]) -> JoinedFacts | None:
        """Join the rounds of a training that still runs, or was killed."""
        found = self._layout.unjoined_facts(client_names)
        if not found:
            return None
        return self._files.combine(
            ("facts", self._layout.history, client_names),
            tuple(path for _, path in found),
            lambda: joined_facts(client_names, read_facts(self._files, found)),
        )
