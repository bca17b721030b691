"""Selections of records that a link names by a digest."""

from collections.abc import Mapping

from flhetero_dash.data.shared_selections import SharedSelections
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import ClientRound, digest_of, read_records, records_text

N_HELD = 20  # in one browser, so that its back button finds them again
Held = dict[str, str]  # digest -> record numbers


class OwnSelectionQueries:
    """What the browser holds, and what was shared."""

    def __init__(self, sources: Sources) -> None:
        self._shared = SharedSelections(sources.settings.cache_dir / "selections")

    def text(self, chosen: ClientRound, digest: str, held: Mapping[str, object]) -> str | None:
        """Give the records of a digest; None if they are unknown, or of another table."""
        text = held.get(digest) or self._shared.text(digest)
        if not isinstance(text, str) or _digest(chosen, text) != digest:
            return None
        return text

    def share(self, chosen: ClientRound, digest: str, text: str) -> None:
        """Keep a selection for whoever gets the link; DataError if it cannot be kept."""
        if _digest(chosen, text) == digest:
            self._shared.store(digest, text)


def held_with(held: Mapping[str, object], chosen: ClientRound, text: str) -> tuple[Held, str]:
    """Add a selection to those that the browser holds.

    Returns
    -------
    tuple
        What it holds now, the oldest forgotten, and the digest of the new one.

    Raises
    ------
    ValueError
        If the text holds no record numbers.
    """
    text = records_text(read_records(text))
    digest = _digest(chosen, text)
    before = {d: t for d, t in held.items() if d != digest and isinstance(t, str)}
    return dict(list(before.items())[1 - N_HELD :]) | {digest: text}, digest


def _digest(chosen: ClientRound, text: str) -> str:
    return digest_of(chosen.dataset, chosen.client, chosen.inputs, text)
