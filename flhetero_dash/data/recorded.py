"""What a training run hands to the writer of its history."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray, StrArray


@dataclass(frozen=True)
class Records:
    """One client's records.

    Attributes
    ----------
    inputs : mapping of str to ndarray of shape (n, n_features)
        Numeric records by sampling type; images as 0..255, channel-planar.
    ground_truth : ndarray of shape (n_local,), optional
        Class ids of the local records.
    split : ndarray of str of shape (n_local,), optional
        ``train`` or ``heldout`` for each local record.
    """

    inputs: Mapping[str, SampleArray]
    ground_truth: IntArray | None = None
    split: StrArray | None = None


@dataclass(frozen=True)
class RecordKind:
    """What every record of a data set is.

    Attributes
    ----------
    name : str
        ``image``, ``tabular``, ``text-embedding``, ...
    shape : tuple of int
        Of one record, channel first; its product is the number of features.
    feature_names : tuple of str, optional
        One a feature.
    categories : str, optional
        JSON: attribute -> names of its values.
    """

    name: str
    shape: tuple[int, ...]
    feature_names: tuple[str, ...] | None = None
    categories: str | None = None


@dataclass(frozen=True)
class Answers:
    """What one model answers on one client's inputs.

    Attributes
    ----------
    classes : mapping of str to ndarray of shape (n,)
        Class ids by sampling type.
    scores : mapping of str to ndarray of shape (n, n_classes)
        Probabilities; stored in half precision. Empty when there are none.
    """

    classes: Mapping[str, IntArray]
    scores: Mapping[str, FloatArray] = field(default_factory=dict)


@dataclass(frozen=True)
class SampledParameters:
    """One model's parameters at the positions that are recorded: the same ones in every round.

    Attributes
    ----------
    layers : tuple of ndarray of shape (n_sampled,)
        One vector a layer; the lengths may differ.
    total : ndarray of shape (n_sampled,)
        Positions drawn over all layers.
    """

    layers: tuple[FloatArray, ...]
    total: FloatArray


@dataclass(frozen=True)
class Summary:
    """What the page about all clients reads, so that it need not open each client's files.

    Attributes
    ----------
    inconsistent, negative_flips, positive_flips : ndarray of shape (n_clients, n_rounds)
        Numbers of local records; NaN where the round is missing.
    cosine : ndarray of shape (n_clients, n_rounds)
        Of all layers together; NaN where the round is missing.
    label_counts : ndarray of shape (n_clients, n_classes)
        Numbers of local records.
    """

    inconsistent: FloatArray
    negative_flips: FloatArray
    positive_flips: FloatArray
    cosine: FloatArray
    label_counts: IntArray
