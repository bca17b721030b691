"""Points of data space beside a client's own records: stratified and systematic inputs."""

import numpy as np

from flhetero_dash.arrays import FloatArray, IntArray, SampleArray


def stratified_inputs(
    X: SampleArray, n_parts: int, n_each: int, rng: np.random.Generator, n_axes: int = 50
) -> FloatArray:
    """Draw points from each stratum of a client's two leading principal axes.

    The records are cut into `n_parts` parts of equal size along the first axis, and each of
    these into `n_parts` parts along the second. A point's first two coordinates are drawn
    uniformly from the stratum's own range (smallest to largest coordinate of its records); the
    next ones, up to `n_axes`, are those of one of its records, drawn at random; the others are
    the mean's.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        The client's local records, at least ``n_parts ** 2``; all features in one unit.
    n_parts : int
        Parts along each axis.
    n_each : int
        Points from each stratum.
    rng : numpy.random.Generator
    n_axes : int, default=50
        Principal axes that a point is made of; the data may have fewer.

    Returns
    -------
    ndarray of shape (n_each * n_parts ** 2, n_features)
        Neither rounded nor clipped to what a record may hold.

    Raises
    ------
    ValueError
        If there are fewer records than strata.
    """
    if len(X) < n_parts**2:
        raise ValueError(f"{len(X)} records for {n_parts**2} strata; expected at least as many")
    center, axes = _principal_axes(X, n_axes)
    coordinates = (X.astype(np.float64) - center) @ axes.T
    points = []
    for column in _parts(coordinates[:, 0], np.arange(len(X)), n_parts):
        for stratum in _parts(coordinates[:, 1], column, n_parts):
            inside = coordinates[stratum]
            drawn = rng.choice(inside, n_each)
            drawn[:, :2] = rng.uniform(
                inside[:, :2].min(axis=0), inside[:, :2].max(axis=0), (n_each, 2)
            )
            points.append(center + drawn @ axes)
    return np.concatenate(points)


def systematic_inputs(X: SampleArray, n_steps: int) -> FloatArray:
    """Lay a regular grid into the plane of a client's two leading principal axes.

    Parameters
    ----------
    X : ndarray of shape (n, n_features)
        The client's local records; all features in one unit.
    n_steps : int
        Grid points along each axis: equally spaced from the smallest to the largest coordinate
        of the records, both included. All other coordinates are the mean's.

    Returns
    -------
    ndarray of shape (n_steps ** 2, n_features)
        The second axis runs fastest. Neither rounded nor clipped to what a record may hold.
    """
    center, axes = _principal_axes(X, 2)
    coordinates = (X - center) @ axes.T
    steps = np.linspace(coordinates.min(axis=0), coordinates.max(axis=0), n_steps)
    first, second = np.meshgrid(steps[:, 0], steps[:, 1], indexing="ij")
    grid = np.column_stack([first.ravel(), second.ravel()])
    points: FloatArray = center + grid @ axes
    return points


def _principal_axes(X: SampleArray, n_axes: int) -> tuple[FloatArray, FloatArray]:
    center = X.mean(axis=0)
    offsets = X - center
    _, vectors = np.linalg.eigh(offsets.T @ offsets)  # in columns, by ascending eigenvalue
    axes = vectors[:, ::-1][:, :n_axes].T
    # Signs are free: fixed, so that the order of the points is the same everywhere.
    peaks = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return center, axes * np.sign(peaks)


def _parts(coordinate: FloatArray, records: IntArray, n_parts: int) -> list[IntArray]:
    ordered = records[np.argsort(coordinate[records], kind="stable")]
    return np.array_split(ordered, n_parts)
