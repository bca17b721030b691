"""What the labels of some records are, and what both models say of them."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.arrays import IntArray
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.outputs import Compared


@dataclass(frozen=True)
class LabelCount:
    """Records that are alike in their labels; `truth` is None for inputs without."""

    truth: str | None
    federated: str
    standalone: str
    federated_right: bool | None
    standalone_right: bool | None
    n_records: int


def label_counts(both: Compared, info: SamplesInfo, records: IntArray) -> tuple[LabelCount, ...]:
    """Count the records by ground truth and both outputs, the most frequent first."""
    outputs = [both.y_global[records], both.y_local[records]]
    columns = outputs if both.y_true is None else [both.y_true[records], *outputs]
    kinds, counts = np.unique(np.stack(columns, axis=1), axis=0, return_counts=True)
    found = []
    for at in np.argsort(-counts, kind="stable"):
        *truth, federated, standalone = (int(one) for one in kinds[at])
        found.append(
            LabelCount(
                info.label_name(truth[0]) if truth else None,
                info.label_name(federated),
                info.label_name(standalone),
                federated == truth[0] if truth else None,
                standalone == truth[0] if truth else None,
                int(counts[at]),
            )
        )
    return tuple(found)
