"""Paths of the models' parameters through training, and the angles between their updates."""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import eigh

from flhetero_dash.arrays import BoolArray, FloatArray

# Movement below this share of the parameters' size, or of the largest movement, is rounding.
_ROUNDING = 1e-13
_RANK_TOLERANCE = 1e-9
_GRAM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class ParameterProjection:
    """Parameters of one layer (or of all) drawn in a plane.

    Attributes
    ----------
    initial : ndarray of shape (2,) or None
        The parameters that training started from; None when they were not recorded.
    client, server : ndarray of shape (n_rounds, 2)
        After the client's local training and after aggregation; NaN where a round is missing.
    explained : ndarray of shape (2,)
        Share of the server path's variance along each axis, from 0 to 1; NaN when it has none.
    """

    initial: FloatArray | None
    client: FloatArray
    server: FloatArray
    explained: FloatArray


def project_parameters(
    initial: FloatArray | None, client: FloatArray, server: FloatArray
) -> ParameterProjection:
    """Project parameters on the plane in which the server's path varies most (PCA).

    Parameters
    ----------
    initial : ndarray of shape (n_parameters,) or None
    client, server : ndarray of shape (n_rounds, n_parameters)
        One row per communication round; a row with a NaN is a missing round.

    Returns
    -------
    ParameterProjection
        Centred on the mean of the server's path; the largest entry of each axis is positive.
        Where that path varies along fewer than two directions (one round, one weight), the
        axes left are those along which the other points vary most; then zeros.

    Raises
    ------
    ValueError
        If the arrays differ in rounds or parameters.
    """
    _require_like(initial, client, server)
    server, client = (np.asarray(rows, dtype=np.float64) for rows in (server, client))
    there, size = _present(server)
    path = server if there.all() else server[there]
    points = path if len(path) else _other_points(client, initial)
    center = points.mean(axis=0) if len(points) else np.zeros(server.shape[1])
    offsets = path - center
    start = 0.0 if initial is None else float(np.linalg.norm(initial))
    floor = _ROUNDING * (size + _present(client)[1] + start)
    axes, strengths = _principal_axes(offsets, floor)
    if len(axes) < 2:
        rest = _other_points(client, initial) - center
        rest = rest - (rest @ axes.T) @ axes
        axes = np.concatenate([axes, _principal_axes(rest, floor)[0]])[:2]
    axes = np.concatenate([axes, np.zeros((2 - len(axes), server.shape[1]))])
    variance = np.concatenate([strengths**2, np.zeros(2)])[:2]
    total = float(np.vdot(offsets, offsets)) if len(strengths) else 0.0
    explained = variance / total if total > 0 else np.full(2, np.nan)
    drawn = np.full((len(server), 2), np.nan)
    drawn[there] = offsets @ axes.T
    return ParameterProjection(
        None if initial is None else (initial - center) @ axes.T,
        (client - center) @ axes.T,
        drawn,
        explained,
    )


def update_cosines(
    initial: FloatArray | None, client: FloatArray, server: FloatArray
) -> FloatArray:
    """Cosine between the client's update and the server's, by round.

    Parameters
    ----------
    initial : ndarray of shape (n_parameters,) or None
        Parameters before the first round.
    client, server : ndarray of shape (n_rounds, n_parameters)
        Absolute parameters; a row with a NaN is a missing round.

    Returns
    -------
    ndarray of shape (n_rounds,)
        From -1 to 1, between client_r - server_{r-1} and server_r - server_{r-1}; NaN where one
        of the three is missing or one of the updates is 0.

    Raises
    ------
    ValueError
        If the arrays differ in rounds or parameters.
    """
    own, common, products = update_norms(initial, client, server)
    return _ratio(products, own * common)


def update_norms(initial: FloatArray | None, client: FloatArray, server: FloatArray) -> FloatArray:
    """Lengths of the client's and the server's update by round, and their dot product.

    Parameters
    ----------
    initial : ndarray of shape (n_parameters,) or None
        Parameters before the first round.
    client, server : ndarray of shape (n_rounds, n_parameters)
        Absolute parameters; a row with a NaN is a missing round.

    Returns
    -------
    ndarray of shape (3, n_rounds)
        Of client_r - server_{r-1} and server_r - server_{r-1}; NaN where one is missing.

    Raises
    ------
    ValueError
        If the arrays differ in rounds or parameters.
    """
    _require_like(initial, client, server)
    before = np.full(server.shape, np.nan)
    before[1:] = server[:-1]
    if initial is not None and len(before):
        before[0] = initial
    own, common = client - before, server - before
    lengths = np.linalg.norm(own, axis=1), np.linalg.norm(common, axis=1)
    return np.stack([*lengths, np.einsum("rp,rp->r", own, common)])


def leave_me_out_cosine(norms: FloatArray, shares: FloatArray) -> FloatArray:
    """Cosine between the client's update and the rest of the server's, without the client.

    A client's update is part of the aggregate, so even with orthogonal updates of n_clients
    equal clients the plain cosine is 1 / sqrt(n_clients). Here the others' mean is compared:
    (server update - share * client update) / (1 - share).

    Parameters
    ----------
    norms : ndarray of shape (3, n_layers, n_rounds)
        Norm of the client's update, norm of the server's, and their dot product.
    shares : ndarray of shape (n_rounds,)
        Weight of the client in the round's weighted mean, from 0 to 1; NaN: took no part.

    Returns
    -------
    ndarray of shape (n_layers, n_rounds)
        From -1 to 1; NaN where the client took no part or was the only one.

    Raises
    ------
    ValueError
        If the shapes do not fit, or a share is not from 0 to 1.
    """
    if norms.ndim != 3 or len(norms) != 3 or norms.shape[2:] != shares.shape:
        raise ValueError(
            f"norms has shape {norms.shape} and shares {shares.shape}, "
            "expected (3, n_layers, n_rounds) and (n_rounds,)"
        )
    if ((shares < 0) | (shares > 1)).any():
        raise ValueError("shares must be from 0 to 1")
    client, server, product = np.asarray(norms, dtype=np.float64)
    rest_squared = server**2 - 2 * shares * product + (shares * client) ** 2
    # What is left after cancellation below this is rounding: there is no rest.
    floor = 1e-12 * (server**2 + (shares * client) ** 2)
    rest = np.sqrt(np.where(rest_squared > floor, rest_squared, np.nan))
    alone = np.where(shares < 1, rest, np.nan)
    return _ratio(product - shares * client**2, client * alone)


def _require_like(initial: FloatArray | None, client: FloatArray, server: FloatArray) -> None:
    fits = client.ndim == 2 and client.shape == server.shape
    if initial is not None:
        fits = fits and initial.shape == server.shape[1:]
    if not fits:
        found = None if initial is None else initial.shape
        raise ValueError(
            f"initial has shape {found}, client {client.shape}, server {server.shape}; "
            "expected (n_parameters,) and twice (n_rounds, n_parameters)"
        )


def _other_points(client: FloatArray, initial: FloatArray | None) -> FloatArray:
    """Give what is there beside the server's path, one point a row."""
    points = client[_present(client)[0]]
    if initial is None:
        return points
    return np.concatenate([points, np.asarray(initial, dtype=np.float64)[None, :]])


def _present(rows: FloatArray) -> tuple[BoolArray, float]:
    """Say which rows have no NaN, and how long these are together."""
    squares = np.einsum("rp,rp->r", rows, rows)
    there = ~np.isnan(squares)
    return there, float(np.sqrt(squares[there].sum()))


def _principal_axes(offsets: FloatArray, floor: float) -> tuple[FloatArray, FloatArray]:
    """At most two axes in rows, their largest entry positive, and their strengths, all above 0."""
    if offsets.size == 0:
        return np.zeros((0, offsets.shape[1])), np.zeros(0)
    axes, strengths = _leading_axes(offsets)
    kept = strengths > max(floor, _RANK_TOLERANCE * strengths[0])
    axes = axes[kept]
    peaks = np.take_along_axis(axes, np.abs(axes).argmax(axis=1)[:, None], axis=1)
    return axes * np.sign(peaks), strengths[kept]


def _leading_axes(offsets: FloatArray) -> tuple[FloatArray, FloatArray]:
    """At most two right singular vectors in rows, and their singular values."""
    by_rows = len(offsets) <= offsets.shape[1]
    # The smaller of the two Gram matrices: rounds are few, or the weights of a layer are.
    gram = offsets @ offsets.T if by_rows else offsets.T @ offsets
    last = len(gram) - 1
    squares, vectors = eigh(gram, subset_by_index=[max(last - 1, 0), last], check_finite=False)
    squares, vectors = squares[::-1], vectors[:, ::-1]
    # Squaring halves the digits: of a weak axis too few would be left.
    if not squares[-1] > _GRAM_TOLERANCE * squares[0]:
        _, strengths, axes = np.linalg.svd(offsets, full_matrices=False)
        return axes[:2], strengths[:2]
    strengths = np.sqrt(squares)
    axes = vectors.T @ offsets / strengths[:, None] if by_rows else vectors.T
    return axes, strengths


def _ratio(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    """Cosines, NaN where the denominator is 0 or NaN."""
    ratio = np.full(numerator.shape, np.nan)
    np.divide(numerator, denominator, out=ratio, where=denominator > 0)
    return np.asarray(np.clip(ratio, -1.0, 1.0))
