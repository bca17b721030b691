"""What is to be recorded of a training run: the same in every process that takes part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from flhetero_dash.data.layout import Layout
from flhetero_dash.data.recorded import RecordKind
from flhetero_dash.data.writer import HistoryWriter

Checkpoints = Literal["all", "last", "thinned", "none"]


@dataclass(frozen=True)
class Run:
    """One training run and the folder that its history is written to.

    Attributes
    ----------
    data_dir : Path or str
        What the dashboard has as ``DATA_DIR``: gets ``datasets/DATASET`` and ``history/DATASET``.
    dataset : str
        Name of the two folders, and of the data set in the dashboard.
    clients : tuple of str (any sequence is made one)
        Everybody, in the order of the client axis; the same in every process.
    label_names : tuple of str (any sequence is made one)
        Name of class id 0, 1, ...
    kind : RecordKind
        What every record is: ``RecordKind("image", (1, 28, 28))``, for example.
    aggregation : str
        For people, such as ``FedAvg``.
    layers : mapping of str to sequence of str, optional
        Layer -> names of its parameters. Default: ``x.weight`` and ``x.bias`` make layer ``x``.
    trainable : sequence of str, optional
        Names of the parameters that the federation trains. Default: all floating-point ones, but
        no batch statistics. Name them for adapters, and where a layer stays with the client.
    checkpoints : str
        Which of the server's models are kept whole: ``all``, ``last``, ``thinned`` (rounds 1, 2,
        4, 8, ... as they are shown, and the last) or ``none``.
    n_sampled : int
        Most positions of the parameters that are recorded over all layers.
    n_sampled_layer : int, optional
        The same for each layer by itself; default: `n_sampled`.
    seed : int
        Of these positions: the same in every process.
    run_id : str
        What tells this run from others, if there is something; a folder takes one run only.

    Raises
    ------
    ValueError
        If a name cannot be one of a file, or a setting is none of those above.
    """

    data_dir: Path
    dataset: str
    clients: tuple[str, ...]
    label_names: tuple[str, ...]
    kind: RecordKind
    aggregation: str = "FedAvg"
    layers: Mapping[str, Sequence[str]] | None = None
    trainable: Sequence[str] | None = None
    checkpoints: Checkpoints = "all"
    n_sampled: int = 1_000
    n_sampled_layer: int | None = None
    seed: int = 0
    run_id: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "data_dir", Path(self.data_dir))
        for names in ("clients", "label_names"):
            object.__setattr__(self, names, tuple(getattr(self, names)))
        self.writer()  # checks the names
        if self.checkpoints not in get_args(Checkpoints):
            raise ValueError(
                f"checkpoints '{self.checkpoints}'; expected {', '.join(get_args(Checkpoints))}"
            )
        for what in ("n_sampled", "n_sampled_layer"):
            wanted = getattr(self, what)
            if wanted is not None and wanted < 1:
                raise ValueError(f"{what} is {wanted}; expected at least 1")

    @property
    def layout(self) -> Layout:
        """Where the files lie."""
        home, history = (self.data_dir / part / self.dataset for part in ("datasets", "history"))
        return Layout(self.dataset, home, history)

    def writer(self, layer_names: Sequence[str] = ("model",)) -> HistoryWriter:
        """Make the writer; the layers are known when the first model is."""
        layout = self.layout
        return HistoryWriter(
            layout.home, layout.history, self.clients, tuple(layer_names), self.label_names
        )

    def as_json(self) -> dict[str, Any]:
        """Give what must be the same in every process, and when a run is resumed."""
        return {
            "run_id": self.run_id,
            "dataset": self.dataset,
            "clients": list(self.clients),
            "label_names": list(self.label_names),
            "kind": [self.kind.name, list(self.kind.shape)],
            "aggregation": self.aggregation,
            "sampled": [self.n_sampled, self.n_sampled_layer, self.seed],
        }
