"""What a demo hands over for training: clients with their records, a network and a plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flhetero_dash.arrays import BoolArray, FloatArray, IntArray, SampleArray
from flhetero_dash.data.recorded import RecordKind


@dataclass(frozen=True)
class Plan:
    """How long and how fast everybody trains, with stochastic gradient descent.

    `local_steps` batches a round; the learning rate of round r is
    ``learning_rate * decay ** r``; `seed` is that of everything that is drawn.
    """

    n_rounds: int
    local_steps: int
    batch_size: int
    learning_rate: float
    decay: float
    momentum: float
    seed: int


@dataclass(frozen=True)
class Participant:
    """One client.

    Attributes
    ----------
    name : str
    inputs : mapping of str to ndarray of shape (n, n_features)
        By sampling type, as the dashboard shows them.
    labels : ndarray of int of shape (n_local,)
        Class ids of the local inputs.
    heldout : ndarray of bool of shape (n_local,)
        Records that the client never trains on.
    """

    name: str
    inputs: Mapping[str, SampleArray]
    labels: IntArray
    heldout: BoolArray


@dataclass(frozen=True)
class Federation:
    """Everybody, and how they train.

    Attributes
    ----------
    kind : RecordKind
    label_names : tuple of str, of length n_classes
    participants : tuple of Participant
    network : str
        What trains: ``package.module:Class``, a torch module without arguments.
    prepared : callable
        Makes records, shape (n, n_features), into single precision inputs of the network.
    plan : Plan
    planted : mapping of str to mapping
        Client -> ``kind``, ``index`` and ``why`` of the records that an analyst should find.
    """

    kind: RecordKind
    label_names: tuple[str, ...]
    participants: tuple[Participant, ...]
    network: str
    prepared: Callable[[SampleArray], FloatArray]
    plan: Plan
    planted: Mapping[str, Mapping[str, object]]
