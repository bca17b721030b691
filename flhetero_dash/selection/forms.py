"""How each field of the selection is written in a URL, and read back with suspicion."""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flhetero_dash.selection.own import read_records, records_text


@dataclass(frozen=True)
class Form:
    """How one field is written, in a URL (unless it is too long for one) and in a store."""

    parameter: str
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    in_url: bool = True


def _name(text: str) -> str:
    if not text or len(text) > 200:
        raise ValueError("a name of at most 200 characters")
    text.encode()  # half a character cannot be written to a URL, nor name a file
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


def _digest(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{32}", text):
        raise ValueError("32 hexadecimal digits")
    return text


def _or_auto(value: float | None) -> str:
    return "auto" if value is None else repr(float(value)).removesuffix(".0")


def _joined(value: tuple[int, int]) -> str:
    return f"{value[0]}-{value[1]}"


FORMS: Mapping[str, Form] = {
    "dataset": Form("dataset", _name),
    "client": Form("client", _name),
    "round_index": Form("round", lambda text: _whole(1)(text) - 1, lambda value: str(value + 1)),
    "inputs": Form("inputs", _one_of("local", "stratified", "systematic")),
    "layer": Form("layer", _name),
    "rounds": Form("rounds", _rounds, lambda value: _joined((value[0] + 1, value[1] + 1))),
    "process": Form("process", _one_of("projection", "cosine")),
    "curve": Form("curve", _one_of("accuracy", "total", "loss", "inconsistent")),
    "alpha": Form("alpha", _alpha, _or_auto),
    "on_top": Form("top", _one_of("inconsistent", "consistent")),
    "n_clusters": Form("k", _n_clusters, _or_auto),
    "linkage": Form("linkage", _one_of("single", "average")),
    "cluster": Form("cluster", lambda text: _whole(1)(text) - 1, lambda value: str(value + 1)),
    "cell": Form("cell", _pair(0), _joined),
    "own": Form("own", _digest),
    "own_records": Form("own-records", read_records, records_text, in_url=False),
    "method": Form("explain", _one_of("cpca", "gradcam")),
    "contrast_alpha": Form("contrast", _alpha, _or_auto),
    "channel": Form("channel", _whole(0, 2)),
    "explained": Form("cam", _one_of("mean", "record")),
    "explained_class": Form("camclass", _one_of("predicted", "truth")),
    "variant": Form("variant", _one_of("gradcam", "published")),
    "attribute": Form("attribute", _whole(0)),
    "scope": Form("scope", _one_of("all", "selection")),
    "scale": Form("scale", _one_of("linear", "log")),
    "share": Form("share", _one_of("class", "scope")),
    "n_squares": Form("squares", _whole(2, 60)),
    "points": Form("points", _one_of("on", "off")),
    "background": Form("background", _one_of("share", "enrichment")),
    "labels": Form("labels", _one_of("inconsistent", "all")),
    "record": Form("record", _whole(0)),
}


def parameter_of(field: str) -> str:
    """Name the URL parameter of a record's field."""
    return FORMS[field].parameter
