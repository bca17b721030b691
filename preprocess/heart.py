"""Patients of four hospitals, each hospital a client: the UCI heart disease records."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from flhetero_dash.analysis.sampled_inputs import stratified_inputs, systematic_inputs
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray, SampleArray
from flhetero_dash.data.recorded import RecordKind
from preprocess.federation import Federation, Participant, Plan
from preprocess.heart_attributes import ATTRIBUTES, Attribute, as_records, encoded, scaled

TABLE = Path(__file__).with_name("heart_disease.csv")
ZERO_CODED = "VA Long Beach"  # the hospital that wrote 0 for a cholesterol it did not measure


@dataclass(frozen=True)
class HeartConfig(Plan):
    """Sizes and pace of this demo; of the pace, only the defaults are its own.

    Attributes
    ----------
    most_missing : float
        Attributes that lack in a larger share of all records, over all hospitals, are left out.
    heldout : float
        Share of each hospital's records that is never trained on.
    n_strata, n_per_stratum, n_grid : int
        As in `flhetero_dash.analysis.sampled_inputs`.
    """

    most_missing: float = 0.3
    heldout: float = 0.2
    n_rounds: int = 25
    local_steps: int = 20
    batch_size: int = 32
    learning_rate: float = 0.1
    decay: float = 0.97
    momentum: float = 0.5
    n_strata: int = 5
    n_per_stratum: int = 8
    n_grid: int = 15
    seed: int = 0


@dataclass(frozen=True)
class Hospital:
    """One hospital's rows of the table.

    Attributes
    ----------
    values : ndarray of shape (n, len(ATTRIBUTES))
        Numbers as they were recorded, categories as their position; NaN where nothing was.
    labels : ndarray of int of shape (n,)
        1: disease, a vessel narrowed by more than half; 0: none.
    """

    values: FloatArray
    labels: IntArray


def hospitals() -> Mapping[str, Hospital]:
    """Read the table: hospital -> its rows, in the table's order."""
    with TABLE.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    names = dict.fromkeys(row["hospital"] for row in rows)
    by_name = {name: [row for row in rows if row["hospital"] == name] for name in names}
    return {
        name: Hospital(
            np.array([[attribute.value(row) for attribute in ATTRIBUTES] for row in own]),
            np.array([int(row["narrowing"]) > 0 for row in own]).astype(np.int64),
        )
        for name, own in by_name.items()
    }


def kept_attributes(everyone: Sequence[Hospital], most_missing: float) -> IntArray:
    """Positions of the attributes that are seldom enough missing, over all hospitals together.

    Hospitals need to tell each other no more for that than how often each attribute is missing.
    """
    missing = np.concatenate([np.isnan(hospital.values) for hospital in everyone])
    return np.flatnonzero(missing.mean(axis=0) <= most_missing)


def imputed(values: FloatArray, heldout: BoolArray, attributes: Sequence[Attribute]) -> FloatArray:
    """Fill gaps with the median, of categories the most frequent one, of the training records.

    Parameters
    ----------
    values : ndarray of shape (n, n_attributes)
        One client's; NaN is a gap.
    heldout : ndarray of bool of shape (n,)
    attributes : sequence of Attribute, of length n_attributes

    Returns
    -------
    ndarray of shape (n, n_attributes)
        A zero that was recorded stays: whether it is a gap is for the analyst to see.
    """
    columns = []
    for attribute, column in zip(attributes, values.T, strict=True):
        known = column[~heldout & ~np.isnan(column)]
        usual = (
            np.bincount(known.astype(np.int64)).argmax()
            if attribute.categories
            else np.median(known)
        )
        columns.append(np.where(np.isnan(column), usual, column))
    return np.column_stack(columns)


def heart_federation(config: HeartConfig) -> Federation:
    """Make a client of every hospital."""
    rng = np.random.default_rng(config.seed)
    everyone = hospitals()
    kept = kept_attributes(list(everyone.values()), config.most_missing)
    attributes = tuple(ATTRIBUTES[position] for position in kept)
    participants = tuple(
        _participant(name, hospital, kept, config, rng) for name, hospital in everyone.items()
    )

    def prepared(records: SampleArray) -> FloatArray:
        return encoded(records, attributes)

    return Federation(
        kind=RecordKind(
            "tabular",
            (len(attributes),),
            tuple(attribute.name for attribute in attributes),
            json.dumps({a.name: a.categories for a in attributes if a.categories}),
        ),
        label_names=("no disease", "disease"),
        participants=participants,
        network="flhetero_dash.analysis.networks:HeartNetwork",
        prepared=prepared,
        plan=config,
        planted={ZERO_CODED: _zero_coded(everyone[ZERO_CODED])},
    )


def _participant(
    name: str, hospital: Hospital, kept: IntArray, config: HeartConfig, rng: np.random.Generator
) -> Participant:
    attributes = [ATTRIBUTES[position] for position in kept]
    n_records = len(hospital.labels)
    heldout = np.zeros(n_records, dtype=bool)
    heldout[rng.permutation(n_records)[: round(config.heldout * n_records)]] = True
    records = imputed(hospital.values[:, kept], heldout, attributes)
    # In units of usual differences: else cholesterol, in the largest numbers, is the first axis.
    points = scaled(records, attributes)
    stratified = stratified_inputs(points, config.n_strata, config.n_per_stratum, rng)
    systematic = systematic_inputs(points, config.n_grid)
    inputs = {
        "local": records,
        "stratified": as_records(stratified, records, attributes),
        "systematic": as_records(systematic, records, attributes),
    }
    return Participant(name, inputs, hospital.labels, heldout)


def _zero_coded(hospital: Hospital) -> Mapping[str, object]:
    column = [attribute.column for attribute in ATTRIBUTES].index("cholesterol")
    return {
        "kind": "zero-coded",
        "index": np.flatnonzero(hospital.values[:, column] == 0).tolist(),
        "why": "cholesterol was not measured and is recorded as 0 mg/dl; nobody planted that",
    }
