"""From a link to a selection and back, and what an intent changes in it."""

from urllib.parse import parse_qsl, urlencode

from flhetero_dash.selection.forms import FORMS
from flhetero_dash.selection.records import Choice, Json, Parameters

MAX_LENGTH = 8_000  # of a query string that is read: three names of 200 characters fit
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


def parameters_of(search: Json) -> Parameters:
    """Read the known parameters of a query string; the first of doubles counts."""
    if not isinstance(search, str) or len(search) > MAX_LENGTH:
        return {}
    known = {form.parameter for form in FORMS.values()}
    pairs = parse_qsl(search.removeprefix("?"))
    return {name: value for name, value in reversed(pairs) if name in known and _fits(value)}


def changed(parameters: Parameters, intent: Json) -> Parameters:
    """Apply an intent (parameter to text, or None to remove it) to the parameters.

    What the change makes meaningless is forgotten, unless the intent names it too.
    """
    if not isinstance(intent, dict):
        return parameters
    known = {form.parameter for form in FORMS.values()}
    wanted = {
        name: value
        for name, value in intent.items()
        if name in known and (value is None or _fits(value))
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


def _fits(value: Json) -> bool:
    """Whether a value can be written to a URL: a text, not endless, of whole characters."""
    if not isinstance(value, str) or len(value) > MAX_LENGTH:
        return False
    return not any("\ud800" <= character <= "\udfff" for character in value)


def search_of(choices: list[Choice]) -> str:
    """Write the query string of a whole state, in the order of `CHOICES`."""
    written = [(name, value) for choice in choices for name, value in choice.as_json().items()]
    return "?" + urlencode(written, safe=",")
