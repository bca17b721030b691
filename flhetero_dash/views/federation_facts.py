"""The federation and the client in lists of terms, for the Learning Process Monitor."""

from typing import Any

from dash import html

from flhetero_dash.data.reader import Federation
from flhetero_dash.data.samples import ClientSamples, SamplesInfo

SHORT = 3  # label names that stand in the line
MOST_LABELS = 1_000  # in the list


def facts(federation: Federation, samples: ClientSamples) -> list[Any]:
    """Describe the federation and the client in lists of terms; unknown things say so."""
    info = federation.samples
    manifest = federation.manifest or {}
    split = "not recorded"
    if samples.train_size is not None and samples.test_size is not None:
        split = f"{samples.train_size:,} / {samples.test_size:,}"
        split += " (assumed)" if samples.split_assumed else ""
    model = {
        "Dataset": federation.dataset,
        "Dimensions": dimensions(info),
        "Labels": labels(info.label_names) if info.labels_named else f"{len(info.label_names)}",
        "Clients": f"{info.n_clients:,}",
        "Rounds": f"{federation.n_rounds:,}",
        "Aggregation": str(manifest.get("aggregation") or "not recorded"),
    }
    local = {
        "Client": samples.client,
        "Records": f"{len(samples.inputs['local']):,}",
        "Training / test": split,
    }
    return [
        html.H3("Model information"),
        _terms(model),
        html.H3("Local information"),
        _terms(local),
    ]


def dimensions(info: SamplesInfo) -> str:
    """Say what a record consists of."""
    if not info.is_image or len(info.shape) < 2:
        return f"{info.n_features:,} {'attribute' if info.n_features == 1 else 'attributes'}"
    pixels = f"{info.shape[-2]}×{info.shape[-1]} pixels"
    n_channels = info.n_features // (info.shape[-2] * info.shape[-1])
    return f"{pixels}, {n_channels} channels" if n_channels > 1 else pixels


def _terms(rows: dict[str, Any]) -> html.Dl:
    parts = [part for term, text in rows.items() for part in (html.Dt(term), html.Dd(text))]
    return html.Dl(parts, className="facts")


def labels(names: tuple[str, ...]) -> Any:  # noqa: ANN401 - a text, or what opens one
    """Name all labels: few in the line, more in a list that opens."""
    if len(names) <= SHORT:
        return ", ".join(names)
    summary = html.Summary(f"{len(names)}: {names[0]}, …", title="All label names")
    listed = html.Ol([html.Li(name) for name in names[:MOST_LABELS]], start="0")
    rest = [html.P(f"and {len(names) - MOST_LABELS:,} more")] if len(names) > MOST_LABELS else []
    return html.Details([summary, html.Div([listed, *rest])], className="labels")
