"""Learning Process Monitor and Performance timeline."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.comparison import accuracy, inconsistent
from flhetero_dash.analysis.trajectory import (
    ParameterProjection,
    leave_me_out_cosine,
    project_parameters,
    update_norms,
)
from flhetero_dash.arrays import FloatArray
from flhetero_dash.cache import key_of
from flhetero_dash.data.history import TrainingHistory
from flhetero_dash.data.reader import Federation
from flhetero_dash.data.samples import ClientSamples
from flhetero_dash.data.weights import ClientWeights
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, ProjectionChoice

VERSION = 1


@dataclass(frozen=True)
class Agreement:
    """How much the client's updates agree with the server's; last row: all layers together.

    Attributes
    ----------
    layer_names : tuple of str, of length n_layers
    layer : int
        Row of the chosen layer in both arrays.
    cosines : ndarray of shape (n_layers + 1, n_rounds)
        Between the client's and the server's update of the round, which the client is part of.
    recorded : bool
        False: computed from the sampled parameters.
    without_me : ndarray of shape (n_layers + 1, n_rounds) or None
        The same with the rest of the server's update, without the client; None: its share in
        the mean is not known.
    without_me_sampled : bool
        Whether those come from the sampled parameters.
    """

    layer_names: tuple[str, ...]
    layer: int
    cosines: FloatArray
    recorded: bool
    without_me: FloatArray | None
    without_me_sampled: bool = False

    @property
    def of_layer(self) -> tuple[FloatArray, FloatArray | None]:
        """Both cosines of the chosen layer: (n_rounds,)."""
        without_me = None if self.without_me is None else self.without_me[self.layer]
        return self.cosines[self.layer], without_me


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

    def projection(self, chosen: ClientRound, choice: ProjectionChoice) -> ParameterProjection:
        """Project the parameters of one layer, or of all, to the server path's plane."""
        weights = self._weights(chosen)
        layer = _row_of(choice.layer, weights)
        initial = None if weights.initial is None else weights.initial[layer]
        return project_parameters(initial, weights.client[layer], weights.server[layer])

    def agreement(self, chosen: ClientRound, choice: ProjectionChoice) -> Agreement:
        """Give the cosines of all layers, with and without the client's own part."""
        weights = self._weights(chosen)
        without_me = None
        if weights.shares is not None:
            norms = _sampled_norms(weights) if weights.norms is None else weights.norms
            without_me = leave_me_out_cosine(norms, weights.shares)
        return Agreement(
            weights.layer_names,
            _row_of(choice.layer, weights),
            weights.cosines,
            weights.cosines_recorded,
            without_me,
            weights.norms is None,
        )

    def _weights(self, chosen: ClientRound) -> ClientWeights:
        weights = self._sources.reader.weights(chosen.dataset, chosen.client)
        if weights is None:
            raise NothingToShowError(
                f"No parameters of {chosen.client} were recorded (weights/ holds none), so "
                "its way through the training cannot be drawn."
            )
        return weights

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


def _row_of(layer: str, weights: ClientWeights) -> int:
    """Find a layer; an unknown one (a link from another dataset) means all of them."""
    names = weights.layer_names
    return names.index(layer) if layer in names else len(names)


def _sampled_norms(weights: ClientWeights) -> FloatArray:
    """Take the updates' norms from the sampled parameters: (3, n_layers + 1, n_rounds)."""
    starts = weights.initial or (None,) * len(weights.client)
    layers = zip(starts, weights.client, weights.server, strict=True)
    return np.stack([update_norms(*layer) for layer in layers], axis=1)
