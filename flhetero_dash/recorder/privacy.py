"""What a recorder says about whom it could expose."""

import logging

log = logging.getLogger(__name__)

BYPASSES = (
    "private=True: this recorder sees the update of each client before the server clips it, adds "
    "noise to it or sums it up under encryption, and so bypasses that protection on this machine. "
    "It keeps norms and cosines of updates, shares and shared metrics: no records, outputs or "
    "weights of a client."
)
TWO_PARTIES = (
    "two clients: what is recorded of the server's change and of its own update lets each of them "
    "compute the other's update"
)


def warn(role: str, *, private: bool, n_clients: int) -> None:
    """Say what the recorder bypasses, or gives away."""
    if private:
        log.warning(BYPASSES)
    elif role == "client" and n_clients == 2:  # noqa: PLR2004 - two parties
        log.warning(TWO_PARTIES)
