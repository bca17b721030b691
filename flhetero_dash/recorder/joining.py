"""Joins the rounds of all recorders into the files that all clients share."""

import logging
from pathlib import Path

import numpy as np

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.archive import GIB, Archive
from flhetero_dash.data.client_part import ClientPart
from flhetero_dash.data.history import CURVES
from flhetero_dash.data.layout import Layout
from flhetero_dash.data.recorded import Summary
from flhetero_dash.data.round_facts import JoinedFacts, RoundFacts, joined_facts
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.data.samples_keys import LOCAL
from flhetero_dash.data.summary import COUNTS
from flhetero_dash.data.values import numbers
from flhetero_dash.data.weights import read_layer_names
from flhetero_dash.recorder.rounds import disagreements
from flhetero_dash.recorder.run import Run

log = logging.getLogger(__name__)
LIMIT = 2 * GIB


def read_round(run: Run, client: str | None, round_index: int) -> RoundFacts:
    """Read what a client's recorder, or that of all (None), has noted of a round."""
    with Archive(run.layout.round_facts(client, round_index), LIMIT) as archive:
        return RoundFacts.read(archive)


def read_classes(path: Path) -> IntArray | None:
    """Read class ids of a client's local records as the recorder wrote them; None: no file."""
    if not path.exists():
        return None
    with Archive(path, LIMIT) as archive:
        return numbers(archive.read(LOCAL), archive.where(LOCAL)).astype(np.int64)


def join(run: Run, role: str, *, private: bool) -> None:
    """Write the files of all clients from the rounds that are there; the manifest last.

    Parameters
    ----------
    run : Run
    role : str
        Who recorded.
    private : bool
        Whether norms and cosines alone were kept of the clients' updates.
    """
    layout = run.layout
    recorded = []
    for index, path in layout.fact_files(run.clients):
        with Archive(path, LIMIT) as archive:
            recorded.append((index, RoundFacts.read(archive)))
    facts = joined_facts(run.clients, recorded)
    if facts is None:
        return
    with Archive(layout.model_info, LIMIT) as archive:
        writer = run.writer(read_layer_names(archive))
    _fill_counts(run, facts)
    row = {client: at for at, client in enumerate(run.clients)}
    cosines = facts.cosines
    # Of whom nothing is known is left out, and a file of nobody is not written.
    for write, values in (
        (writer.write_cosines, cosines),
        (writer.write_norms, facts.norms),
        (writer.write_shares, facts.scalars["shares"]),
        (writer.write_batchnorm, facts.scalars["batchnorm"]),
    ):
        known = {c: values[at] for c, at in row.items() if not np.isnan(values[at]).all()}
        if known:
            write(known)
    curves = {key: _whole_curve(layout, facts, key) for key in CURVES}
    if any(curve is not None for curve in curves.values()):
        writer.write_validation(**curves)
    counts = {key: facts.scalars[key] for key in COUNTS}
    writer.write_summary(Summary(**counts, cosine=cosines[:, -1], label_counts=facts.label_counts))
    rounds = {client: facts.rounds(client) for client in run.clients}
    writer.write_manifest(role, run.aggregation, rounds, private=private)


def _whole_curve(layout: Layout, facts: JoinedFacts, key: str) -> FloatArray | None:
    """Give a curve unless it has holes that no gap of the round explains."""
    curve = facts.scalars[key]
    locate = layout.round_weights if key == "loss" else layout.global_outputs
    for at, index in np.argwhere(np.isnan(curve)).tolist():
        client = facts.client_names[at]
        if locate(client, index).exists():
            if not np.isnan(curve).all():
                log.warning(
                    "%s: '%s' of %s in round %d was not told; the curve is left out, as it needs "
                    "a number wherever a client took part",
                    layout.validation,
                    key,
                    client,
                    index,
                )
            return None
    return None if np.isnan(curve).all() else curve


def _fill_counts(run: Run, facts: JoinedFacts) -> None:
    """Count where the stand-alone model was recorded after the round."""
    for row, client in enumerate(run.clients):
        unknown = np.flatnonzero(np.isnan(facts.scalars[COUNTS[0]][row])).tolist()
        local = read_classes(run.layout.local_outputs(client)) if unknown else None
        if local is None:
            continue
        truth = _ground_truth(run.layout, client, len(local))
        for index in unknown:
            federated = read_classes(run.layout.global_outputs(client, index))
            if federated is not None:
                counts = disagreements(local, federated, truth)
                for key, count in zip(COUNTS, counts, strict=True):
                    facts.scalars[key][row, index] = count


def _ground_truth(layout: Layout, client: str, n_records: int) -> IntArray | None:
    with Archive(layout.samples, LIMIT) as archive:
        info = SamplesInfo.read(archive)
        if not info.single_files:
            return _part(info, archive, client).ground_truth(n_records)
    with Archive(layout.client_samples(client), LIMIT) as archive:
        return _part(info, archive, client).ground_truth(n_records)


def _part(info: SamplesInfo, archive: Archive, client: str) -> ClientPart:
    return info.part(archive, client, archive.path.parent)  # nothing is unpacked of the truth
