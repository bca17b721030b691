"""Where each file of the layout lies; the names it takes are checked before any file call."""

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from flhetero_dash.data.errors import DataError
from flhetero_dash.data.identity import Signature

SERVER = "Server"


def checked_name(name: str, what: str) -> str:
    """Give a client or dataset name back if it cannot leave its folder.

    Parameters
    ----------
    name : str
        Name from a file, a folder or a request.
    what : str
        What it names, for the message.

    Raises
    ------
    DataError
        If it is empty, ``.`` or ``..``, has a separator or NUL, or cannot be a file's name.
    """
    printable = name.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in name)
    if name in {"", ".", ".."} or not printable or any(letter in name for letter in "/\\\0"):
        raise DataError(
            f"{what} {name!r} cannot be used; expected a name without separators, "
            "not empty and not '.' or '..'"
        )
    return name


def checked_client(name: str) -> str:
    """Give a client's name back if files can be named after it."""
    if checked_name(name, "client name") == SERVER:
        raise DataError(f"client name {name!r} cannot be used; the server's files have it")
    return name


@dataclass(frozen=True)
class Layout:
    """Paths of one dataset's files.

    Attributes
    ----------
    dataset : str
        Name of the dataset.
    home, history : Path
        Folder of ``samples.npz``; folder of the training history.
    caches : tuple of Path
        Folders where an affinity file may lie, the preferred one first.
    """

    dataset: str
    home: Path
    history: Path
    caches: tuple[Path, ...] = ()

    @cached_property
    def samples(self) -> Path:
        """Samples of all clients, or what they have in common."""
        return self.home / "samples.npz"

    @cached_property
    def validation(self) -> Path:
        """Loss and accuracy of each client and round."""
        return self.history / "validation.npz"

    @cached_property
    def model_info(self) -> Path:
        """Names of the model's layers."""
        return self.history / "model_info.npz"

    @cached_property
    def manifest(self) -> Path:
        """What the recorder says about the run."""
        return self.history / "manifest.json"

    @cached_property
    def summary(self) -> Path:
        """Counts for each client and round."""
        return self.history / "summary.npz"

    @cached_property
    def outputs(self) -> Path:
        """Folder of the models' outputs."""
        return self.history / "outputs"

    @cached_property
    def weights(self) -> Path:
        """Folder of the sampled parameters."""
        return self.history / "weights"

    @cached_property
    def recording(self) -> Path:
        """Folder of what a recorder notes while training runs."""
        return self.history / "recording"

    @cached_property
    def initial_weights(self) -> Path:
        """Parameters before the first round."""
        return self.weights / "weights_0.npz"

    def client_samples(self, client: str) -> Path:
        """One client's samples, in the form for large federations."""
        return self.home / "samples" / f"{checked_client(client)}.npz"

    def local_outputs(self, client: str) -> Path:
        """Name the outputs of the client's stand-alone model."""
        return self.outputs / f"{checked_client(client)}_local.npz"

    def second_local_outputs(self, client: str) -> Path:
        """Name the outputs of its second stand-alone model, trained from another seed."""
        return self.outputs / f"{checked_client(client)}_local_1.npz"

    def global_outputs(self, client: str, round_index: int) -> Path:
        """Name the outputs of the federated model after a round."""
        return self.outputs / f"{checked_client(client)}_{SERVER}_r{round_index}.npz"

    def update_outputs(self, client: str, round_index: int) -> Path:
        """Name the outputs of the client's own model just after its local training of a round."""
        return self.outputs / f"{checked_client(client)}_update_r{round_index}.npz"

    def round_weights(self, owner: str, round_index: int) -> Path:
        """Parameters of a client or of the server after a round."""
        return self.weights / f"{checked_name(owner, 'client name')}_r{round_index}.npz"

    def extra_weights(self, name: str) -> Path:
        """Read ``cosines``, ``norms``, ``shares`` or ``batchnorm``: one key a client."""
        return self.weights / f"{name}.npz"

    def checkpoint(self, client: str, round_index: int | None) -> Path:
        """State of the client's stand-alone model, or of the server's after a round."""
        folder = self.history / "checkpoints"
        if round_index is None:
            return folder / checked_client(client) / f"{client}_Local_best.cp"
        return folder / SERVER / f"{SERVER}_r{round_index}.cp"

    def facts_folder(self, client: str | None) -> Path:
        """Folder of a recorder's rounds: of one client, or of the one that records all."""
        if client is None:
            return self.recording / "all"
        return self.recording / "clients" / checked_client(client)

    def round_facts(self, client: str | None, round_index: int) -> Path:
        """Name what a recorder notes when a round is finished: the round is there from then on."""
        return self.facts_folder(client) / f"r{round_index}.npz"

    def fact_files(self, clients: tuple[str, ...]) -> tuple[tuple[int, Path], ...]:
        """List the rounds that recorders have noted of some clients, with their files."""
        folders = [self.facts_folder(client) for client in (None, *clients)]
        return tuple(
            (index, folder / f"r{index}.npz")
            for folder in folders
            for index in _rounds(folder, "r", ".npz")
        )

    def unjoined_facts(self, clients: tuple[str, ...]) -> tuple[tuple[int, Path], ...]:
        """As `fact_files`; none once the common files, the manifest last, are written."""
        if Signature.of(self.manifest) is not None or not self.recording.is_dir():
            return ()
        return self.fact_files(clients)

    def affinity(self) -> Path | None:
        """Read the preprocessed rank products of the dataset, where there are any."""
        name = f"affinity_{checked_name(self.dataset, 'dataset')}.npz"
        places = [folder / name for folder in self.caches]
        return next((path for path in places if Signature.of(path) is not None), None)

    def output_rounds(self, client: str) -> tuple[int, ...]:
        """List the rounds whose federated outputs are there for a client, ascending."""
        return _rounds(self.outputs, f"{checked_client(client)}_{SERVER}_r", ".npz")

    def weight_rounds(self, owner: str) -> tuple[int, ...]:
        """List the rounds whose parameters are there for a client or the server, ascending."""
        return _rounds(self.weights, f"{checked_name(owner, 'client name')}_r", ".npz")

    def n_rounds_listed(self, client_names: tuple[str, ...]) -> int:
        """Count rounds up to the last one that any output or server parameters are there for.

        Of a recording, up to the last one that is finished.
        """
        if self.recording.is_dir():
            return max((index for index, _ in self.fact_files(client_names)), default=-1) + 1
        owners = "|".join(re.escape(name) for name in client_names)
        outputs = re.compile(rf"(?:{owners})_{SERVER}_r(0|[1-9]\d{{0,4}})\.npz")
        weights = re.compile(rf"{SERVER}_r(0|[1-9]\d{{0,4}})\.npz")
        rounds = _matching(self.outputs, outputs) + _matching(self.weights, weights)
        return max(rounds, default=-1) + 1


def _rounds(folder: Path, prefix: str, suffix: str) -> tuple[int, ...]:
    pattern = re.compile(re.escape(prefix) + r"(0|[1-9]\d{0,4})" + re.escape(suffix))
    return tuple(sorted(_matching(folder, pattern)))


def _matching(folder: Path, pattern: re.Pattern[str]) -> list[int]:
    try:
        names = [path.name for path in folder.iterdir()]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise DataError(f"{folder}: cannot be listed ({error.strerror})") from None
    return [int(match[1]) for name in names if (match := pattern.fullmatch(name))]
