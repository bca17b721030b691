"""Addresses of what the browser fetches of single records."""

from urllib.parse import quote

from flhetero_dash.selection import ClientRound


def pictures_address(chosen: ClientRound) -> str:
    """Give the address of a client's pictures, to which record numbers are added."""
    return f"/records/{_quoted(chosen.dataset, chosen.client, f'{chosen.inputs}.png')}?ids="


def words_address(chosen: ClientRound) -> str:
    """Give the folder of `<record>.json`: a record's labels in this round."""
    shown = str(chosen.round_index + 1)
    return f"/records/{_quoted(chosen.dataset, chosen.client, chosen.inputs, shown)}/"


def _quoted(*parts: str) -> str:
    return "/".join(quote(part, safe="") for part in parts)
