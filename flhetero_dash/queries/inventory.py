"""Data page: what is on disk for a client, and what is wrong with it."""

from flhetero_dash.data.inventory import Inventory, take_inventory
from flhetero_dash.queries.sources import Sources


class InventoryQueries:
    """Looked at anew whenever it is asked for: it must tell what is there now."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def inventory(self, dataset: str, client: str | None) -> Inventory:
        """Look at every file of a client, by default the first; as the command `check` does."""
        return take_inventory(self._sources.reader, dataset, client)
