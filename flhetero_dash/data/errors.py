"""Errors of the data layer: their messages say which file, what was found and what was expected."""


class DataError(Exception):
    """Data that cannot be used; the message says what to mend."""


class DamagedFileError(DataError):
    """A file that is not whole: cut short, altered, or still being written."""


class BeingWrittenError(DataError):
    """A file that is changing while it is read; trying again in a moment helps."""


class UnknownNameError(DataError):
    """A dataset or client that is not there."""
