"""From a link to a selection and back, and what an intent changes in it."""

import dataclasses
from collections.abc import Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flhetero_dash.selection.forms import FORMS
from flhetero_dash.selection.records import CHOICES, Choice, GradCamChoice, Json, Parameters

_AUTOMATIC = ("contrast",)  # None, which is their default, has a word of its own
MAX_LENGTH = 8_000  # of a query string that is read: three names of 200 characters fit
# What a change makes meaningless: a cluster number is one of its round's clusters, and a
# record's row belongs to its table.
_FORGOTTEN = {
    "dataset": ("client", "round", "inputs", "layer", "rounds", "cluster", "cell", "own",
                "record", "attribute", "channel"),
    "client": ("cluster", "cell", "own", "record", "rounds", "attribute"),
    "round": ("cluster", "attribute"),
    "inputs": ("cluster", "cell", "own", "record", "attribute"),
    "k": ("cluster", "cell", "record", "attribute"),
    "linkage": ("cluster", "cell", "record", "attribute"),
    "cluster": ("cell", "own", "record", "attribute"),
    "cell": ("cluster", "own", "record", "attribute"),
    "own": ("cluster", "cell", "record", "attribute"),
    "contrast": ("attribute",),
    "channel": ("attribute",),
}  # fmt: skip


def parameters_of(search: Json) -> Parameters:
    """Read the known parameters of a query string; the first of doubles counts."""
    if not isinstance(search, str) or len(search) > MAX_LENGTH:
        return {}
    known = _in_url()
    pairs = parse_qsl(search.removeprefix("?"))
    return {name: value for name, value in reversed(pairs) if name in known and _fits(value)}


def parameters_in(stores: Sequence[Json]) -> Parameters:
    """Read the parameters that a browser's stores hold; none unless each holds something."""
    if not all(isinstance(store, dict) for store in stores):
        return {}
    pairs = [pair for store in stores for pair in store.items()]
    return {name: value for name, value in pairs if name in _in_url() and _fits(value)}


def changed(parameters: Parameters, intent: Json) -> Parameters:
    """Apply an intent (parameter to text, or None to remove it) to the parameters.

    What the change makes meaningless is forgotten, unless the intent names it too.
    """
    if not isinstance(intent, dict):
        return parameters
    known = _in_url()
    wanted = {
        name: value
        for name, value in intent.items()
        if name in known and (value is None or _fits(value))
    }
    forgotten = {
        name
        for cause, effects in _FORGOTTEN.items()
        if cause in wanted and _is_change(cause, wanted[cause], parameters)
        for name in effects
    }
    kept = {name: value for name, value in parameters.items() if name not in forgotten}
    merged = kept | wanted
    return {name: value for name, value in merged.items() if value is not None}


def _is_change(name: str, wanted: str | None, parameters: Parameters) -> bool:
    """Whether a parameter would mean something else; an absent one means its default.

    A cluster takes the place of a chosen cell or own selection, whatever its number.
    """
    if name == "cluster" and parameters.keys() & {"cell", "own"}:
        return True
    return bool(_meaning(name, wanted) != _meaning(name, parameters.get(name)))


def _meaning(name: str, text: str | None) -> Any:  # noqa: ANN401 - of any field
    field, default = _fields()[name]
    try:
        return default if text is None else FORMS[field].read(text)
    except ValueError:
        return default


@lru_cache(maxsize=1)
def _in_url() -> frozenset[str]:
    return frozenset(form.parameter for form in FORMS.values() if form.in_url)


@lru_cache(maxsize=1)
def _fields() -> dict[str, tuple[str, Any]]:
    """Give field and default of each parameter."""
    entries = [
        entry
        for kind in CHOICES
        for entry in dataclasses.fields(kind)  # type: ignore[arg-type]
    ]
    return {FORMS[entry.name].parameter: (entry.name, entry.default) for entry in entries}


def _fits(value: Json) -> bool:
    """Whether a value can be written to a URL: a text, not endless, of whole characters."""
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def anticipation() -> dict[str, Any]:
    """Give what a browser needs to foresee what an intent changes in the stores.

    Returns
    -------
    dict
        ``stores``: of each store the parameters and, where a text stands for it, their default;
        ``forgotten``: of each cause the parameters that it makes meaningless.
    """
    stores = {}
    for kind in CHOICES:
        forms = {
            entry.name: (FORMS[entry.name], entry.default)
            for entry in dataclasses.fields(kind)  # type: ignore[arg-type]
        }
        stores[kind.STORE] = {
            form.parameter: None
            if default in (dataclasses.MISSING, None) and form.parameter not in _AUTOMATIC
            else form.write(default)
            for form, default in forms.values()
            # Whose heat maps are shown is foreseen, but not of which record.
            if form.in_url and not (kind is GradCamChoice and form.parameter == "record")
        }
    return {"stores": stores, "forgotten": _FORGOTTEN}


def search_of(choices: list[Choice]) -> str:
    """Write the query string of a whole state, in the order of `CHOICES`."""
    # Two choices may hold the same parameter.
    written = {
        name: value
        for choice in choices
        for name, value in choice.as_json().items()
        if name in _in_url()
    }
    return "?" + urlencode(written, safe=",")
