"""Where the outputs of two models differ, and which of them is right."""

import numpy as np

from flhetero_dash.arrays import BoolArray, IntArray


def inconsistent(y_local: IntArray, y_global: IntArray) -> BoolArray:
    """Mark the records to which the two models give different classes.

    Parameters
    ----------
    y_local, y_global : ndarray of int, shape (n_samples,)
        Class ids given by the stand-alone and by the federated model.

    Returns
    -------
    ndarray of bool, shape (n_samples,)

    Raises
    ------
    ValueError
        If the two do not have one class id for each of the same records.
    """
    _require_same_records(y_local=y_local, y_global=y_global)
    return np.not_equal(y_local, y_global)


def negative_flips(y_true: IntArray, y_local: IntArray, y_global: IntArray) -> BoolArray:
    """Mark the records that the stand-alone model has right and the federated one wrong.

    Parameters
    ----------
    y_true, y_local, y_global : ndarray of int, shape (n_samples,)
        Class ids: ground truth, stand-alone model, federated model.

    Returns
    -------
    ndarray of bool, shape (n_samples,)

    Raises
    ------
    ValueError
        If the three do not have one class id for each of the same records.
    """
    _require_same_records(y_true=y_true, y_local=y_local, y_global=y_global)
    return np.equal(y_local, y_true) & np.not_equal(y_global, y_true)


def positive_flips(y_true: IntArray, y_local: IntArray, y_global: IntArray) -> BoolArray:
    """Mark the records that the federated model has right and the stand-alone one wrong.

    Parameters, result and errors are those of `negative_flips`.
    """
    return negative_flips(y_true, y_global, y_local)


def accuracy(y_true: IntArray, y_pred: IntArray) -> float:
    """Share of the records whose class is right, from 0 to 1; NaN when there is no record.

    Parameters
    ----------
    y_true, y_pred : ndarray of int, shape (n_samples,)

    Raises
    ------
    ValueError
        If the two do not have one class id for each of the same records.
    """
    _require_same_records(y_true=y_true, y_pred=y_pred)
    return float(np.mean(np.equal(y_true, y_pred))) if len(y_true) else float("nan")


def _require_same_records(**labels: IntArray) -> None:
    shapes = {name: np.shape(values) for name, values in labels.items()}
    if len(set(shapes.values())) > 1 or any(len(shape) != 1 for shape in shapes.values()):
        found = ", ".join(f"{name} has shape {shape}" for name, shape in shapes.items())
        raise ValueError(f"{found}; expected one class id for each of the same records")
