"""`replay`: fill outputs that are missing from checkpoints, the network and the records."""

import argparse
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from flhetero_dash.analysis.pictures import white_level
from flhetero_dash.arrays import FloatArray, SampleArray
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.files import is_there
from flhetero_dash.data.findings import counted_rounds
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.data.samples import ClientSamples
from flhetero_dash.data.writer import LOCAL, HistoryWriter, global_model
from flhetero_dash.recorder.answers import answers_of
from flhetero_dash.recorder.training import Prepare, predictor
from flhetero_dash.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]
DONE, FAILED, BAD_ARGUMENTS = 0, 1, 2
CHECK = "`python -m preprocess check` says what is there"
MIDDLE = ((0.5,), (0.5,))
Say = Callable[..., None]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's options."""
    parser.add_argument("--dataset", required=True, metavar="NAME")
    parser.add_argument("--client", metavar="NAME", help="default: all")
    parser.add_argument(
        "--model",
        metavar="MODULE:NAME",
        help="class or factory of the network; default: that of the setting MODELS",
    )
    parser.add_argument(
        "--prepare",
        metavar="MODULE:NAME",
        help="function that makes recorded inputs (n, n_features) those of the network; default: "
        "pictures by the setting NORMALIZE, other records as they are",
    )


def run(args: argparse.Namespace, say: Say) -> int:
    """Write what is missing; what is there stays as it is."""
    try:
        settings = Settings.load(ROOT)
        replay = Replay(settings, args.dataset, args.model, args.prepare)
        clients = replay.clients if args.client is None else (args.client,)
        n_written = 0
        for client in clients:
            n_files, words = replay.fill(client)
            n_written += n_files
            if n_files:
                say(f"{client}: {words}")
    except (SettingsError, UnknownNameError) as error:
        say(f"{error}")
        return BAD_ARGUMENTS
    except (DataError, ValueError, OSError) as error:
        say(f"problem: {error}")
        return FAILED
    say(f"files written: {n_written}" if n_written else f"nothing to fill; {CHECK}")
    return DONE


@dataclass(frozen=True)
class Replay:
    """Fills the outputs of one dataset.

    Parameters
    ----------
    settings : Settings
    dataset : str
    model, prepare : str, optional
        ``package.module:Name``, as on the command line.

    Raises
    ------
    UnknownNameError
        If there is no such dataset.
    DataError
        If its files cannot be read, or no network is named for it.
    ValueError
        If what is named cannot be imported.
    """

    settings: Settings
    dataset: str
    model: str | None = None
    prepare: str | None = None

    @property
    def clients(self) -> tuple[str, ...]:
        """Names of all clients."""
        return self._reader.samples_info(self.dataset).client_names

    def fill(self, client: str) -> tuple[int, str]:
        """Write a client's missing outputs; give how many files, and what they are."""
        reader, layout = self._reader, self._reader.layout(self.dataset)
        info = reader.samples_info(self.dataset)
        info.row(client)
        # Here and below: torch, which other commands do without.
        from flhetero_dash.analysis.networks import build  # noqa: PLC0415
        from flhetero_dash.data.checkpoints import read_state_dict  # noqa: PLC0415

        missing = list(self._missing(client))
        if not missing:
            return 0, ""
        samples = reader.samples(self.dataset, client)
        names = reader.layer_names(self.dataset) or ("model",)
        writer = HistoryWriter(
            layout.home, layout.history, info.client_names, names, info.label_names
        )
        spec = self._spec()
        predict = predictor(partial(build, spec), self._prepared(samples))
        n_classes = len(info.label_names)
        for _, model, path in missing:
            where = f"{client}, {model}"
            state = read_state_dict(path, self.settings.max_array_bytes)
            try:
                answers = answers_of(predict, state, samples.inputs, n_classes, where)
            except RuntimeError as error:
                reason = " ".join(str(error).split())[:300]
                raise DataError(f"{path}: does not fit the network {spec}: {reason}") from None
            writer.write_outputs(client, model, answers)
        rounds = [index for index, *_ in missing if index is not None]
        own = ["stand-alone model"] if len(rounds) < len(missing) else []
        words = own + ([counted_rounds(rounds)] if rounds else [])
        return len(missing), ", ".join(words)

    @property
    def _reader(self) -> HistoryReader:
        return HistoryReader(self.settings)

    def _missing(self, client: str) -> Iterator[tuple[int | None, str, Path]]:
        """List round, model and checkpoint of what can be filled."""
        layout = self._reader.layout(self.dataset)
        own = layout.checkpoint(client, None)
        if is_there(own) and not is_there(layout.local_outputs(client)):
            yield None, LOCAL, own
        for index in range(self._reader.federation(self.dataset).n_rounds):
            path = layout.checkpoint("Server", index)
            if is_there(path) and not is_there(layout.global_outputs(client, index)):
                yield index, global_model(index), path

    def _spec(self) -> str:
        from flhetero_dash.analysis.networks import BUILT_IN  # noqa: PLC0415

        spec = self.model or self.settings.models.get(self.dataset) or BUILT_IN.get(self.dataset)
        if spec is None:
            raise DataError(
                f"{self.dataset}: no network is named for its checkpoints; expected --model "
                "package.module:Class, or the setting MODELS"
            )
        return spec

    def _prepared(self, samples: ClientSamples) -> Prepare:
        """Give what makes a client's recorded inputs those of the network."""
        info = self._reader.samples_info(self.dataset)
        if self.prepare is not None:
            return _imported(self.prepare)
        if not info.is_image:
            return lambda X: X.astype(np.float32)
        means, stds = self.settings.normalize.get(self.dataset, MIDDLE)
        white = {kind: white_level(X) for kind, X in samples.inputs.items()}

        def scaled(X: SampleArray) -> FloatArray:
            kind = next(kind for kind, inputs in samples.inputs.items() if inputs is X)
            shares = X.reshape(len(X), *_channels_first(info.shape)).astype(np.float32)
            mean, std = (np.array(v, dtype=np.float32).reshape(-1, 1, 1) for v in (means, stds))
            return (shares / np.float32(white[kind]) - mean) / std

        return scaled


def _channels_first(shape: tuple[int, ...]) -> tuple[int, ...]:
    return shape if len(shape) == 3 else (1, *shape)  # noqa: PLR2004 - channel, row, column


def _imported(spec: str) -> Prepare:
    module, _, name = spec.partition(":")
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ValueError(f"--prepare {spec}: cannot be imported: {error}") from error
    if not callable(found):
        raise ValueError(f"--prepare {spec}: is a {type(found).__name__}; expected a function")
    prepare: Prepare = found
    return prepare
