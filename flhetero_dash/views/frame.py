"""Frame of every page: header, the URL as the state, and the one callback that decides it."""

import re
from enum import StrEnum
from typing import Any

import dash_mantine_components as dmc
from dash import Dash, Input, Output, State, ctx, dcc, html, no_update

from flhetero_dash.queries import Queries
from flhetero_dash.selection import (
    CHOICES,
    Json,
    Parameters,
    WhichClient,
    anticipation,
    changed,
    parameter_of,
    parameters_in,
    parameters_of,
)
from flhetero_dash.views.controls import INTENT, aria
from flhetero_dash.views.frame_state import (
    FrameState,
    has_other_round,
    header_values,
    state_of,
    with_files,
)
from flhetero_dash.views.help_sheet import help_button, help_dialog, register_help
from flhetero_dash.views.own_selections import Ids as Own
from flhetero_dash.views.own_selections import own_intent, own_stores, register_own_selections
from flhetero_dash.views.page_links import OF_EXAMINE, page_links
from flhetero_dash.views.round_controls import Ids as Rounds
from flhetero_dash.views.round_controls import (
    register_rounds,
    replaces_link,
    round_slider,
    round_stores,
)

N_OPTIONS = 100  # shown at once in a list; typing narrows it down


class Ids(StrEnum):
    """Components of the frame."""

    URL = "frame-url"
    PROVIDER = "frame-provider"
    THEME = "frame-theme"
    THEME_SWITCH = "frame-theme-switch"
    DATASET = "frame-dataset"
    CLIENT = "frame-client"
    ROUND = "frame-round"
    N_ROUNDS = "frame-n-rounds"
    PREVIOUS = "frame-previous"
    NEXT = "frame-next"
    INPUTS = "frame-inputs"
    COPY = "frame-copy"
    ANTICIPATION = "frame-anticipation"
    NEWS = "frame-news"
    PROBLEM = "frame-problem"
    PAGE_ERROR = "frame-page-error"


HEADER = {
    "datasets": (Ids.DATASET, "data"),
    "dataset": (Ids.DATASET, "value"),
    "clients": (Ids.CLIENT, "data"),
    "client": (Ids.CLIENT, "value"),
    "inputs": (Ids.INPUTS, "data"),
    "kind": (Ids.INPUTS, "value"),
    "round": (Ids.ROUND, "value"),
    "max": (Ids.ROUND, "max"),
    "n_rounds": (Ids.N_ROUNDS, "children"),
    "at_first": (Ids.PREVIOUS, "disabled"),
    "at_last": (Ids.NEXT, "disabled"),
    "problem": (Ids.PROBLEM, "children"),
}


def layout(page: list[Any], name: str) -> dmc.MantineProvider:
    """Lay the header over the page of this name."""
    return dmc.MantineProvider(
        id=Ids.PROVIDER,
        theme={"primaryColor": "orange", "fontFamily": "var(--font)", "defaultRadius": "sm"},
        children=[
            dcc.Location(id=Ids.URL, refresh=False),
            *round_stores(),
            dcc.Store(id=INTENT),
            dcc.Store(id=Ids.NEWS),
            dcc.Store(id=Ids.THEME),
            *own_stores(),
            dcc.Store(id=Ids.ANTICIPATION, data=anticipation()),
            dcc.Store(id=WhichClient.STORE),
            *[dcc.Store(id=choice.STORE) for choice in CHOICES],
            html.A("Skip to the page", href="#page", className="skip"),
            html.Header(className=f"bar on-{name}", children=_header(name)),
            html.Div(id=Ids.PROBLEM, className="problem", role="alert"),
            html.Div(id=Ids.PAGE_ERROR, className="problem", role="alert"),
            html.Main(id="page", className="page", children=page),
            help_dialog(),
        ],
    )


def _header(name: str) -> list[Any]:
    return [
        html.H1([html.Span("◐", className="mark", **aria(hidden="true")), "FLHetero"]),
        page_links(name),
        _labelled("Dataset", _select(Ids.DATASET, "Dataset")),
        _labelled("Client", _select(Ids.CLIENT, "Client")),
        _labelled(
            "Round",
            html.Div(
                className="stepper",
                children=[
                    html.Button("‹", id=Ids.PREVIOUS, title="Previous round", n_clicks=0),
                    dmc.NumberInput(
                        id=Ids.ROUND,
                        min=1,
                        size="xs",
                        hideControls=True,
                        allowDecimal=False,
                        debounce=True,
                        className="number",
                        **aria(label="Round"),
                    ),
                    html.Span(id=Ids.N_ROUNDS),
                    html.Button("›", id=Ids.NEXT, title="Next round", n_clicks=0),
                    round_slider(),
                ],
            ),
            OF_EXAMINE,
        ),
        _labelled(
            "Inputs",
            dmc.SegmentedControl(
                id=Ids.INPUTS, data=[], size="xs", **aria(label="Inputs that are compared")
            ),
            OF_EXAMINE,
        ),
        html.Div(className="spacer"),
        html.Button("Copy link", id=Ids.COPY, title="Copy a link to this picture", n_clicks=0),
        html.Button(
            "◐ System",
            id=Ids.THEME_SWITCH,
            title="Colours: as the system has them, light or dark",
            n_clicks=0,
        ),
        help_button(),
    ]


def _labelled(word: str, control: Any, kind: str = "") -> html.Div:  # noqa: ANN401 - any component
    return html.Div(className=f"labelled {kind}", children=[html.Span(word), control])


def _select(control_id: Ids, label: str) -> dmc.Select:
    return dmc.Select(
        id=control_id,
        searchable=True,
        allowDeselect=False,
        limit=N_OPTIONS,
        size="xs",
        nothingFoundMessage="nothing of that name",
        **aria(label=label),
    )


def intent_of(trigger: str | None, values: dict[str, Any], parameters: Parameters) -> Json:
    """Translate what was done in the header into an intent."""
    simple = {Ids.DATASET: "dataset", Ids.CLIENT: "client", Ids.INPUTS: "inputs"}
    if trigger in simple:
        name = simple[Ids(trigger)]
        return {name: values[name]}
    if trigger == Ids.ROUND and isinstance(values["round"], int):
        return {"round": str(values["round"])}
    step = {Ids.PREVIOUS: -1, Ids.NEXT: 1}.get(trigger)  # type: ignore[call-overload]
    if step and re.fullmatch(r"[0-9]{1,9}", parameters.get("round", "")):
        return {"round": str(max(1, int(parameters["round"]) + step))}
    return {}


def register(app: Dash, queries: Queries) -> None:
    """Wire the frame: URL, header and the panels' intents -> URL, stores and header.

    A cycle is legal inside one callback only, so all of it is one.
    """
    _wire_buttons(app)
    register_help(app)
    register_rounds(app, Ids.ROUND)
    register_own_selections(app, queries.own, Ids.COPY)

    @app.callback(output=_outputs(), inputs=_inputs())
    def decide(  # noqa: PLR0913 - one value each
        search: Json,
        values: dict[str, Any],
        intent: Json,
        stores: list[Json],
        client: Json,
        shown: dict[str, Json],
        held: Json,
        noticed: dict[str, Json],
    ) -> dict[str, Any]:
        kept = held if isinstance(held, dict) else {}
        parameters = parameters_of(search)
        # A pattern-matching id is a dict; the page has none, but anybody can post one.
        trigger = ctx.triggered_id if isinstance(ctx.triggered_id, str) else None
        if trigger == INTENT:
            wanted, kept = own_intent(intent, kept, stores[0])
            # The browser may be one choice ahead of its address.
            parameters = changed(parameters_in(stores) or parameters, wanted)
        elif trigger not in (Ids.URL, Own.HELD, Ids.NEWS):
            parameters = changed(parameters, intent_of(trigger, values, parameters))
        state = state_of(
            parameters,
            queries.federation,
            lambda chosen, digest: queries.own.text(chosen, digest, kept),
        )
        written = [None if choice is None else choice.as_json() for choice in state.choices]
        which = with_files(state.client, noticed["news"])
        is_rewritten = trigger == Ids.NEWS and has_other_round(noticed["news"])
        link = no_update if state.search in ("", search) else state.search
        replaces = trigger == INTENT and replaces_link(intent)
        return {
            "search": no_update if replaces else link,
            "replaced": link if replaces else no_update,
            "stores": [
                no_update if new == old and not (is_rewritten and at == 0) else new
                for at, (new, old) in enumerate(zip(written, stores, strict=True))
            ],
            "client": no_update if which == client else which,
            "held": no_update if kept is held or not kept else kept,
            "header": _news(header_values(state), shown, same_clients(state, stores[0])),
        }


def _outputs() -> dict[str, Any]:
    return {
        "search": Output(Ids.URL, "search"),
        "replaced": Output(Rounds.REPLACED, "data"),
        "stores": [Output(choice.STORE, "data") for choice in CHOICES],
        "client": Output(WhichClient.STORE, "data"),
        "held": Output(Own.HELD, "data"),
        "header": {name: Output(*part) for name, part in HEADER.items()},
    }


def _inputs() -> dict[str, Any]:
    return {
        "search": Input(Ids.URL, "search"),
        "values": {
            "dataset": Input(Ids.DATASET, "value"),
            "client": Input(Ids.CLIENT, "value"),
            "round": Input(Ids.ROUND, "value"),
            "inputs": Input(Ids.INPUTS, "value"),
            "previous": Input(Ids.PREVIOUS, "n_clicks"),
            "next": Input(Ids.NEXT, "n_clicks"),
        },
        "intent": Input(INTENT, "data"),
        "stores": [State(choice.STORE, "data") for choice in CHOICES],
        "client": State(WhichClient.STORE, "data"),
        "shown": {name: State(*HEADER[name]) for name in HEADER if name != "clients"},
        "held": State(Own.HELD, "data"),
        # What an earlier page of this browser left is read a moment after the page is made; that
        # files have changed is asked every few seconds.
        "noticed": {"read": Input(Own.HELD, "modified_timestamp"), "news": Input(Ids.NEWS, "data")},
    }


def _wire_buttons(app: Dash) -> None:
    app.clientside_callback(
        "(clicks) => flhetero.theme.choose(clicks)",
        Output(Ids.THEME, "data"),
        Output(Ids.PROVIDER, "forceColorScheme"),
        Output(Ids.THEME_SWITCH, "children"),
        Input(Ids.THEME_SWITCH, "n_clicks"),
    )
    app.clientside_callback(
        "(clicks) => flhetero.copyLink(clicks)",
        Output(Ids.COPY, "children"),
        Input(Ids.COPY, "n_clicks"),
        prevent_initial_call=True,
    )


def same_clients(state: FrameState, before: Json) -> bool:
    """Whether the list of clients is that of the dataset before: there may be 10,000 in it."""
    return isinstance(before, dict) and state.dataset == before.get(parameter_of("dataset"))


def _news(values: dict[str, Any], shown: dict[str, Json], keep_clients: bool) -> dict[str, Any]:
    """Leave out what the header shows already: each value written costs a turn of the page."""
    known = shown | {"clients": values["clients"]} if keep_clients else shown
    return {
        name: no_update if name in known and known[name] == value else value
        for name, value in values.items()
    }
