"""Learning Process Monitor and Performance timeline."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.comparison import accuracy, inconsistent
from flhetero_dash.analysis.trajectory import ParameterProjection, project_parameters
from flhetero_dash.arrays import FloatArray
from flhetero_dash.cache import key_of
from flhetero_dash.data.history import TrainingHistory
from flhetero_dash.data.reader import Federation
from flhetero_dash.data.samples import ClientSamples
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, ProjectionChoice

VERSION = 1


@dataclass(frozen=True)
class Trajectory:
    """Paths of the server and the client in parameter space, and their agreement.

    Attributes
    ----------
    projection : ParameterProjection
    cosines : ndarray of shape (n_rounds,)
        Cosine between the client's and the server's update of the round.
    cosines_recorded : bool
        False: computed from the sampled parameters.
    """

    projection: ParameterProjection
    cosines: FloatArray
    cosines_recorded: bool


@dataclass(frozen=True)
class DisagreementByRound:
    """Number of inconsistent local records after each round; NaN where not recorded."""

    n_inconsistent: FloatArray
    standalone_accuracy: float


class LearningQueries:
    """How the training went for one client."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def federation(self, dataset: str) -> Federation:
        """Give what all clients of a dataset share."""
        return self._sources.reader.federation(dataset)

    def samples(self, dataset: str, client: str) -> ClientSamples:
        """Give one client's records."""
        return self._sources.reader.samples(dataset, client)

    def history(self, dataset: str) -> TrainingHistory:
        """Give loss and accuracy of all clients."""
        history = self.federation(dataset).history
        if history is None:
            raise NothingToShowError(
                "Loss and accuracy were not recorded (validation.npz is not there)."
            )
        return history

    def layers(self, chosen: ClientRound) -> tuple[str, ...]:
        """Name the layers whose parameters were recorded."""
        weights = self._sources.reader.weights(chosen.dataset, chosen.client)
        return () if weights is None else weights.layer_names

    def trajectory(self, chosen: ClientRound, choice: ProjectionChoice) -> Trajectory:
        """Project the parameters of one layer, or of all, to the server path's plane."""
        weights = self._sources.reader.weights(chosen.dataset, chosen.client)
        if weights is None:
            raise NothingToShowError(
                f"No parameters of {chosen.client} were recorded (weights/ holds none), so "
                "its way through the training cannot be drawn."
            )
        names = (*weights.layer_names, "")
        # An unknown layer (a link from another dataset) means all of them.
        layer = names.index(choice.layer) if choice.layer in names else len(names) - 1
        initial = None if weights.initial is None else weights.initial[layer]
        projection = project_parameters(initial, weights.client[layer], weights.server[layer])
        return Trajectory(projection, weights.cosines[layer], weights.cosines_recorded)

    def disagreement(self, chosen: ClientRound) -> DisagreementByRound:
        """Count the inconsistent local records of every recorded round."""
        reader = self._sources.reader
        key = key_of(
            "disagreement",
            VERSION,
            identity=reader.identity(chosen.dataset, chosen.client, None),
        )
        return self._sources.results.get(
            DisagreementByRound, key, lambda: self._count(chosen.dataset, chosen.client)
        )

    def _count(self, dataset: str, client: str) -> DisagreementByRound:
        reader = self._sources.reader
        counts = np.full(self.federation(dataset).n_rounds, np.nan)
        local = reader.local_outputs(dataset, client)
        if local is None or "local" not in local.classes:
            return DisagreementByRound(counts, float("nan"))
        for round_index in reader.output_rounds(dataset, client):
            if round_index >= len(counts):
                break  # of a running training whose curves are written later
            outputs = reader.global_outputs(dataset, client, round_index)
            if outputs is not None and "local" in outputs.classes:
                different = inconsistent(local.classes["local"], outputs.classes["local"])
                counts[round_index] = different.sum()
        truth = reader.samples(dataset, client).ground_truth
        alone = float("nan") if truth is None else accuracy(truth, local.classes["local"])
        return DisagreementByRound(counts, alone)
