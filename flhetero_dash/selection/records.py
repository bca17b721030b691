"""What the user has chosen: one checked record for each store of the page."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self

from flhetero_dash.selection.forms import FORMS

Json = Any  # what a browser sends, not yet checked
Parameters = dict[str, str]


class NotChosenError(ValueError):
    """A store does not hold what its record needs."""


class Choice:
    """Base of the records: each field has a reader and a writer in `forms.FORMS`."""

    STORE: ClassVar[str]

    @classmethod
    def checked(cls, data: Json) -> Self:
        """Read the record from what a browser sent; what cannot be read gets its default.

        Raises
        ------
        NotChosenError
            If `data` lacks what has no default.
        """
        given = data if isinstance(data, dict) else {}
        values = {}
        for entry in dataclasses.fields(cls):  # type: ignore[arg-type]
            form = FORMS[entry.name]
            text = given.get(form.parameter)
            try:
                if isinstance(text, str):
                    values[entry.name] = form.read(text)
            except ValueError:
                continue
        try:
            return cls(**values)
        except TypeError:
            raise NotChosenError(f"not a {cls.__name__}: {str(data)[:200]}") from None

    @classmethod
    def required(cls, data: Parameters) -> Self:
        """Read the record as `checked` does, but refuse what cannot be read.

        Raises
        ------
        NotChosenError
            It says what was found and expected.
        """
        for entry in dataclasses.fields(cls):  # type: ignore[arg-type]
            form = FORMS[entry.name]
            text = data.get(form.parameter)
            if text is None and entry.default is not dataclasses.MISSING:
                continue
            try:
                form.read(text or "")
            except ValueError as error:
                found = "nothing" if text is None else repr(text[:80])
                raise NotChosenError(f"{form.parameter}: found {found}, expected {error}") from None
        return cls.checked(data)

    def as_json(self) -> Parameters:
        """Write the fields that are not at their default."""
        written = {}
        for entry in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, entry.name)
            if value != entry.default:
                form = FORMS[entry.name]
                written[form.parameter] = form.write(value)
        return written


@dataclass(frozen=True)
class ClientRound(Choice):
    """Whose outputs, of which round and for which inputs; rounds count from 0."""

    STORE: ClassVar[str] = "chosen-client-round"
    dataset: str
    client: str
    round_index: int
    inputs: str = "local"


@dataclass(frozen=True)
class WhichClient(Choice):
    """The client alone, for what no round changes: a part of `ClientRound`, written with it."""

    STORE: ClassVar[str] = "chosen-client"
    dataset: str
    client: str


@dataclass(frozen=True)
class ProjectionChoice(Choice):
    """The layer of the learning process ("" for all), its rounds, both ends included; its chart."""

    STORE: ClassVar[str] = "chosen-projection"
    layer: str = ""
    rounds: tuple[int, int] | None = None
    process: Literal["projection", "cosine"] = "projection"


@dataclass(frozen=True)
class CurveChoice(Choice):
    """The curve of the performance timeline."""

    STORE: ClassVar[str] = "chosen-curve"
    curve: Literal["accuracy", "total", "loss", "inconsistent"] = "accuracy"


@dataclass(frozen=True)
class OverviewChoice(Choice):
    """Contrast of the overview (None: automatic) and the class drawn on top."""

    STORE: ClassVar[str] = "chosen-overview"
    alpha: float | None = 10.0
    on_top: Literal["inconsistent", "consistent"] = "inconsistent"


@dataclass(frozen=True)
class ClusterChoice(Choice):
    """Number of clusters (None: automatic) and their linkage."""

    STORE: ClassVar[str] = "chosen-clusters"
    n_clusters: int | None = 8
    linkage: Literal["single", "average"] = "average"


@dataclass(frozen=True)
class Focus(Choice):
    """The selected records: own ones, else a cell of the label matrix, else a cluster.

    A cell is (ground truth, federated output), as class ids; cluster 0 is the largest. Own
    records are rows of the chosen inputs; `own` is the digest that a link carries for them.
    """

    STORE: ClassVar[str] = "chosen-focus"
    cluster: int = 0
    cell: tuple[int, int] | None = None
    own: str | None = None
    own_records: tuple[int, ...] = ()


@dataclass(frozen=True)
class ContrastChoice(Choice):
    """What explains the selection: contrastive components (alpha None: automatic) or Grad-CAM."""

    STORE: ClassVar[str] = "chosen-contrast"
    method: Literal["cpca", "gradcam"] = "cpca"
    contrast_alpha: float | None = None
    channel: int = 0


@dataclass(frozen=True)
class GradCamChoice(Choice):
    """Whose heat maps (the selection's mean, or the record's), for which class, and how.

    The record is that under verification, and there only while its heat maps are shown: so the
    panel need not look at every step from record to record.
    """

    STORE: ClassVar[str] = "chosen-gradcam"
    explained: Literal["mean", "record"] = "mean"
    explained_class: Literal["predicted", "truth"] = "predicted"
    variant: Literal["gradcam", "published"] = "gradcam"
    record: int | None = None


@dataclass(frozen=True)
class AttributeChoice(Choice):
    """The attribute of the distribution; None: that of the largest weight."""

    STORE: ClassVar[str] = "chosen-attribute"
    attribute: int | None = None


@dataclass(frozen=True)
class DistributionChoice(Choice):
    """How the attribute's distribution is drawn: of which records, on which scale."""

    STORE: ClassVar[str] = "chosen-distribution"
    scope: Literal["all", "selection"] = "all"
    scale: Literal["linear", "log"] = "linear"
    share: Literal["class", "scope"] = "class"


@dataclass(frozen=True)
class MatrixChoice(Choice):
    """What a cell of the label matrix shows, and which labels have a row and a column.

    Squares along one side, whether records are drawn, and what the background is: the share of
    the column's label, or that share over the label's overall share.
    """

    STORE: ClassVar[str] = "chosen-matrix"
    n_squares: int = 20
    points: Literal["on", "off"] = "on"
    background: Literal["share", "enrichment"] = "share"
    labels: Literal["inconsistent", "all"] = "inconsistent"


@dataclass(frozen=True)
class RecordChoice(Choice):
    """The record under verification, by its row in the inputs; None: the selection's first."""

    STORE: ClassVar[str] = "chosen-record"
    record: int | None = None


CHOICES: tuple[type[Choice], ...] = (
    ClientRound,
    ProjectionChoice,
    CurveChoice,
    OverviewChoice,
    ClusterChoice,
    Focus,
    ContrastChoice,
    GradCamChoice,
    AttributeChoice,
    DistributionChoice,
    MatrixChoice,
    RecordChoice,
)
