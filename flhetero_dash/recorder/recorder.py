"""Records a training run while it runs: the one object that a training loop talks to."""

from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self

import numpy as np

from flhetero_dash.data.recorded import Records
from flhetero_dash.data.samples_keys import LOCAL
from flhetero_dash.data.writer import LOCAL as STAND_ALONE
from flhetero_dash.data.writer import SECOND_LOCAL
from flhetero_dash.recorder.answers import Predict
from flhetero_dash.recorder.checks import fraction, number, own_client, positive, require_client
from flhetero_dash.recorder.errors import RecordingError
from flhetero_dash.recorder.folder import RunFolder
from flhetero_dash.recorder.joining import join, read_classes
from flhetero_dash.recorder.models import ModelFiles
from flhetero_dash.recorder.parameters import State
from flhetero_dash.recorder.pending import Pending, behind
from flhetero_dash.recorder.privacy import warn
from flhetero_dash.recorder.round_writing import RoundWriter
from flhetero_dash.recorder.run import Run

Role = Literal["client", "coordinator"]


class Recorder:
    """Writes the history of one training run; used with ``with``, from one thread.

    A round is there for the dashboard when its global model is recorded. A process that is
    killed, even by ``kill -9``, leaves the rounds that were finished, and another one goes on
    from there with ``resume=True``. When the last process leaves, the files of all clients are
    joined (``docs/decisions/0009-recording.md``).

    Parameters
    ----------
    run : Run
        What is recorded, and where.
    predict : callable of (state, X), optional
        Gives class ids (n,) or probabilities (n, n_classes) of a model on inputs (n, n_features),
        which are those given to `samples`. Without it there are no outputs.
    role : str
        ``client``: sees its own data alone, and refuses others'; ``coordinator``: everybody's.
    client : str, optional
        Whose recorder it is, for the role ``client``; may be left out when there is one only.
    private : bool
        For a coordinator: keeps norms and cosines of updates only. Where the server adds noise,
        clips, or aggregates securely, this must be set.
    resume : bool
        Whether to go on with a run that the folder holds.

    Raises
    ------
    ValueError
        If role and client do not fit; each method, if what it is given has another shape, round
        or range than documented. The message says where, what was found and what was expected.
    RecordingError
        When it is entered: if the folder cannot be recorded into.
    """

    def __init__(
        self,
        run: Run,
        predict: Predict | None = None,
        *,
        role: Role = "client",
        client: str | None = None,
        private: bool = False,
        resume: bool = False,
    ) -> None:
        self._run, self._resume = run, resume
        self._client = own_client(run, role, client)
        self._clients = run.clients if self._client is None else (self._client,)
        if private and role != "coordinator":
            raise ValueError("private=True is for role='coordinator': a client sees its own only")
        self._role, self._private = role, private
        self._pending = Pending(run.layout, self._client, private=private)
        said = {"role": role, "private": private}
        self._folder = RunFolder(run, self._client, said, self._pending)
        self._models = ModelFiles(run, self._folder)
        self._rounds = RoundWriter(run, self._client, predict, self._models, self._pending)
        self._entered = False
        self._next = 0

    def __enter__(self) -> Self:
        self._folder.enter(resume=self._resume)
        self._entered = True
        self._next = max(self._folder.finished, default=-1) + 1
        warn(self._role, private=self._private, n_clients=len(self._run.clients))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._entered = False
        # What ended the training is told, not what came of it.
        with suppress(*((Exception,) if error is not None else ())):
            self._folder.leave(lambda: join(self._run, self._role, private=self._private))

    @property
    def next_round(self) -> int:
        """The round that is to be recorded next, from 0."""
        return self._next

    def samples(self, records: Mapping[str, Records]) -> None:
        """Record the clients' inputs; comes before any model.

        Parameters
        ----------
        records : mapping of str to Records
            By client: of everybody for a coordinator, of itself for a client.
        """
        self._require_own(*records)
        if self._private:
            raise ValueError("samples: private=True keeps no records of clients; expected none")
        if missing := [client for client in self._clients if client not in records]:
            raise ValueError(f"samples: no records of '{missing[0]}'; expected some")
        self._models.write_samples({client: records[client] for client in self._clients})
        self._rounds.records.update(records)
        for client in records:
            known = read_classes(self._run.layout.local_outputs(client))
            if known is not None:
                self._rounds.local[client] = known

    def stand_alone(self, client: str, state: State, second: State | None = None) -> None:
        """Record the model that a client trained alone and, with another seed, a second one.

        Parameters
        ----------
        client : str
        state : mapping of str to array
        second : mapping of str to array, optional
            The noise floor: two models that differ in their seed alone disagree too.
        """
        self._require_own(client)
        for model, given in ((STAND_ALONE, state), (SECOND_LOCAL, second)):
            if given is None:
                continue
            self._models.vector(given, f"{client}, {model}")
            answers = self._rounds.write_answers(client, model, given)
            if answers is None:
                raise ValueError(f"{client}, {model}: expected samples() and predict before")
            if model == STAND_ALONE:
                self._models.write_own_checkpoint(client, given)
                self._rounds.local[client] = answers.classes[LOCAL]

    def initial_model(self, state: State) -> None:
        """Record the model that round 0 starts from."""
        self._require_own()
        vector, _ = self._models.vector(state, "initial model")
        self._models.write_initial(vector)
        if self._next == 0:
            self._pending.put_server(0, vector)

    def local_update(
        self,
        round_index: int,
        client: str,
        state: State,
        *,
        loss: float | None = None,
        weight: float | None = None,
    ) -> None:
        """Record a client's model just after its local training.

        Parameters
        ----------
        round_index : int
            From 0; the server's model before it must be recorded.
        client : str
        state : mapping of str to array
            Absolute parameters, not their difference to the server's.
        loss : float, optional
            Training loss. Default: the cross-entropy of this model on the training records.
        weight : float, optional
            In the mean that makes the global model, such as the number of training records; only
            where that is a weighted mean.
        """
        self._require_own(client)
        where = f"{client}, round {round_index}"
        self._require_start(round_index, where)
        notes = {
            "loss": number(loss, f"{where}: loss"),
            "weight": positive(weight, f"{where}: weight"),
        }
        vector, statistics = self._models.vector(state, where)
        computed = self._rounds.write_update_answers(client, round_index, state)
        if not self._private:
            self._models.write_weights(client, round_index, vector)
        if loss is None and computed is not None and not np.isnan(computed):
            notes["loss"] = computed
        self._pending.put_update(client, round_index, behind(vector, statistics), notes)

    def global_model(self, round_index: int, state: State, *, tot_acc: float | None = None) -> None:
        """Record the server's model after a round, which is finished by that.

        A round that is recorded already is left as it is, if its model was the same.

        Parameters
        ----------
        round_index : int
            From 0. A client may miss rounds, a coordinator may not.
        state : mapping of str to array
        tot_acc : float, optional
            Its accuracy on pooled test data, 0 to 1. Default: for a coordinator, that on
            everybody's held-out records.

        Raises
        ------
        RecordingError
            If another model is recorded of that round.
        """
        self._require_own()
        where = f"global model of round {round_index}"
        if round_index < 0 or (self._client is None and round_index > self._next):
            raise ValueError(f"{where}: expected round {self._next}; rounds count from 0")
        told = fraction(tot_acc, f"{where}: tot_acc")
        vector, statistics = self._models.vector(state, where)
        self._models.write_server(round_index, vector, state)
        if round_index < self._next:
            return
        if told is not None:
            everybody = {(client, "tot_acc"): told for client in self._clients}
            self._rounds.tell(round_index, everybody, done=False)
        self._rounds.finish_missed(round_index)
        self._pending.put_server(round_index + 1, vector)
        self._rounds.finish(round_index, state, behind(vector, statistics))
        self._pending.drop_servers(round_index + 1)
        self._models.thin_checkpoints(round_index)
        self._next = round_index + 1

    def metrics(
        self,
        round_index: int,
        client: str,
        *,
        loss: float | None = None,
        val_acc: float | None = None,
        tot_acc: float | None = None,
        share: float | None = None,
    ) -> None:
        """Tell what somebody else has measured of a round, before or after it is finished.

        Parameters
        ----------
        round_index : int
        client : str
        loss : float, optional
            Training loss.
        val_acc, tot_acc : float, optional
            Accuracy of the server's model after the round on the client's held-out records, on
            pooled test data; 0 to 1.
        share : float, optional
            Weight of the client in the round's mean, 0 to 1.
        """
        self._require_own(client)
        where = f"{client}, round {round_index}"
        given = {
            "loss": number(loss, f"{where}: loss"),
            "val_acc": fraction(val_acc, f"{where}: val_acc"),
            "tot_acc": fraction(tot_acc, f"{where}: tot_acc"),
            "shares": fraction(share, f"{where}: share"),
        }
        told = {(client, key): value for key, value in given.items() if value is not None}
        self._rounds.tell(round_index, told, done=round_index in self._folder.finished)

    def _require_own(self, *clients: str) -> None:
        """Raise unless the recorder is open and these clients are those that it records."""
        if not self._entered:
            raise RecordingError(
                "the recorder is not open; expected 'with Recorder(...) as recorder:'"
            )
        for client in clients:
            require_client(self._run, client)
            if client not in self._clients:
                raise ValueError(
                    f"rows of '{client}' for the recorder of client '{self._client}'; expected "
                    "its own only: role='coordinator' records everybody's"
                )

    def _require_start(self, round_index: int, where: str) -> None:
        """Raise unless the server's model before a round is the last that was recorded."""
        if round_index < self._next:
            raise ValueError(
                f"{where}: is finished already; expected round {self._next}, where a resumed run "
                "goes on (next_round)"
            )
        if round_index != self._next or self._pending.server(round_index) is None:
            last = f"global_model({self._next - 1}, ...)" if self._next else "none"
            needed = f"global_model({round_index - 1}, ...)" if round_index else "initial_model()"
            raise ValueError(
                f"{where}: the last global model recorded is {last}; expected {needed} before an "
                "update that starts from it"
            )
