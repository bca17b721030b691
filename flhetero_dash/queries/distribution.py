"""How one attribute is distributed among consistent and inconsistent inputs."""

from dataclasses import dataclass

import numpy as np

from flhetero_dash.analysis.distribution import (
    AttributeDistribution,
    CategoryDistribution,
    attribute_distribution,
    category_distribution,
    default_attribute,
)
from flhetero_dash.analysis.names import attribute_name
from flhetero_dash.arrays import BoolArray, SampleArray
from flhetero_dash.data.errors import DataError
from flhetero_dash.data.samples import SamplesInfo
from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.comparable import comparable_inputs, in_one_unit
from flhetero_dash.queries.contrast import ContrastQueries
from flhetero_dash.queries.outputs import Compared, compared
from flhetero_dash.queries.sources import Sources
from flhetero_dash.selection import (
    AttributeChoice,
    ClientRound,
    ClusterChoice,
    ContrastChoice,
    Focus,
)

MOST_NAMES = 20_000  # in a list that the browser searches; a map or a bar names any attribute


@dataclass(frozen=True)
class Distribution:
    """Counts of one attribute by class.

    Attributes
    ----------
    attribute : int
    name : str
    counts : AttributeDistribution or CategoryDistribution
    categories : tuple of str, or None
        Names of the categories of a categorical attribute.
    """

    attribute: int
    name: str
    counts: AttributeDistribution | CategoryDistribution
    categories: tuple[str, ...] | None


class DistributionQueries:
    """Distribution of the chosen attribute, or of the one with the largest weight."""

    def __init__(
        self, sources: Sources, clusters: ClusterQueries, contrasts: ContrastQueries
    ) -> None:
        self._sources = sources
        self._clusters = clusters
        self._contrasts = contrasts

    def attribute(
        self,
        chosen: ClientRound,
        clusters: ClusterChoice,
        focus: Focus,
        contrast: ContrastChoice,
        choice: AttributeChoice,
    ) -> int:
        """Give the chosen attribute; by default that of the largest weight of the contrast.

        Without a selection there is no contrast: the attribute that varies most, of those in
        standard deviations the first that varies at all.
        """
        X = compared(self._sources.reader, chosen).X
        if choice.attribute is not None and choice.attribute < X.shape[1]:
            return choice.attribute
        if not len(self._clusters.selected(chosen, clusters, focus)):
            return self._most_varied(chosen) if len(X) else 0
        answer = self._contrasts.contrast(chosen, clusters, focus, contrast.contrast_alpha)
        return default_attribute(answer.directions)

    def _most_varied(self, chosen: ClientRound) -> int:
        settings = self._sources.settings
        X = comparable_inputs(settings, chosen.dataset, chosen.client, chosen.inputs)
        varies = X.var(axis=0)
        # In standard deviations all of them vary by 1, and the last bit must not choose.
        scaled = not in_one_unit(self._sources.reader.samples_info(chosen.dataset))
        return int((varies > 0).argmax() if scaled else varies.argmax())

    def distribution(
        self,
        chosen: ClientRound,
        clusters: ClusterChoice,
        focus: Focus,
        attribute: int,
        scope: str,
    ) -> Distribution:
        """Count the values of an attribute.

        Parameters
        ----------
        scope : str
            "all" inputs, or "selection": the selected ones against the consistent ones.

        Raises
        ------
        DataError
            If a local record's value of a categorical attribute names no category. Values of
            sampled inputs may lie between or beyond the categories: they count as numbers.
        """
        both = compared(self._sources.reader, chosen)
        info = self._sources.reader.samples_info(chosen.dataset)
        name = attribute_name(attribute, info.shape, info.feature_names, info.is_image)
        scoped = np.ones(len(both.X), dtype=bool)
        if scope == "selection":
            selected = self._clusters.selected(chosen, clusters, focus)
            scoped = ~both.inconsistent
            scoped[selected] = True
        categories = _categories(info, name, both.X[:, attribute], chosen)
        if categories is not None:
            codes = both.X[scoped, attribute].astype(np.int64)
            counted = category_distribution(codes, both.inconsistent[scoped], len(categories))
            return Distribution(attribute, name, counted, categories)
        return Distribution(attribute, name, self._histogram(chosen, both, attribute, scoped), None)

    def n_attributes(self, chosen: ClientRound) -> int:
        """Count the attributes of a record."""
        return self._sources.reader.samples_info(chosen.dataset).n_features

    def attribute_names(self, dataset: str) -> list[str]:
        """Name the attributes to choose from, in the order of the data: at most MOST_NAMES."""
        info = self._sources.reader.samples_info(dataset)
        return [
            attribute_name(index, info.shape, info.feature_names, info.is_image)
            for index in range(min(info.n_features, MOST_NAMES))
        ]

    def _histogram(
        self, chosen: ClientRound, both: Compared, attribute: int, scoped: BoolArray
    ) -> AttributeDistribution:
        inputs = self._sources.reader.samples(chosen.dataset, chosen.client).inputs
        columns = [inputs[kind][:, attribute] for kind in {"local", chosen.inputs}]
        # The range of the data, not of the scope: so that scopes can be compared.
        filled = [column for column in columns if len(column)]
        low = min(float(column.min()) for column in filled)
        high = max(float(column.max()) for column in filled)
        return attribute_distribution(
            np.asarray(both.X[scoped, attribute]), both.inconsistent[scoped], (low, high)
        )


def _categories(
    info: SamplesInfo, name: str, column: SampleArray, chosen: ClientRound
) -> tuple[str, ...] | None:
    """Give the names of an attribute's values; None where they are to be counted as numbers."""
    names = info.categories.get(name)
    if names is None:
        return None
    unnamed = column[(column < 0) | (column >= len(names)) | (column != np.floor(column))]
    if not len(unnamed):
        return names
    if chosen.inputs != "local":
        return None  # a mean or a grid point
    raise DataError(
        f"{chosen.dataset}: '{name}' of {chosen.client} is {unnamed[0]:g} in a record, but "
        f"samples.npz has names for {len(names)} values, from 0"
    )
