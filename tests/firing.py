"""A trip through the app without a browser."""

import json
from collections.abc import Callable
from typing import Any

from dash import Dash

from flhetero_dash.selection import ClientRound

Fire = Callable[..., dict[str, Any]]


def poster(app: Dash) -> Fire:
    """Fire the callback that has an output, as the browser does; give what it changes."""

    def post(output: str, values: dict[str, Any], trigger: str | None = None) -> dict[str, Any]:
        (key,) = [key for key in app.callback_map if f"{output}." in key or key == output]
        specification = app.callback_map[key]

        def filled(parts: Any) -> list[dict[str, Any]]:
            return [part | {"value": values.get(part["id"])} for part in parts]

        names = key.strip(".").split("...")
        outputs = [dict(zip(("id", "property"), name.split("."), strict=True)) for name in names]
        body = {
            "output": key,
            "outputs": outputs if key.startswith("..") else outputs[0],
            "inputs": filled(specification["inputs"]),
            "state": filled(specification["state"]),
            "changedPropIds": [trigger or f"{ClientRound.STORE}.data"],
        }
        response = app.server.test_client().post("/_dash-update-component", json=body)
        assert response.status_code in {200, 204}, response.get_data(as_text=True)[:500]
        if response.status_code == 204:
            return {}
        answer = json.loads(response.get_data())
        side: dict[str, Any] = answer.get("sideUpdate") or {}
        changes: dict[str, Any] = answer.get("response") or {}
        return changes | side

    return post
