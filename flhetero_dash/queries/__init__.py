"""What the views ask: joins data and analysis, and caches the answers."""

from dataclasses import dataclass
from typing import Self

from flhetero_dash.queries.clusters import ClusterQueries
from flhetero_dash.queries.contrast import ContrastQueries
from flhetero_dash.queries.distribution import DistributionQueries
from flhetero_dash.queries.exports import ExportQueries
from flhetero_dash.queries.federation import FederationQueries
from flhetero_dash.queries.gradcam import GradCamQueries
from flhetero_dash.queries.inventory import InventoryQueries
from flhetero_dash.queries.learning import LearningQueries
from flhetero_dash.queries.matrix import MatrixQueries
from flhetero_dash.queries.nearest import NearestQueries
from flhetero_dash.queries.notes import NoteQueries
from flhetero_dash.queries.overview import OverviewQueries
from flhetero_dash.queries.own_selections import OwnSelectionQueries
from flhetero_dash.queries.record_rounds import RecordRoundQueries
from flhetero_dash.queries.records import RecordQueries
from flhetero_dash.queries.report import ReportQueries
from flhetero_dash.queries.sheets import SheetQueries
from flhetero_dash.queries.sources import Sources


@dataclass(frozen=True)
class Queries:
    """All questions, for the views."""

    federation: FederationQueries
    inventory: InventoryQueries
    learning: LearningQueries
    own: OwnSelectionQueries
    overview: OverviewQueries
    clusters: ClusterQueries
    contrast: ContrastQueries
    gradcam: GradCamQueries
    distribution: DistributionQueries
    matrix: MatrixQueries
    records: RecordQueries
    nearest: NearestQueries
    record_rounds: RecordRoundQueries
    sheets: SheetQueries
    exports: ExportQueries
    notes: NoteQueries
    report: ReportQueries

    @classmethod
    def over(cls, sources: Sources) -> Self:
        """Build them over one set of sources."""
        overview = OverviewQueries(sources)
        clusters = ClusterQueries(sources, overview)
        contrast = ContrastQueries(sources, clusters)
        own = OwnSelectionQueries(sources)
        learning, notes = LearningQueries(sources), NoteQueries(sources, own)
        return cls(
            FederationQueries(sources),
            InventoryQueries(sources),
            learning,
            own,
            overview,
            clusters,
            contrast,
            GradCamQueries(sources, clusters),
            DistributionQueries(sources, clusters, contrast),
            MatrixQueries(sources, clusters, contrast),
            RecordQueries(sources, clusters),
            NearestQueries(sources),
            RecordRoundQueries(sources),
            SheetQueries(sources, clusters),
            ExportQueries(sources, clusters, own),
            notes,
            ReportQueries(sources, learning, overview, notes),
        )
