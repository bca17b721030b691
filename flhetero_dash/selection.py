"""What the user has chosen: checked records, one store each, and their form in the URL.

A record is written in the vocabulary of the URL everywhere: in the address, in the browser's
stores and in the panels' intents. So there is one way to read it, and it trusts nobody.
"""

import dataclasses
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Self
from urllib.parse import parse_qsl, urlencode

Json = Any  # what a browser sends, not yet checked
Parameters = dict[str, str]
MAX_LENGTH = 4_000  # of a query string that is read


class NotChosenError(ValueError):
    """A store does not hold what its record needs."""


class Choice:
    """Base of the records: each field has a reader and a writer in `_FORMS`."""

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
            form = _FORMS[entry.name]
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

    def as_json(self) -> Parameters:
        """Write the fields that are not at their default."""
        written = {}
        for entry in dataclasses.fields(self):  # type: ignore[arg-type]
            value = getattr(self, entry.name)
            if value != entry.default:
                form = _FORMS[entry.name]
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
class ProjectionChoice(Choice):
    """The layer of the parameter projection ("" for all) and its rounds, both ends included."""

    STORE: ClassVar[str] = "chosen-projection"
    layer: str = ""
    rounds: tuple[int, int] | None = None


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
    """The selected records: a cell of the label matrix, else a cluster (0: the largest).

    A cell is (ground truth, federated output), as class ids.
    """

    STORE: ClassVar[str] = "chosen-focus"
    cluster: int = 0
    cell: tuple[int, int] | None = None


@dataclass(frozen=True)
class ContrastChoice(Choice):
    """What explains the selection: contrastive components (alpha None: automatic) or Grad-CAM."""

    STORE: ClassVar[str] = "chosen-contrast"
    method: Literal["cpca", "gradcam"] = "cpca"
    contrast_alpha: float | None = None
    channel: int = 0


@dataclass(frozen=True)
class AttributeChoice(Choice):
    """The attribute of the distribution (None: that of the largest weight) and its drawing."""

    STORE: ClassVar[str] = "chosen-attribute"
    attribute: int | None = None
    scope: Literal["all", "selection"] = "all"
    scale: Literal["linear", "log"] = "linear"
    share: Literal["class", "scope"] = "class"


@dataclass(frozen=True)
class MatrixChoice(Choice):
    """Squares along one side of a label-matrix cell, and whether records are drawn in it."""

    STORE: ClassVar[str] = "chosen-matrix"
    n_squares: int = 20
    points: Literal["on", "off"] = "on"


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
    AttributeChoice,
    MatrixChoice,
    RecordChoice,
)


@dataclass(frozen=True)
class _Form:
    """How one field is written in a URL."""

    parameter: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str


def _name(text: str) -> str:
    if not text or len(text) > 200:
        raise ValueError("a name of at most 200 characters")
    return text


def _whole(smallest: int, largest: int = 10**9) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,10}", text) or not smallest <= int(text) <= largest:
            raise ValueError(f"a whole number from {smallest} to {largest}")
        return int(text)

    return read


def _alpha(text: str) -> float | None:
    if text == "auto":
        return None
    alpha = float(text)
    if not math.isfinite(alpha) or alpha < 0:
        raise ValueError("'auto' or a number of at least 0")
    return alpha


def _n_clusters(text: str) -> int | None:
    return None if text == "auto" else _whole(1)(text)


def _one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError(f"one of {words}")
        return text

    return read


def _pair(smallest: int) -> Callable[[str], tuple[int, int]]:
    def read(text: str) -> tuple[int, int]:
        first, _, second = text.partition("-")
        return _whole(smallest)(first), _whole(smallest)(second)

    return read


def _rounds(text: str) -> tuple[int, int]:
    first, last = _pair(1)(text)
    if first > last:
        raise ValueError("the first round before the last")
    return first - 1, last - 1


def _or_auto(value: float | None) -> str:
    return "auto" if value is None else f"{value:g}"


def _joined(value: tuple[int, int]) -> str:
    return f"{value[0]}-{value[1]}"


_FORMS: Mapping[str, _Form] = {
    "dataset": _Form("dataset", _name),
    "client": _Form("client", _name),
    "round_index": _Form("round", lambda text: _whole(1)(text) - 1, lambda value: str(value + 1)),
    "inputs": _Form("inputs", _one_of("local", "stratified", "systematic")),
    "layer": _Form("layer", _name),
    "rounds": _Form("rounds", _rounds, lambda value: _joined((value[0] + 1, value[1] + 1))),
    "curve": _Form("curve", _one_of("accuracy", "total", "loss", "inconsistent")),
    "alpha": _Form("alpha", _alpha, _or_auto),
    "on_top": _Form("top", _one_of("inconsistent", "consistent")),
    "n_clusters": _Form("k", _n_clusters, _or_auto),
    "linkage": _Form("linkage", _one_of("single", "average")),
    "cluster": _Form("cluster", lambda text: _whole(1)(text) - 1, lambda value: str(value + 1)),
    "cell": _Form("cell", _pair(0), _joined),
    "method": _Form("explain", _one_of("cpca", "gradcam")),
    "contrast_alpha": _Form("contrast", _alpha, _or_auto),
    "channel": _Form("channel", _whole(0, 2)),
    "attribute": _Form("attribute", _whole(0)),
    "scope": _Form("scope", _one_of("all", "selection")),
    "scale": _Form("scale", _one_of("linear", "log")),
    "share": _Form("share", _one_of("class", "scope")),
    "n_squares": _Form("squares", _whole(2, 60)),
    "points": _Form("points", _one_of("on", "off")),
    "record": _Form("record", _whole(0)),
}
# What a change makes meaningless: a cluster number is one of its round's clusters, and a
# record's row belongs to its table.
_FORGOTTEN = {
    "dataset": ("client", "round", "inputs", "layer", "rounds", "cluster", "cell", "record",
                "attribute", "channel"),
    "client": ("cluster", "cell", "record", "rounds", "attribute"),
    "round": ("cluster", "attribute"),
    "inputs": ("cluster", "cell", "record", "attribute"),
    "k": ("cluster", "cell", "record", "attribute"),
    "linkage": ("cluster", "cell", "record", "attribute"),
    "cluster": ("cell", "record", "attribute"),
    "cell": ("cluster", "record", "attribute"),
    "contrast": ("attribute",),
    "channel": ("attribute",),
}  # fmt: skip


def parameter_of(field: str) -> str:
    """Name the URL parameter of a record's field."""
    return _FORMS[field].parameter


def parameters_of(search: Json) -> Parameters:
    """Read the known parameters of a query string; the first of doubles counts."""
    if not isinstance(search, str):
        return {}
    known = {form.parameter for form in _FORMS.values()}
    pairs = parse_qsl(search[:MAX_LENGTH].removeprefix("?"))
    return {name: value for name, value in reversed(pairs) if name in known}


def changed(parameters: Parameters, intent: Json) -> Parameters:
    """Apply an intent (parameter to text, or None to remove it) to the parameters.

    What the change makes meaningless is forgotten, unless the intent names it too.
    """
    if not isinstance(intent, dict):
        return parameters
    known = {form.parameter for form in _FORMS.values()}
    wanted = {
        name: value
        for name, value in intent.items()
        if name in known and (value is None or isinstance(value, str))
    }
    forgotten = {
        name
        for cause, effects in _FORGOTTEN.items()
        if cause in wanted and wanted[cause] != parameters.get(cause)
        for name in effects
    }
    kept = {name: value for name, value in parameters.items() if name not in forgotten}
    merged = kept | wanted
    return {name: value for name, value in merged.items() if value is not None}


def search_of(choices: list[Choice]) -> str:
    """Write the query string of a whole state, in the order of `CHOICES`."""
    written = [(name, value) for choice in choices for name, value in choice.as_json().items()]
    return "?" + urlencode(written, safe=",")
