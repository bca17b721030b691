"""What is on disk of one client's models: outputs, weights, checkpoints."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from flhetero_dash.data.archive import check_zip
from flhetero_dash.data.files import is_there
from flhetero_dash.data.findings import Findings, counted_rounds, rounds_in_words
from flhetero_dash.data.identity import patiently
from flhetero_dash.data.layout import SERVER
from flhetero_dash.data.outputs import ModelOutputs
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.data.samples import ClientSamples
from flhetero_dash.data.samples_keys import LOCAL
from flhetero_dash.data.weight_history import EXTRAS


class ModelInventory:
    """Looks at the files of a client's models one by one, so that each problem is met.

    Parameters
    ----------
    findings : Findings
        Where it is noted.
    reader : HistoryReader
    dataset, client : str
    n_rounds : int
    """

    def __init__(
        self, findings: Findings, reader: HistoryReader, dataset: str, client: str, n_rounds: int
    ) -> None:
        self._findings, self._reader = findings, reader
        self._dataset, self._client, self._n_rounds = dataset, client, n_rounds
        self._layout = reader.layout(dataset)

    def look_at_common(self) -> None:
        """Look at model information, manifest and summary."""
        findings, dataset = self._findings, self._dataset
        names = findings.attempt(lambda: self._reader.layer_names(dataset))
        if names:
            findings.facts.append(f"{len(names)} layers: {', '.join(names)}")
            pictures = self._reader.samples_info(dataset).is_image
            if pictures and not any("conv" in name.lower() for name in names):
                findings.warnings.append("no layer is named as a convolution: no Grad-CAM")
        elif not is_there(self._layout.model_info):
            findings.warnings.append(
                f"{self._layout.model_info}: no such file: layers have no names"
            )
        if findings.attempt(lambda: self._reader.manifest(dataset)) is not None:
            findings.facts.append("manifest of the recorder")
        if findings.attempt(lambda: self._reader.summary(dataset)) is not None:
            findings.facts.append("summary of all clients")

    def look_at_outputs(self, samples: ClientSamples) -> tuple[int | None, ...]:
        """Look at all outputs.

        Returns
        -------
        tuple of int or None, of length n_rounds
            Inconsistent local records of each round; None: a gap.
        """
        reader, dataset, client = self._reader, self._dataset, self._client
        local = self._findings.attempt(lambda: reader.local_outputs(dataset, client))
        path = self._layout.local_outputs(client)
        if local is not None:
            self._note_outputs("stand-alone model", local, samples)
        elif not is_there(path):
            self._findings.problems.append(
                f"{path}: no such file; expected the stand-alone model's class ids: "
                "without them there is nothing to compare with"
            )
        self._note_rounds(
            "federated model's outputs", self._layout.output_rounds(client), replayed=True
        )
        counts = tuple(self._inconsistent(local, index) for index in range(self._n_rounds))
        self._look_at_extra_outputs()
        return counts

    def look_at_weights(self) -> None:
        """Look at the sampled parameters of the client and the server."""
        before = len(self._findings.problems)
        for owner in (self._client, SERVER):
            there = self._layout.weight_rounds(owner)
            self._note_rounds(f"{owner}'s weights", there)
        for path in self._weight_files():
            self._findings.attempt(partial(self._reader.read_vectors, self._dataset, path))
        if not is_there(self._layout.initial_weights):
            self._findings.warnings.append(
                f"{self._layout.initial_weights}: no such file: trajectories start at round 1"
            )
        if not is_there(self._layout.extra_weights("cosines")):
            self._findings.warnings.append(
                "no cosines.npz: cosines are computed from the sampled weights"
            )
        extras = [name for name in EXTRAS[1:] if is_there(self._layout.extra_weights(name))]
        if extras:
            self._findings.facts.append(f"recorded besides the weights: {', '.join(extras)}")
        if len(self._findings.problems) == before:  # else the first of them would come again
            self._findings.attempt(lambda: self._reader.weights(self._dataset, self._client))

    def look_at_checkpoints(self) -> None:
        """Look whether checkpoints are there and whole; they are not loaded."""
        rounds = range(self._n_rounds)
        own = self._layout.checkpoint(self._client, None)
        paths = [own, *(self._layout.checkpoint(SERVER, index) for index in rounds)]
        there = [path for path in paths if is_there(path)]
        for path in there:
            self._findings.attempt(partial(patiently, path, partial(check_zip, path)))
        self._findings.facts.append(f"{len(there)} of {len(paths)} checkpoints")
        missing = [] if own in there else [f"{self._client}'s own model"]
        gaps = [index for index in rounds if self._layout.checkpoint(SERVER, index) not in there]
        if gaps:
            missing.append(counted_rounds(gaps))
        if missing:
            self._findings.warnings.append(
                f"no checkpoint of {', '.join(missing)}: no Grad-CAM of these"
            )

    def look_at_affinity(self, samples: ClientSamples) -> None:
        """Look at the preprocessed rank products, which nothing depends on."""
        if (path := self._layout.affinity()) is None:
            return
        self._findings.facts.append(f"preprocessed ranks: {path}")
        for key in samples.inputs:
            self._findings.attempt(
                partial(self._reader.affinity, self._dataset, self._client, key),
                needed=False,
            )

    def _inconsistent(self, local: ModelOutputs | None, index: int) -> int | None:
        federated = self._findings.attempt(
            lambda: self._reader.global_outputs(self._dataset, self._client, index)
        )
        if local is None or federated is None:
            return None
        return int((local.classes[LOCAL] != federated.classes[LOCAL]).sum())

    def _look_at_extra_outputs(self) -> None:
        reader, dataset, client = self._reader, self._dataset, self._client
        second = self._findings.attempt(lambda: reader.second_local_outputs(dataset, client))
        if second is None:
            self._findings.warnings.append("no second stand-alone model: no noise floor")
        else:
            self._findings.facts.append("outputs of a second stand-alone model: the noise floor")
        updates = []
        for index in range(self._n_rounds):
            if is_there(self._layout.update_outputs(client, index)):
                updates.append(index)
                self._findings.attempt(partial(reader.update_outputs, dataset, client, index))
        if updates:
            self._findings.facts.append(
                f"outputs of the client's updates: rounds {rounds_in_words(updates)}"
            )
        else:
            self._findings.warnings.append(
                "no outputs of the client's updates: no aggregation harm"
            )

    def _note_outputs(self, whose: str, outputs: ModelOutputs, samples: ClientSamples) -> None:
        self._findings.facts.append(
            f"outputs of the {whose}: {', '.join(outputs.classes)}; "
            f"scores: {', '.join(outputs.scores) or 'none'}"
        )
        if missing := [key for key in samples.inputs if key not in outputs.classes]:
            self._findings.warnings.append(
                f"the {whose} has no outputs for {', '.join(missing)}: nothing to compare there"
            )

    def _note_rounds(self, what: str, there: Iterable[int], *, replayed: bool = False) -> None:
        kept = {index for index in there if index < self._n_rounds}
        missing = set(range(self._n_rounds)) - kept
        self._findings.facts.append(f"{what}: rounds {rounds_in_words(kept)}")
        if missing:
            note = f"{what} are missing of rounds {rounds_in_words(missing)}: gaps there"
            kept = {index for index in missing if is_there(self._layout.checkpoint(SERVER, index))}
            if replayed and kept:
                note += (
                    f"; `python -m preprocess replay --dataset {self._dataset}` fills "
                    f"{counted_rounds(kept)} from checkpoints"
                )
            self._findings.warnings.append(note)

    def _weight_files(self) -> list[Path]:
        layout = self._layout
        paths = [layout.initial_weights]
        for owner in (self._client, SERVER):
            rounds = [index for index in layout.weight_rounds(owner) if index < self._n_rounds]
            paths += [layout.round_weights(owner, index) for index in rounds]
        return [path for path in paths if is_there(path)]
