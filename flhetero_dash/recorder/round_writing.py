"""Finishes rounds: answers of the server's model, facts of the clients, the round's own file."""

from collections.abc import Mapping

import numpy as np

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.recorded import Answers, Records
from flhetero_dash.data.round_facts import RoundFacts
from flhetero_dash.data.writer import client_update, global_model
from flhetero_dash.recorder.answers import Predict, answers_of
from flhetero_dash.recorder.joining import read_round
from flhetero_dash.recorder.models import ModelFiles
from flhetero_dash.recorder.parameters import State
from flhetero_dash.recorder.pending import Pending
from flhetero_dash.recorder.rounds import (
    label_counts,
    training_loss,
    with_answers,
    with_told,
    with_updates,
)
from flhetero_dash.recorder.run import Run


class RoundWriter:
    """Writes what one recorder knows of its clients' rounds.

    Parameters
    ----------
    run : Run
    client : str or None
        Whose recorder it is; None: everybody's.
    predict : callable or None
    models : ModelFiles
    pending : Pending
    """

    def __init__(
        self,
        run: Run,
        client: str | None,
        predict: Predict | None,
        models: ModelFiles,
        pending: Pending,
    ) -> None:
        self._run, self._client, self._predict = run, client, predict
        self._models, self._pending = models, pending
        self._clients = run.clients if client is None else (client,)
        self.records: dict[str, Records] = {}
        self.local: dict[str, IntArray] = {}  # stand-alone answers on local records
        self._told: dict[int, dict[tuple[str, str], float]] = {}

    def write_answers(self, client: str, model: str, state: State) -> Answers | None:
        """Write what a model answers on a client's inputs; None: they are not recorded."""
        if client not in self.records or self._predict is None:
            return None
        inputs, n_classes = self.records[client].inputs, len(self._run.label_names)
        where = f"{client}, {model}"
        answers = answers_of(self._predict, state, inputs, n_classes, where)
        self._models.writer.write_outputs(client, model, answers)
        return answers

    def write_update_answers(self, client: str, round_index: int, state: State) -> float | None:
        """Write a client's answers just after its training; give its loss, if it is known."""
        answers = self.write_answers(client, client_update(round_index), state)
        return None if answers is None else training_loss(answers, self.records[client])

    def finish(self, round_index: int, state: State, vector: FloatArray) -> None:
        """Write the server's answers and, last, the facts: then the round is there.

        Parameters
        ----------
        round_index : int
        state : mapping of str to array
            The server's model after the round.
        vector : ndarray of shape (n,)
            Its trainable parameters and, behind them, its batch statistics.
        """
        facts = self._with_updates(round_index, vector)
        model = global_model(round_index)
        found = {client: self.write_answers(client, model, state) for client in self._clients}
        answers = {client: given for client, given in found.items() if given is not None}
        pooled = self._client is None and len(answers) == len(self._clients)
        facts = with_answers(facts, answers, self.local, self.records, pooled=pooled)
        self._write(round_index, facts)

    def finish_missed(self, now: int) -> None:
        """Write of a client's update what is known, if the server's model never came."""
        for client in self._clients:
            trained = self._pending.update_round(client)
            if trained is not None and trained < now:
                self._write(trained, self._with_updates(trained, None))

    def tell(self, round_index: int, told: Mapping[tuple[str, str], float], *, done: bool) -> None:
        """Put what the user has measured into a round, now or when it is finished."""
        if done:
            facts = with_told(read_round(self._run, self._client, round_index), told)
            self._models.writer.write_round_facts(self._client, round_index, facts)
        else:
            self._told.setdefault(round_index, {}).update(told)

    def _write(self, round_index: int, facts: RoundFacts) -> None:
        facts = with_told(facts, self._told.pop(round_index, {}))
        self._models.writer.write_round_facts(self._client, round_index, facts)
        for client in self._clients:
            if self._pending.update_round(client) == round_index:
                self._pending.drop_update(client)

    def _with_updates(self, round_index: int, after: FloatArray | None) -> RoundFacts:
        names, n_classes = self._models.parameters.layer_names, len(self._run.label_names)
        facts = RoundFacts.nothing(self._clients, len(names), n_classes)
        for row, client in enumerate(self._clients):
            if client in self.records:
                facts.label_counts[row] = label_counts(self.records[client], n_classes)
        before = self._pending.server(round_index)
        if before is None:
            return facts
        facts = with_updates(
            facts, self._models.parameters, self._pending, (before, after), round_index
        )
        # Who sees one client alone knows no sum of weights, and no share of it.
        if self._client is not None:
            facts.shares[:] = np.nan
        return facts
