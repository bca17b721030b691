"""One finished round: what is known of each client, from its update and the server's model."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from flhetero_dash.arrays import FloatArray, IntArray
from flhetero_dash.data.recorded import Answers, Records
from flhetero_dash.data.round_facts import RoundFacts
from flhetero_dash.data.samples_keys import LOCAL
from flhetero_dash.recorder.parameters import ParameterMap, batchnorm_gap
from flhetero_dash.recorder.pending import Pending

# What a user may tell of a round; only these are changed afterwards.
TOLD = ("loss", "val_acc", "tot_acc", "shares")


def with_updates(
    facts: RoundFacts,
    parameters: ParameterMap,
    pending: Pending,
    models: tuple[FloatArray, FloatArray | None],
    round_index: int,
) -> RoundFacts:
    """Add what the clients' updates of a round tell.

    Parameters
    ----------
    facts : RoundFacts
    parameters : ParameterMap
    pending : Pending
        Has the updates.
    models : tuple of ndarray of shape (n_parameters,)
        The server's model before and after the round, the latter with its batch statistics; None:
        nobody has told it, so only the length of the update is known.
    round_index : int
    """
    weights = np.full(len(facts.client_names), np.nan)
    norms, loss, batchnorm = facts.norms.copy(), facts.loss.copy(), facts.batchnorm.copy()
    n_parameters = sum(parameters.sizes)
    before, after = models
    took_part = []
    for row, client in enumerate(facts.client_names):
        if pending.update_round(client) != round_index:
            continue
        vector, notes = pending.update(client)
        own = vector[:n_parameters]
        if after is None:
            norms[row, 0] = parameters.norms(before, own, own)[0]
        else:
            norms[row] = parameters.norms(before, own, after[:n_parameters])
            batchnorm[row] = batchnorm_gap(vector[n_parameters:], after[n_parameters:])
        loss[row], weights[row] = notes.get("loss", np.nan), notes.get("weight", np.nan)
        took_part.append(row)
    shares = facts.shares.copy()
    shares[took_part] = weights[took_part] / weights[took_part].sum()
    return replace(facts, norms=norms, loss=loss, batchnorm=batchnorm, shares=shares)


def with_answers(
    facts: RoundFacts,
    answers: Mapping[str, Answers],
    local: Mapping[str, IntArray],
    records: Mapping[str, Records],
    *,
    pooled: bool,
) -> RoundFacts:
    """Add what the server's answers on the clients' local records tell.

    Parameters
    ----------
    facts : RoundFacts
    answers : mapping of str to Answers
        Of the server's model, by client.
    local : mapping of str to ndarray of shape (n_local,)
        Class ids of the stand-alone models, as far as there are any.
    records : mapping of str to Records
    pooled : bool
        Whether everybody's held-out records are the pooled test data.
    """
    scalars = {
        key: getattr(facts, key).copy()
        for key in ("val_acc", "tot_acc", "inconsistent", "negative_flips", "positive_flips")
    }
    right: list[FloatArray] = []
    for client, given in answers.items():
        row, own = facts.client_names.index(client), records[client]
        federated, truth = given.classes[LOCAL], own.ground_truth
        if truth is not None and own.split is not None and (own.split == "heldout").any():
            right.append((federated == truth)[own.split == "heldout"].astype(np.float64))
            scalars["val_acc"][row] = right[-1].mean()
        if client in local:
            counts = disagreements(local[client], federated, truth)
            for key, count in zip(
                ("inconsistent", "negative_flips", "positive_flips"), counts, strict=True
            ):
                scalars[key][row] = count
    if pooled and len(right) == len(answers) and right:
        scalars["tot_acc"][:] = np.concatenate(right).mean()
    return replace(facts, **scalars)


def disagreements(
    local: IntArray, federated: IntArray, truth: IntArray | None
) -> tuple[float, float, float]:
    """Count inconsistent records, negative and positive flips; NaN without ground truth."""
    inconsistent = float(np.sum(local != federated))
    if truth is None:
        return inconsistent, np.nan, np.nan
    negative = float(np.sum((local == truth) & (federated != truth)))
    return inconsistent, negative, float(np.sum((local != truth) & (federated == truth)))


def label_counts(records: Records, n_classes: int) -> IntArray:
    """Count a client's local records of each class; zeros without ground truth."""
    if records.ground_truth is None:
        return np.zeros(n_classes, dtype=np.int64)
    return np.bincount(records.ground_truth, minlength=n_classes)


def training_loss(answers: Answers, records: Records) -> float:
    """Mean cross-entropy of a client's own model on the records it trains on, in nats; or NaN."""
    scores, truth = answers.scores.get(LOCAL), records.ground_truth
    if scores is None or truth is None:
        return float("nan")
    train = np.full(len(truth), True) if records.split is None else records.split == "train"
    likelihood = scores[np.arange(len(truth)), truth][train].astype(np.float64)
    tiny = np.finfo(np.float32).tiny  # a probability that single precision rounds to 0
    return float(-np.log(np.maximum(likelihood, tiny)).mean()) if train.any() else float("nan")


def with_told(facts: RoundFacts, told: Mapping[tuple[str, str], float]) -> RoundFacts:
    """Put what the user says, by client and key, in the place of what was computed."""
    changed = {key: getattr(facts, key).copy() for key in TOLD}
    for (client, key), value in told.items():
        changed[key][facts.client_names.index(client)] = value
    return replace(facts, **changed)
