"""Checks of what a training loop hands to the recorder."""

import math

from flhetero_dash.recorder.run import Run


def own_client(run: Run, role: str, client: str | None) -> str | None:
    """Give whose recorder it is; None: everybody's.

    Raises
    ------
    ValueError
        If role and client do not fit each other or the run.
    """
    if role not in {"client", "coordinator"}:
        raise ValueError(f"role '{role}'; expected client or coordinator")
    if role == "coordinator":
        if client is not None:
            raise ValueError(f"role='coordinator' with client '{client}'; it records everybody")
        return None
    if client is None and len(run.clients) > 1:
        raise ValueError(
            f"role='client' of {len(run.clients)} clients; expected client=NAME, one of "
            f"{', '.join(run.clients[:20])}, or role='coordinator' for everybody"
        )
    return require_client(run, run.clients[0] if client is None else client)


def require_client(run: Run, client: str) -> str:
    """Give a client's name back; raise ValueError if the run has no such client."""
    if client not in run.clients:
        raise ValueError(f"no client '{client}'; there are {', '.join(run.clients[:20])}")
    return client


def number(value: float | None, where: str) -> float | None:
    """Give a finite number, or None; raise ValueError for another."""
    if value is not None and not math.isfinite(value):
        raise ValueError(f"{where} is {value}; expected a finite number")
    return None if value is None else float(value)


def fraction(value: float | None, where: str) -> float | None:
    """Give a number from 0 to 1, or None; raise ValueError for another."""
    if value is not None and not 0 <= value <= 1:
        raise ValueError(f"{where} is {value:g}; expected a fraction from 0 to 1")
    return None if value is None else float(value)


def positive(value: float | None, where: str) -> float | None:
    """Give a finite number above 0, or None; raise ValueError for another."""
    if number(value, where) is not None and not (value or 0) > 0:
        raise ValueError(f"{where} is {value}; expected more than 0")
    return None if value is None else float(value)
