"""The two models' outputs for one client, round and kind of inputs, side by side."""

from dataclasses import dataclass

from flhetero_dash.analysis.comparison import inconsistent
from flhetero_dash.arrays import BoolArray, IntArray, SampleArray
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import ClientRound


@dataclass(frozen=True)
class Compared:
    """Inputs of one kind and what both models say of them.

    Attributes
    ----------
    X : ndarray of shape (n_samples, n_features)
    y_local, y_global : ndarray of shape (n_samples,)
        Class ids of the stand-alone and the federated model.
    inconsistent : ndarray of shape (n_samples,)
    y_true : ndarray of shape (n_samples,), or None
        Only local records have one.
    """

    X: SampleArray
    y_local: IntArray
    y_global: IntArray
    inconsistent: BoolArray
    y_true: IntArray | None


def compared(reader: HistoryReader, chosen: ClientRound, inputs: str | None = None) -> Compared:
    """Read both models' outputs for the chosen inputs (or for `inputs`).

    Raises
    ------
    NothingToShowError
        If a file of the outputs is absent, or holds no such inputs.
    DataError
        If a file cannot be used.
    """
    kind = inputs or chosen.inputs
    shown = chosen.round_index + 1
    samples = reader.samples(chosen.dataset, chosen.client)
    local = reader.local_outputs(chosen.dataset, chosen.client)
    if local is None or kind not in local.classes:
        raise NothingToShowError(
            f"The stand-alone model's outputs on {kind} inputs of {chosen.client} were not "
            f"recorded (outputs/{chosen.client}_local.npz), so there is nothing to compare with."
        )
    federated = reader.global_outputs(chosen.dataset, chosen.client, chosen.round_index)
    if federated is None or kind not in federated.classes:
        rounds = [index + 1 for index in reader.output_rounds(chosen.dataset, chosen.client)]
        raise NothingToShowError(
            f"The federated model's outputs on {kind} inputs of {chosen.client} were not "
            f"recorded in round {shown}. {_recorded(rounds)}"
        )
    y_local, y_global = local.classes[kind], federated.classes[kind]
    truth = samples.ground_truth if kind == "local" else None
    return Compared(samples.inputs[kind], y_local, y_global, inconsistent(y_local, y_global), truth)


def _recorded(rounds: list[int]) -> str:
    if not rounds:
        return "No round has any."
    if len(rounds) > 12:
        return f"{len(rounds)} rounds from {rounds[0]} to {rounds[-1]} have them."
    return f"Recorded: {', '.join(map(str, rounds))}."
