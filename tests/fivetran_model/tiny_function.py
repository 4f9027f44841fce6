"""A function of the tests' own, good by every rule: it counts to PEOPLE_COUNT, PAGE rows a call, on Flask's terms.

Here: `paged`, from a request's members to status and answer, and `tiny`, the target that functions-framework serves.
"""

from __future__ import annotations

from typing import Any

import flask

PEOPLE_COUNT, PAGE = 7, 2
SCHEMA = {"person": {"primary_key": ["person_id"]}, "visit": {"primary_key": ["visit_id"]}}


def people(start: int, stop: int) -> list[dict[str, Any]]:
    """Rows of the one table."""
    return [{"person_id": f"p{n}", "name": f"Zo\u00eb {n}", "age": n or None} for n in range(start, min(stop, PEOPLE_COUNT))]


def paged(members: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """Answer one request; a key that is not the right one is refused."""
    if members.get("secrets", {}).get("API_KEY") != "the-right-key":
        return 401, {"errorMessage": "API_KEY is refused: set it in the connection's secrets"}
    state = members["state"] or {}
    start = state.get("at", 0)
    if members.get("setup_test"):
        return 200, _answer(state, [], has_more=False)
    at = min(start + PAGE, PEOPLE_COUNT)
    return 200, _answer({"at": at}, people(start, at), has_more=at < PEOPLE_COUNT)


def tiny(request: flask.Request) -> tuple[flask.Response, int]:
    """The target."""
    status, answer = paged(request.get_json())
    return flask.jsonify(answer), status


def _answer(state: dict[str, Any], rows: list[dict[str, Any]], *, has_more: bool) -> dict[str, Any]:
    insert = {"person": rows} if rows else {}
    return {"state": state, "insert": insert, "delete": {}, "schema": SCHEMA, "hasMore": has_more, "softDelete": []}
