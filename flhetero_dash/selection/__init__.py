"""What the user has chosen: checked records, one store each, and their form in the URL.

A record is written in the vocabulary of the URL everywhere: in the address, in the browser's
stores and in the panels' intents. So there is one way to read it, and it trusts nobody.
"""

from flhetero_dash.selection.forms import parameter_of
from flhetero_dash.selection.intents import (
    anticipation,
    changed,
    parameters_in,
    parameters_of,
    search_of,
)
from flhetero_dash.selection.own import digest_of, read_records, records_text
from flhetero_dash.selection.records import (
    CHOICES,
    AttributeChoice,
    Choice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    CurveChoice,
    DistributionChoice,
    Focus,
    GradCamChoice,
    Json,
    MatrixChoice,
    NotChosenError,
    OverviewChoice,
    Parameters,
    ProjectionChoice,
    RecordChoice,
    WhichClient,
)

__all__ = [
    "AttributeChoice",
    "CHOICES",
    "Choice",
    "ClientRound",
    "ClusterChoice",
    "ContrastChoice",
    "CurveChoice",
    "DistributionChoice",
    "Focus",
    "GradCamChoice",
    "Json",
    "MatrixChoice",
    "NotChosenError",
    "OverviewChoice",
    "Parameters",
    "ProjectionChoice",
    "RecordChoice",
    "WhichClient",
    "anticipation",
    "changed",
    "digest_of",
    "parameter_of",
    "parameters_in",
    "parameters_of",
    "read_records",
    "records_text",
    "search_of",
]
