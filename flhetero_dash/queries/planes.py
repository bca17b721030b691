"""Contrastive planes, with what further contrasts of the same records can use."""

from dataclasses import dataclass
from functools import lru_cache

from flhetero_dash.analysis.coarse_space import spans_little
from flhetero_dash.analysis.cpca import (
    ContrastiveFit,
    ContrastivePlane,
    contrastive_fit,
    contrastive_plane,
    principal_plane,
)
from flhetero_dash.analysis.record_sums import RecordSums, record_sums, subset_sums
from flhetero_dash.arrays import BoolArray, FloatArray, IntArray, SampleArray
from flhetero_dash.cache import key_of
from flhetero_dash.queries.comparable import comparable_inputs
from flhetero_dash.queries.device import chosen_device
from flhetero_dash.queries.sources import NothingToShowError, reader_of, results_of
from flhetero_dash.selection import ClientRound
from flhetero_dash.settings import Settings

VERSION = 3
# Up to this many features (or records, if they are fewer) one plane costs less than a tenth of a
# second, so a single contrast is not worth a fit.
MOST_SINGLE = 1000
# Copies in double precision that are in memory at one time: of a covariance, and of all records
# where they are fewer than features.
N_COVARIANCES, N_TABLES = 8, 4


@dataclass(frozen=True)
class Reference:
    """The PCA plane that all planes of the same client and inputs are oriented to."""

    directions: FloatArray


def inputs_plane(
    settings: Settings,
    chosen: ClientRound,
    in_target: BoolArray,
    background: IntArray,
    alpha: float | None,
    fit_key: str,
) -> ContrastivePlane:
    """Contrast some of the chosen inputs with others (alpha None: automatic).

    Parameters
    ----------
    settings, chosen
        Whose inputs.
    in_target : ndarray of bool, shape (n_samples,)
    background : ndarray of int
        Rows of the inputs.
    alpha : float or None
    fit_key : str
        From `key_of`: names target and background, so that a fit is kept for other contrasts.

    Raises
    ------
    NothingToShowError
        If the covariances do not fit into the memory of the settings.
    """
    X = _inputs(settings, chosen)
    _require_memory(X, settings)
    orient_to = reference_plane(settings, chosen)
    device = chosen_device(settings.use_gpu)[0]

    def sums() -> RecordSums | None:
        whole = _sums(settings, chosen)
        return whole and (whole if in_target.all() else subset_sums(whole, X, in_target))

    # The records are copied only where they are needed: a fit that is at hand needs none.
    def fitted() -> ContrastiveFit:
        return contrastive_fit(X[in_target], X[background], device=device, sums=sums())

    results = results_of(settings)
    fit = results.stored(ContrastiveFit, fit_key)
    if fit is None and _is_worth_a_fit(X.shape, len(background), alpha):
        fit = results.get(ContrastiveFit, fit_key, fitted)
    if fit is not None and alpha is None:
        return fit.automatic(orient_to)
    if fit is not None and alpha is not None and alpha <= fit.largest_alpha:
        return fit.plane(alpha, orient_to)
    return contrastive_plane(
        X[in_target], X[background], alpha, orient_to, device=device, sums=sums()
    )


def reference_plane(settings: Settings, chosen: ClientRound) -> FloatArray:
    """Give the PCA plane of the chosen client's inputs, of shape (2, n_features)."""
    key = key_of(
        "reference",
        VERSION,
        identity=reader_of(settings).samples_identity(chosen.dataset, chosen.client),
        client=chosen.client,  # one file may hold all of them
        inputs=chosen.inputs,
    )
    return (
        results_of(settings)
        .get(
            Reference,
            key,
            lambda: Reference(principal_plane(_inputs(settings, chosen), _sums(settings, chosen))),
        )
        .directions
    )


def _is_worth_a_fit(shape: tuple[int, ...], n_background: int, alpha: float | None) -> bool:
    size = min(shape)
    spans_some = n_background > 0 and spans_little(n_background, size)
    return spans_some and (alpha is None or size > MOST_SINGLE)


def _inputs(settings: Settings, chosen: ClientRound) -> SampleArray:
    return comparable_inputs(settings, chosen.dataset, chosen.client, chosen.inputs)


def _require_memory(X: SampleArray, settings: Settings) -> None:
    needed = N_COVARIANCES * 8 * min(X.shape) ** 2
    if len(X) < X.shape[1]:
        needed += N_TABLES * 8 * X.size
    if needed > settings.memory_bytes:
        raise NothingToShowError(
            f"{len(X):,} records of {X.shape[1]:,} features need {needed / 1e6:,.1f} MB for "
            f"a contrastive plane; {settings.memory_bytes / 1e6:,.1f} MB are allowed (setting "
            "MEMORY_BYTES)."
        )


def _sums(settings: Settings, chosen: ClientRound) -> RecordSums | None:
    """Give the sums of all inputs; None where records are fewer than features."""
    X = _inputs(settings, chosen)
    if len(X) < X.shape[1]:
        return None
    identity = reader_of(settings).samples_identity(chosen.dataset, chosen.client)
    return _summed(settings, identity, chosen.dataset, chosen.client, chosen.inputs)


# All rounds and selections of the same inputs use them; a process mostly sees one or two.
@lru_cache(maxsize=2)
def _summed(
    settings: Settings, identity: str, dataset: str, client: str, inputs: str
) -> RecordSums:
    del identity  # other files are another entry
    sums = record_sums(comparable_inputs(settings, dataset, client, inputs))
    for array in (sums.origin, sums.total, sums.products):
        array.flags.writeable = False
    return sums
