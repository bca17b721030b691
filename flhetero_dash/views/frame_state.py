"""What a link means for the frame: the selection, the options, or the problem to show."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flhetero_dash.data.errors import DataError
from flhetero_dash.queries.federation import FederationQueries
from flhetero_dash.queries.sources import NothingToShowError
from flhetero_dash.selection import (
    CHOICES,
    Choice,
    ClientRound,
    ContrastChoice,
    Focus,
    GradCamChoice,
    Json,
    Parameters,
    WhichClient,
    read_records,
    search_of,
)

INPUT_WORDS = {"local": "Local", "stratified": "Stratified", "systematic": "Systematic"}
UNKNOWN_SELECTION = (
    "This link names a selection that is not known here: it was not shared ('Copy link' does), "
    "or belongs to other records. A cluster is shown instead."
)
TextOf = Callable[[ClientRound, str], str | None]


@dataclass(frozen=True)
class FrameState:
    """What the frame shows for a link: its selection, the options, or the problem."""

    choices: tuple[Choice | None, ...]
    search: str
    datasets: tuple[dict[str, str], ...]
    dataset: str | None
    clients: tuple[str, ...]
    inputs: tuple[str, ...]
    n_rounds: int
    problem: str

    @property
    def chosen(self) -> ClientRound | None:
        """The client and round, unless there is a problem."""
        first = self.choices[0]
        return first if isinstance(first, ClientRound) else None

    @property
    def client(self) -> Parameters | None:
        """The client without its round, unless there is a problem.

        The number of rounds is not part of the choice: while a training goes on, a new one
        changes what is drawn of all of them.
        """
        if self.chosen is None:
            return None
        which = WhichClient(self.chosen.dataset, self.chosen.client)
        return which.as_json() | {"rounds-there": str(self.n_rounds)}


def state_of(
    parameters: Parameters, queries: FederationQueries, own_text: TextOf = lambda *_: None
) -> FrameState:
    """Decide what a link means; what cannot be used becomes the problem to show.

    `own_text` gives the records of a selection by hand, by its digest.
    """
    datasets = tuple(
        {"value": entry.name, "label": entry.name + (" (unusable)" if entry.problem else "")}
        for entry in queries.datasets()
    )
    rest = _with_explained(tuple(choice.checked(parameters) for choice in CHOICES[1:]))
    dataset = parameters.get("dataset")
    try:
        dataset = queries.dataset_of(parameters)
        federation = queries.federation(dataset)
        names = federation.samples.client_names
        # A file may hold inputs that were sampled in a way no link can name.
        inputs = tuple(kind for kind in federation.samples.sampling_types if kind in INPUT_WORDS)
        chosen = queries.resolve(parameters)
    except (DataError, NothingToShowError) as error:
        clients = _clients_of(dataset, queries)
        asked = "?" + urlencode(parameters) if parameters else ""
        return FrameState((None, *rest), asked, datasets, dataset, clients, (), 0, str(error))
    choices, problem = _with_own_records((chosen, *rest), chosen, own_text)
    search = search_of(list(choices))
    return FrameState(
        choices, search, datasets, dataset, names, inputs, federation.n_rounds, problem
    )


def with_files(client: Parameters | None, news: Json) -> Parameters | None:
    """Add the state of the files, so that what is drawn of the client is drawn anew with them."""
    found = news.get("client") if isinstance(news, dict) else None
    return client | {"files": found} if client and isinstance(found, str) else client


def has_other_round(news: Json) -> bool:
    """Whether the files of the shown round are others now, and so is all that is drawn of it."""
    return isinstance(news, dict) and news.get("round") is True


def _with_explained(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """Leave out the record whose heat maps nobody looks at."""
    is_seen = any(isinstance(one, ContrastChoice) and one.method == "gradcam" for one in choices)
    return tuple(
        replace(one, record=None)
        if isinstance(one, GradCamChoice) and not (is_seen and one.explained == "record")
        else one
        for one in choices
    )


def _with_own_records(
    choices: tuple[Choice, ...], chosen: ClientRound, own_text: TextOf
) -> tuple[tuple[Choice, ...], str]:
    """Look up the records of a selection by hand; give also what a reader must know."""
    at = CHOICES.index(Focus)
    focus = choices[at]
    if not isinstance(focus, Focus) or focus.own is None:
        return choices, ""
    text = own_text(chosen, focus.own)
    records = () if text is None else read_records(text)
    found = replace(focus, own_records=records)
    return (*choices[:at], found, *choices[at + 1 :]), "" if records else UNKNOWN_SELECTION


def _clients_of(dataset: str | None, queries: FederationQueries) -> tuple[str, ...]:
    """Names to choose another client from, when the dataset itself can be read."""
    try:
        return () if dataset is None else queries.federation(dataset).samples.client_names
    except DataError:
        return ()


def header_values(state: FrameState) -> dict[str, Any]:
    """Give what the header's controls show."""
    chosen = state.chosen
    return {
        "datasets": list(state.datasets),
        "dataset": state.dataset,
        "clients": list(state.clients),
        "client": None if chosen is None else chosen.client,
        "inputs": [{"value": kind, "label": INPUT_WORDS[kind]} for kind in state.inputs],
        "kind": None if chosen is None else chosen.inputs,
        "round": None if chosen is None else chosen.round_index + 1,
        "max": state.n_rounds,
        "n_rounds": f"/ {state.n_rounds}" if state.n_rounds else "",
        "at_first": chosen is None or chosen.round_index == 0,
        "at_last": chosen is None or chosen.round_index + 1 >= state.n_rounds,
        "problem": state.problem,
    }
