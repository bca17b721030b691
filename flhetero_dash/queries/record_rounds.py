"""What the federated model says of one record after each round."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.record_history import GAP
from flhetero_dash.arrays import IntArray
from flhetero_dash.cache import key_of
from flhetero_dash.queries.outputs import compared
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound

VERSION = 1


@dataclass(frozen=True)
class OutputsByRound:
    """Class ids of all inputs of one kind by round, of shape (n_rounds, n_inputs); or `GAP`."""

    classes: IntArray


@dataclass(frozen=True)
class RecordRounds:
    """One record's output by round.

    Attributes
    ----------
    classes : ndarray of int, shape (n_rounds,)
        Class ids of the federated model's outputs; `GAP` where they were not recorded.
    truth : int or None
    standalone : int
        The stand-alone model's output, which no round changes.
    """

    classes: IntArray
    truth: int | None
    standalone: int


class RecordRoundQueries:
    """Records through the training."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def rounds(self, chosen: ClientRound, record: int) -> RecordRounds:
        """Give a record's output after every round."""
        reader = self._sources.reader
        both = compared(reader, chosen)
        if record >= len(both.X):
            raise NothingToShowError(f"There is no record {record} among {chosen.inputs} inputs.")
        key = key_of(
            "outputs-by-round",
            VERSION,
            identity=reader.identity(chosen.dataset, chosen.client, None),
            inputs=chosen.inputs,
        )
        every = self._sources.results.get(
            OutputsByRound, key, lambda: self._by_round(chosen, len(both.X))
        )
        truth = None if both.y_true is None else int(both.y_true[record])
        return RecordRounds(every.classes[:, record], truth, int(both.y_local[record]))

    def _by_round(self, chosen: ClientRound, n_inputs: int) -> OutputsByRound:
        reader = self._sources.reader
        n_rounds = reader.federation(chosen.dataset).n_rounds
        classes = np.full((n_rounds, n_inputs), GAP, dtype=np.int32)
        for index in reader.output_rounds(chosen.dataset, chosen.client):
            outputs = reader.global_outputs(chosen.dataset, chosen.client, index)
            # Of a running training, outputs may be there before the curves that count rounds.
            if index < n_rounds and outputs is not None and chosen.inputs in outputs.classes:
                classes[index] = outputs.classes[chosen.inputs]
        return OutputsByRound(classes)
