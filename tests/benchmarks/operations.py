"""All operations of the benchmark by name, and what memory is measured for."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tests.benchmarks import browsing, clusters, contrast, device, explanations, visits
from tests.benchmarks.measuring import Bench, Work
from tests.benchmarks.rows import Row
from tests.benchmarks.sizes import Sizes

OPERATIONS: Mapping[str, Callable[[Bench], Iterator[Row]]] = {
    "cpca": contrast.automatic,
    "cpca-many": contrast.automatic_many,
    "cpca-3072": contrast.automatic_in_colour,
    "alpha": contrast.other_alpha,
    "planes": contrast.accuracy,
    "ranks": clusters.ranks,
    "ranks-50000": clusters.ranks_large,
    "linkage": clusters.linkage,
    "clusters": clusters.clusters_of_most,
    "gradcam": explanations.gradcam,
    "weights": explanations.weights,
    "clicks": visits.clicks,
    "files": visits.weight_files,
    "visit": visits.large_client,
    "start": visits.start,
    "browser": browsing.pages,
    "device": device.on_device,
}

# Each prepares its inputs and returns the call to be measured.
SUBJECTS: Mapping[str, Callable[[Sizes], Work]] = {
    "cPCA of digits": contrast.memory_of_digits,
    "cPCA in colour": contrast.memory_in_colour,
    "ranks of 8-bit": partial(clusters.memory_of_ranks, "8-bit"),
    "ranks of floats": partial(clusters.memory_of_ranks, "floats"),
    "clusters by average linkage": partial(clusters.memory_of_clusters, "average"),
    "clusters by single linkage": partial(clusters.memory_of_clusters, "single"),
    "first visit": visits.memory_of_visit,
}
