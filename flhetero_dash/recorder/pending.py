"""What a recorder keeps between two calls: in files, so that neither memory nor a process does."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from flhetero_dash.arrays import FloatArray
from flhetero_dash.blocks import read_block, read_json, write_block, write_json
from flhetero_dash.data.layout import Layout

Notes = Mapping[str, float | None]


class Pending:
    """Updates whose round is not finished, and the server's model before the next round.

    The vectors hold a model's trainable parameters and, behind them, its batch statistics. They
    are mapped into memory when they are needed, and removed when their round is finished.

    Parameters
    ----------
    layout : Layout
    client : str or None
        Whose recorder it is; None: everybody's.
    private : bool
        Whether updates may not lie in a file, not even for a moment: memory has them.
    """

    def __init__(self, layout: Layout, client: str | None, *, private: bool = False) -> None:
        self._layout = layout
        self._own = layout.facts_folder(client)
        self._private = private
        self._kept: dict[str, tuple[int, FloatArray, Notes]] = {}

    def put_update(self, client: str, round_index: int, vector: FloatArray, notes: Notes) -> None:
        """Keep a client's model after its training; the notes come last: then it is there."""
        self.drop_update(client)
        if self._private:
            self._kept[client] = (round_index, vector, notes)
            return
        write_block(self._path(client, "npy"), vector)
        write_json(self._path(client, "json"), {"round_index": round_index, **notes})

    def update_round(self, client: str) -> int | None:
        """Round of the client's update that waits for the server; None: none waits."""
        if client in self._kept:
            return self._kept[client][0]
        path = self._path(client, "json")
        return int(read_json(path)["round_index"]) if path.exists() else None

    def update(self, client: str) -> tuple[FloatArray, dict[str, float]]:
        """Give the vector and the notes; what is not known is left out."""
        if client in self._kept:
            _, vector, notes = self._kept[client]
        else:
            vector, notes = (
                read_block(self._path(client, "npy")),
                read_json(self._path(client, "json")),
            )
        known = {k: float(v) for k, v in notes.items() if v is not None and k != "round_index"}
        return vector, known

    def drop_update(self, client: str) -> None:
        """Forget it."""
        self._kept.pop(client, None)
        for suffix in ("json", "npy"):
            self._path(client, suffix).unlink(missing_ok=True)

    def put_server(self, round_index: int, vector: FloatArray) -> None:
        """Keep the server's model that a round starts from."""
        write_block(self._server(round_index), vector)

    def server(self, round_index: int) -> FloatArray | None:
        """Give the server's model that a round starts from; None: nobody has told it."""
        path = self._server(round_index)
        return read_block(path) if path.exists() else None

    def drop_servers(self, before: int) -> None:
        """Forget those of rounds that are finished."""
        for path in self._own.glob("before_*.npy"):
            if int(path.stem.removeprefix("before_")) < before:
                path.unlink()

    def _path(self, client: str, suffix: str) -> Path:
        return self._layout.facts_folder(client) / f"update.{suffix}"

    def _server(self, round_index: int) -> Path:
        return self._own / f"before_{round_index}.npy"


def behind(vector: FloatArray, statistics: FloatArray) -> FloatArray:
    """Put batch statistics behind the trainable parameters."""
    return np.concatenate([vector, statistics.astype(vector.dtype)]) if statistics.size else vector
