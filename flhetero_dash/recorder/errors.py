"""Errors of the recorder that are no wrong argument."""


class RecordingError(Exception):
    """A folder that cannot be recorded into; the message says why, and what helps."""
