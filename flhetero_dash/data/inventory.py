"""What is on disk for one client, in words, and everything that is wrong with it."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from flhetero_dash.arrays import SampleArray
from flhetero_dash.data.client_part import ClientPart
from flhetero_dash.data.file_groups import FileGroup, file_groups
from flhetero_dash.data.findings import Findings
from flhetero_dash.data.history import CURVES
from flhetero_dash.data.model_inventory import ModelInventory
from flhetero_dash.data.reader import HistoryReader
from flhetero_dash.data.samples import ClientSamples, SamplesInfo
from flhetero_dash.data.samples_keys import LOCAL

MEAN_ROWS = 4_096


@dataclass(frozen=True)
class Inventory:
    """What one client has.

    Attributes
    ----------
    findings : Findings
    n_records, n_features : int
        Of the client's local inputs.
    local_mean : float or None
        Mean of their stored values.
    inconsistent : tuple of int or None, of length n_rounds
        Local records on which the stand-alone and the federated model disagree; None: a gap.
    files : tuple of FileGroup
    """

    findings: Findings
    n_records: int
    n_features: int
    local_mean: float | None
    inconsistent: tuple[int | None, ...]
    files: tuple[FileGroup, ...]

    @property
    def usable(self) -> bool:
        """Whether everything that is there can be used."""
        return not self.findings.problems

    @property
    def verdict(self) -> str:
        """Whether it can be used, in words."""
        if not self.usable:
            return f"cannot be used: {_counted(len(self.findings.problems), 'problem')}"
        return f"can be used, with {_counted(len(self.findings.warnings), 'warning')}"


def take_inventory(reader: HistoryReader, dataset: str, client: str | None = None) -> Inventory:
    """Look at every file that one client needs, its own and the common ones.

    Parameters
    ----------
    reader : HistoryReader
    dataset : str
    client : str, optional
        Default: the first.

    Raises
    ------
    UnknownNameError
        If there is no such dataset or client.
    DataError
        If what the clients have in common cannot be read, so that no client can be named.
    """
    info = reader.samples_info(dataset)
    client = info.client_names[0] if client is None else client
    info.row(client)
    findings = Findings()
    _look_at_federation(findings, info, client)
    samples = findings.attempt(lambda: reader.samples(dataset, client))
    if samples is None:
        _look_at_parts(findings, reader, dataset, client)
    else:
        _look_at_samples(findings, info, samples)
    n_rounds = _look_at_history(findings, reader, dataset)
    models = ModelInventory(findings, reader, dataset, client, n_rounds)
    models.look_at_common()
    models.look_at_weights()
    models.look_at_checkpoints()
    files = file_groups(reader.layout(dataset), client, n_rounds)
    if samples is None:
        return Inventory(findings, 0, info.n_features, None, (), files)
    inconsistent = models.look_at_outputs(samples)
    models.look_at_affinity(samples)
    local = samples.inputs[LOCAL]
    return Inventory(findings, len(local), info.n_features, _mean(local), inconsistent, files)


def _look_at_federation(findings: Findings, info: SamplesInfo, client: str) -> None:
    shape = " x ".join(map(str, info.shape))
    findings.facts.append(
        f"{info.n_clients} clients, {client} looked at; {info.kind} records of {shape} = "
        f"{info.n_features} features; {len(info.label_names)} classes"
    )
    if not info.labels_named:
        findings.warnings.append("label_names is absent: classes are shown as 'label 0', ...")
    if info.kind == "image" and not info.is_image:
        findings.warnings.append(
            f"shape {info.shape} is no picture of 1 or 3 channels: records are shown as attributes"
        )


def _look_at_samples(findings: Findings, info: SamplesInfo, samples: ClientSamples) -> None:
    for key, inputs in samples.inputs.items():
        low, high = inputs.min(), inputs.max()
        findings.facts.append(
            f"{key}: {len(inputs)} records of {inputs.shape[1]} features, {inputs.dtype} from "
            f"{low:g} to {high:g}"
        )
        if info.kind == "image" and (low < 0 or high > 255 or high <= 1):
            findings.warnings.append(
                f"{key} runs from {low:g} to {high:g}; pictures are shown right with 0 to 255"
            )
    missing = [key for key in info.sampling_types if key not in samples.inputs]
    missing += [key for key in ("stratified", "systematic") if key not in info.sampling_types]
    if missing:
        findings.warnings.append(f"no {' or '.join(missing)} inputs: they cannot be chosen")
    if samples.ground_truth is None:
        findings.warnings.append(
            "no ground_truth: no flips, no label matrix and no accuracy by record"
        )
    if samples.split is None:
        findings.warnings.append("no split: held-out records cannot be told from training records")
    else:
        held = int((samples.split == "heldout").sum())
        assumed = " (assumed from train_size and test_size)" if samples.split_assumed else ""
        findings.facts.append(f"{held} of {len(samples.split)} records held out{assumed}")


def _look_at_parts(findings: Findings, reader: HistoryReader, dataset: str, client: str) -> None:
    """Name what else is wrong in a samples file beside what was met first."""
    types = reader.samples_info(dataset).sampling_types

    def look(part: ClientPart) -> None:
        for key in types:
            if key in part.archive.keys:
                inputs = findings.attempt(partial(part.inputs, key))
                if key == LOCAL and inputs is not None:
                    findings.attempt(partial(part.ground_truth, len(inputs)))
                    findings.attempt(partial(part.split, len(inputs)))
        for key in ("train_size", "test_size"):
            findings.attempt(partial(part.size, key))

    findings.attempt(lambda: reader.read_part(dataset, client, look))


def _look_at_history(findings: Findings, reader: HistoryReader, dataset: str) -> int:
    layout = reader.layout(dataset)
    history = findings.attempt(lambda: reader.history(dataset))
    if history is None:
        listed = findings.attempt(
            lambda: layout.n_rounds_listed(reader.samples_info(dataset).client_names)
        )
        n_rounds = listed or 0
    else:
        n_rounds = history.n_rounds
    there = [key for key in CURVES if history is not None and getattr(history, key) is not None]
    findings.facts.append(f"{n_rounds} rounds; curves: {', '.join(there) or 'none'}")
    if missing := [key for key in CURVES if key not in there]:
        findings.warnings.append(f"{layout.validation}: no {', '.join(missing)}: not drawn")
    return n_rounds


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _mean(array: SampleArray) -> float:
    """Mean in double precision, without a copy of everything."""
    total = 0.0
    for start in range(0, len(array), MEAN_ROWS):
        total += float(array[start : start + MEAN_ROWS].sum(dtype=np.float64))
    return total / array.size
