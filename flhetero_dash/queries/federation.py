"""What there is to choose from, and what a link without a choice means."""

import re

from flhetero_dash.cache import key_of
from flhetero_dash.data.catalog import DatasetEntry
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.reader import Federation
from flhetero_dash.queries.sources import NothingToShowError, Sources
from flhetero_dash.selection import ClientRound, NotChosenError, Parameters


class FederationQueries:
    """Datasets, clients, rounds and inputs."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def datasets(self) -> tuple[DatasetEntry, ...]:
        """List the datasets, unusable ones with their problem."""
        return self._sources.reader.datasets()

    def federation(self, dataset: str) -> Federation:
        """Give what all clients of a dataset share."""
        return self._sources.reader.federation(dataset)

    def sampling_types(self, dataset: str) -> tuple[str, ...]:
        """List the kinds of inputs that a dataset has."""
        return self.federation(dataset).samples.sampling_types

    def dataset_of(self, parameters: Parameters) -> str:
        """Give the dataset of a link, by default the first usable one."""
        if "dataset" in parameters:
            return parameters["dataset"]
        usable = [entry.name for entry in self.datasets() if entry.problem is None]
        if not usable:
            folder = self._sources.settings.data_dir
            raise NothingToShowError(
                f"There is no dataset in {folder} yet. `make demo` writes one; "
                "README.md says how to point the dashboard at your own."
            )
        return usable[0]

    def resolve(self, parameters: Parameters) -> ClientRound:
        """Fill what a link leaves open: the first client, the last round, local inputs.

        A round or kind of inputs that does not exist becomes the default; so a link survives
        a change of dataset.

        Raises
        ------
        DataError
            If the dataset or the client is unknown, or cannot be used.
        NothingToShowError
            If there is no dataset, or it has no round.
        """
        dataset = self.dataset_of(parameters)
        federation = self.federation(dataset)
        names = federation.samples.client_names
        client = parameters.get("client", names[0])
        if client not in names:
            shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
            raise DataError(f"{dataset}: no client '{client}'; there are {shown}")
        if federation.n_rounds < 1:
            raise NothingToShowError(f"{dataset}: no round of the training was recorded.")
        wanted = {"dataset": dataset, "client": client, "round": str(federation.n_rounds)}
        if parameters.get("inputs") in self.sampling_types(dataset):
            wanted["inputs"] = parameters["inputs"]
        try:
            return ClientRound.checked(wanted | _known_round(parameters, federation.n_rounds))
        except NotChosenError:
            raise DataError(
                f"{dataset}: a name of {max(len(dataset), len(client))} characters does not fit "
                "into a link; expected at most 200"
            ) from None

    def news(self, parameters: Parameters) -> dict[str, str]:
        """Give texts that are others once files of what a link shows have changed.

        Returns
        -------
        dict
            ``client``: of what there is to choose from, and what is drawn of all rounds;
            ``round``: of what is drawn of the chosen round alone.
        """
        reader = self._sources.reader
        names = " ".join(f"{entry.name} {entry.problem}" for entry in self.datasets())
        try:
            chosen = self.resolve(parameters)
            n_rounds = self.federation(chosen.dataset).n_rounds
        except (DataError, NothingToShowError) as problem:
            return {"client": key_of("client", 1, names=names, problem=str(problem)), "round": ""}

        def identity(round_index: int | None) -> str:
            try:
                return reader.identity(chosen.dataset, chosen.client, round_index)
            except DataError as problem:
                return str(problem)

        return {
            "client": key_of("client", 1, names=names, rounds=n_rounds, files=identity(None)),
            "round": key_of("round", 1, files=identity(chosen.round_index)),
        }


def _known_round(parameters: Parameters, n_rounds: int) -> Parameters:
    text = parameters.get("round", "")
    is_known = re.fullmatch(r"[0-9]{1,9}", text) and 1 <= int(text) <= n_rounds
    return {"round": text} if is_known else {}
