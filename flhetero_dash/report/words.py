"""Sentences of a report: numbers in plain words, each with its n."""

import math
from datetime import datetime

from flhetero_dash.figures.words import percent
from flhetero_dash.queries.report import ClientReport, Counts, Report


def answer(report: Report) -> str:
    """Say what a report is about in one sentence."""
    if not report.of_all:
        return client_answer(report.clients[0])
    known = [(one, one.counts) for one in report.clients if one.counts is not None]
    if not known:
        return f"For none of the {len(report.clients):,} clients can the two models be compared."
    different = sum(counts.n_inconsistent for _, counts in known)
    total = sum(counts.n_records for _, counts in known)
    words = f"{_in_rounds(report)}the federated model and the clients' own models disagree on "
    words += f"{different:,} of {total:,} records of {n_of(len(known), 'client')}"
    if len(known) < len(report.clients):
        words += f" ({len(report.clients) - len(known):,} others cannot be compared)"
    if not different:
        return words + "."
    most, counts = max(known, key=lambda pair: pair[1].n_inconsistent / (pair[1].n_records or 1))
    share = percent(counts.n_inconsistent / counts.n_records)
    return (
        f"{words}; the largest share is that of {most.chosen.client}: {share}, "
        f"{counts.n_inconsistent:,} of {counts.n_records:,}."
    )


def client_answer(client: ClientReport) -> str:
    """Say how the two models do on one client's records."""
    chosen, counts = client.chosen, client.counts
    shown = f"In round {chosen.round_index + 1}"
    if counts is None:
        return f"{shown} the two models cannot be compared for {chosen.client}. {client.gap}"
    both = f"the federated model and {chosen.client}'s own model"
    if not counts.n_inconsistent:
        return f"{shown} {both} agree on all {n_of(counts.n_records, 'record')}."
    words = f"{shown} {both} disagree on {counts.n_inconsistent:,} of {counts.n_records:,} records"
    if math.isnan(counts.federated_inconsistent):
        return f"{words}; there is no ground truth that would say which is right."
    return (
        f"{words}; of these the federated model is right on "
        f"{percent(counts.federated_inconsistent)} and the stand-alone model on "
        f"{percent(counts.standalone_inconsistent)}."
    )


def note_answer(counts: Counts) -> str:
    """Say how the two models do on a note's records."""
    if counts.n_inconsistent == counts.n_records:
        words = f"The models disagree on all {n_of(counts.n_records, 'record')}"
    else:
        words = f"The models disagree on {counts.n_inconsistent:,} of {counts.n_records:,} records"
    if math.isnan(counts.federated):
        return f"{words}. These inputs have no ground truth, so neither is right or wrong."
    rights = [
        f"{percent(share)} ({round(share * counts.n_records):,} of {counts.n_records:,})"
        for share in (counts.federated, counts.standalone)
    ]
    return (
        f"{words}; the federated model is right on {rights[0]} and the stand-alone model on "
        f"{rights[1]}."
    )


def n_of(number: int, what: str) -> str:
    """Write a number of things."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def time_of(moment: datetime) -> str:
    """Write a time to the minute, in UTC as the notes have it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def _in_rounds(report: Report) -> str:
    rounds = {one.chosen.round_index for one in report.clients}
    if len(rounds) == 1:
        return f"In round {rounds.pop() + 1} "
    return "In each client's last recorded round "
