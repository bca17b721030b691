"""What a model answers on a client's inputs: the user's function, checked."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray
from flhetero_dash.data.recorded import Answers
from flhetero_dash.recorder.parameters import State, array_of

# (state, inputs as they are recorded, shape (n, n_features)) -> class ids (n,), or
# probabilities (n, n_classes).
Predict = Callable[[State, SampleArray], Any]
# How far from 1 probabilities in half precision may add up.
SLACK = 2e-2


def answers_of(
    predict: Predict,
    state: State,
    inputs: Mapping[str, SampleArray],
    n_classes: int,
    where: str,
) -> Answers:
    """Let a model answer, and check what it says.

    Parameters
    ----------
    predict : callable of (state, X)
    state : mapping of str to array
    inputs : mapping of str to ndarray of shape (n, n_features)
        By sampling type.
    n_classes : int
    where : str
        Whose model and inputs, for messages.

    Raises
    ------
    ValueError
        If it gives neither class ids nor probabilities.
    """
    classes: dict[str, IntArray] = {}
    scores: dict[str, FloatArray] = {}
    for key, X in inputs.items():
        found = array_of(predict(state, X))
        told = f"{where}: predict gives for {len(X)} {key} inputs"
        if found.ndim == 2:  # noqa: PLR2004 - a row for each input
            scores[key] = _probabilities(found, (len(X), n_classes), told)
            classes[key] = scores[key].argmax(axis=1)
        else:
            classes[key] = _class_ids(found, len(X), n_classes, told)
    return Answers(classes, scores)


def _class_ids(found: npt.NDArray[Any], n: int, n_classes: int, told: str) -> IntArray:
    if found.shape != (n,) or found.dtype.kind not in "iu":
        raise ValueError(
            f"{told} {found.dtype} values of shape {found.shape}; expected whole class ids of "
            f"shape ({n},), or probabilities of shape ({n}, {n_classes})"
        )
    if n and not 0 <= found.min() <= found.max() < n_classes:
        raise ValueError(
            f"{told} class ids from {found.min()} to {found.max()}; expected 0 to {n_classes - 1}"
        )
    return found.astype(np.int64)


def _probabilities(found: npt.NDArray[Any], shape: tuple[int, int], told: str) -> FloatArray:
    if found.shape != shape or found.dtype.kind != "f":
        raise ValueError(
            f"{told} {found.dtype} values of shape {found.shape}; expected probabilities of "
            f"shape {shape}"
        )
    if bad := found.size - int(np.isfinite(found).sum()):
        raise ValueError(f"{told} {bad} values of {found.size} that are not finite")
    sums = found.sum(axis=1)
    if found.size and (found.min() < 0 or np.abs(sums - 1).max() > SLACK):
        raise ValueError(
            f"{told} values from {found.min():g} to {found.max():g} whose rows add up to "
            f"{sums.min():g} to {sums.max():g}; expected probabilities (a softmax of the scores)"
        )
    return found
