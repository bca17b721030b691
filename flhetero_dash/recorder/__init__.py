"""Writes the history of a training run while it runs, for the dashboard to open."""

from flhetero_dash.data.recorded import RecordKind, Records
from flhetero_dash.recorder.errors import RecordingError
from flhetero_dash.recorder.inputs import client_records, heldout_split
from flhetero_dash.recorder.recorder import Recorder
from flhetero_dash.recorder.run import Run
from flhetero_dash.recorder.training import (
    TrainingData,
    initial_state,
    predictor,
    train_standalone,
)

__all__ = [
    "RecordKind",
    "Recorder",
    "RecordingError",
    "Records",
    "Run",
    "TrainingData",
    "client_records",
    "heldout_split",
    "initial_state",
    "predictor",
    "train_standalone",
]
