"""Notes of other people: written past the page that a test looks at."""

import json
import urllib.request
from typing import Any
from uuid import uuid4


def ask(server: str, method: str, path: str = "", **fields: Any) -> Any:
    """Do what another page would: list or change notes."""
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{server}/annotations{path}",
        method=method,
        data=json.dumps(fields).encode() if method != "GET" else None,
        headers={"X-FLHetero-Page": "1" * 32, "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def listed(server: str) -> list[Any]:
    notes: list[Any] = ask(server, "GET")["notes"]
    return notes


def add(
    server: str, records: str, text: str, shown: int = 10, search: str = "", **other: str
) -> dict[str, Any]:
    chosen = {"dataset": "typographic", "client": "Client-0", "round": str(shown)}
    chosen |= {name: other[name] for name in other if name == "inputs"}
    author = other.get("author", "Ada")
    fields = {"records": records, "text": text, "author": author, "search": search}
    note: dict[str, Any] = ask(server, "POST", id=uuid4().hex, chosen=chosen, **fields)
    return note


def clear(server: str) -> None:
    """Delete all notes."""
    for note in listed(server):
        ask(server, "DELETE", f"/{note['id']}", version=note["version"])
