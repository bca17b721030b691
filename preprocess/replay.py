"""`replay`: fill outputs that are missing from checkpoints, the network and the records."""

import argparse
import importlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from flhetero_dash.analysis.pictures import white_level
from flhetero_dash.arrays import FloatArray, SampleArray
from flhetero_dash.data.errors import DataError, UnknownNameError
from flhetero_dash.data.files import is_there
from flhetero_dash.data.findings import counted_rounds
from flhetero_dash.data.layout import SERVER
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.data.recorded import Answers
from flhetero_dash.data.samples import ClientSamples
from flhetero_dash.data.samples_keys import LOCAL as INPUTS
from flhetero_dash.data.writer import LOCAL, HistoryWriter, global_model
from flhetero_dash.recorder.answers import answers_of
from flhetero_dash.recorder.training import Prepare, predictor
from flhetero_dash.settings import Settings, SettingsError

ROOT = Path(__file__).resolve().parents[1]
DONE, FAILED, BAD_ARGUMENTS = 0, 1, 2
CHECK = "`python -m preprocess check` says what is there"
SAME = 0.98  # of the records; processors differ by a few
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

        def answer(model: str, path: Path) -> Answers:
            state = read_state_dict(path, self.settings.max_array_bytes)
            try:
                return answers_of(predict, state, samples.inputs, n_classes, f"{client}, {model}")
            except RuntimeError as error:
                reason = " ".join(str(error).split())[:300]
                raise DataError(f"{path}: does not fit the network {spec}: {reason}") from None

        self._require_same(client, answer)
        for _, model, path in missing:
            writer.write_outputs(client, model, answer(model, path))
        rounds = [index for index, *_ in missing if index is not None]
        own = ["stand-alone model"] if len(rounds) < len(missing) else []
        words = own + ([counted_rounds(rounds)] if rounds else [])
        return len(missing), ", ".join(words)

    @cached_property
    def _reader(self) -> HistoryReader:
        return HistoryReader(self.settings)

    def _missing(self, client: str) -> Iterator[tuple[int | None, str, Path]]:
        """List round, model and checkpoint of what can be filled."""
        layout = self._reader.layout(self.dataset)
        own = layout.checkpoint(client, None)
        if is_there(own) and not is_there(layout.local_outputs(client)):
            yield None, LOCAL, own
        for index in range(self._reader.federation(self.dataset).n_rounds):
            path = layout.checkpoint(SERVER, index)
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
        from flhetero_dash.analysis.picture_scaling import (  # noqa: PLC0415
            PictureScaling,
            scaled_pictures,
        )

        means_stds = self.settings.normalize.get(self.dataset, MIDDLE)
        shape = info.shape if len(info.shape) > 2 else (1, *info.shape)  # noqa: PLR2004 - channel first
        white = {id(X): white_level(X) for X in samples.inputs.values()}

        def scaled(X: SampleArray) -> FloatArray:
            scaling = PictureScaling(*means_stds, divisor=white[id(X)])
            pictures: FloatArray = scaled_pictures(X, shape, scaling).numpy()
            return pictures

        return scaled

    def _require_same(self, client: str, answer: Callable[[str, Path], Answers]) -> None:
        """Raise unless the network answers what was recorded, in a round that has both."""
        reader, layout = self._reader, self._reader.layout(self.dataset)
        for index in layout.output_rounds(client):
            path = layout.checkpoint(SERVER, index)
            recorded = reader.global_outputs(self.dataset, client, index)
            if recorded is None or not is_there(path):
                continue
            found = answer(global_model(index), path).classes
            same = float(np.mean(found[INPUTS] == recorded.classes[INPUTS]))
            if same < SAME:
                raise DataError(
                    f"{path}: on {same:.0%} of {client}'s records the network answers what was "
                    f"recorded of round {index + 1}; expected nearly all: is it another network, "
                    "or are its inputs scaled otherwise (NORMALIZE, --prepare)? Nothing is written"
                )
            return


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
