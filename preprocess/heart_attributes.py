"""What is known of a patient: names, units, categories, and how a network takes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from flhetero_dash.arrays import BoolArray, FloatArray, SampleArray


@dataclass(frozen=True)
class Attribute:
    """One attribute of a patient.

    Attributes
    ----------
    column : str
        In the table.
    name : str
        For people, with the unit.
    categories : tuple of str
        Values by name; empty for a number.
    center, scale : float
        A usual value of a number and a usual difference, in its unit. Round figures of our own:
        taken from no hospital's records, so that they tell nobody anything.
    decimals : int
        With which a number is recorded.
    """

    column: str
    name: str
    categories: tuple[str, ...] = ()
    center: float = 0.0
    scale: float = 1.0
    decimals: int = 0

    def value(self, row: Mapping[str, str]) -> float:
        """Give the value in a row of the table; NaN where there is none."""
        text = row[self.column]
        if not text:
            return np.nan
        if not self.categories:
            return float(text)
        if text not in self.categories:
            known = ", ".join(self.categories)
            raise ValueError(f"{self.column} is '{text}'; expected {known} or nothing")
        return float(self.categories.index(text))

    def encoded(self, column: SampleArray) -> FloatArray:
        """Give the one or more inputs of a network that stand for the attribute, (n, k)."""
        if len(self.categories) > 2:
            is_category: BoolArray = column[:, None] == np.arange(len(self.categories))
            return is_category.astype(np.float64)
        return (column.astype(np.float64)[:, None] - self.center) / self.scale


NO_YES = ("no", "yes")
ATTRIBUTES = (
    Attribute("age", "age (years)", center=55, scale=10),
    Attribute("sex", "sex", ("female", "male")),
    Attribute(
        "chest_pain",
        "chest pain",
        ("typical angina", "atypical angina", "non-anginal pain", "asymptomatic"),
    ),
    Attribute("resting_blood_pressure", "resting blood pressure (mm Hg)", center=130, scale=20),
    Attribute("cholesterol", "cholesterol (mg/dl)", center=240, scale=50),
    Attribute("high_fasting_blood_sugar", "fasting blood sugar over 120 mg/dl", NO_YES),
    Attribute(
        "resting_ecg",
        "resting ECG",
        ("normal", "ST-T abnormality", "left ventricular hypertrophy"),
    ),
    Attribute("maximum_heart_rate", "maximum heart rate (per min)", center=140, scale=25),
    Attribute("exercise_angina", "angina on exercise", NO_YES),
    Attribute("st_depression", "ST depression on exercise (mm)", center=1, decimals=1),
    Attribute("st_slope", "slope of ST on exercise", ("upsloping", "flat", "downsloping")),
    Attribute("coloured_vessels", "vessels coloured by fluoroscopy", center=1),
    Attribute("thallium_scan", "thallium scan", ("normal", "fixed defect", "reversible defect")),
)


def encoded(records: SampleArray, attributes: Sequence[Attribute]) -> FloatArray:
    """Make records into a network's inputs, in single precision.

    Parameters
    ----------
    records : ndarray of shape (n, n_attributes)
    attributes : sequence of Attribute, of length n_attributes

    Returns
    -------
    ndarray of float32 of shape (n, n_inputs)
        A number as its distance from a usual value in usual differences; one of two categories
        as 0 or 1; one of more as an input for each category, of which one is 1.
    """
    columns = zip(attributes, records.T, strict=True)
    parts = [attribute.encoded(column) for attribute, column in columns]
    return np.concatenate(parts, axis=1).astype(np.float32)


def scaled(records: SampleArray, attributes: Sequence[Attribute]) -> FloatArray:
    """Give records with all attributes in one unit: the usual difference, or one category."""
    points: FloatArray = records / np.array([attribute.scale for attribute in attributes])
    return points


def as_records(
    points: FloatArray, records: SampleArray, attributes: Sequence[Attribute]
) -> FloatArray:
    """Make scaled points into what might be records.

    Parameters
    ----------
    points : ndarray of shape (n, n_attributes)
        As `scaled` gives them.
    records : ndarray of shape (n_local, n_attributes)
        The client's own; no value is outside their range.
    attributes : sequence of Attribute, of length n_attributes

    Returns
    -------
    ndarray of shape (n, n_attributes)
        Rounded as records are, so that every category has a name.
    """
    values = points * np.array([attribute.scale for attribute in attributes])
    columns = [
        np.round(column, attribute.decimals)
        for attribute, column in zip(attributes, values.T, strict=True)
    ]
    within: FloatArray = np.clip(np.column_stack(columns), records.min(axis=0), records.max(axis=0))
    return within
