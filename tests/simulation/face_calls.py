"""Call a face one call at a time, as a scheduler does, and read what the calls leave behind.

fault_table.py has the faults that strike calls. product.py says what a table must hold in the end.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from connector_model import SyncFailed
from fivetran_model import CallFailed
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.streams.registry import TABLE_OF
from product import World
from simulator.messages import Request

TABLES = ("langsmith_project", "langsmith_dataset", "langsmith_example", "langsmith_run", "langsmith_feedback")
NO_POSITION = ("passes", "trouble")
"""Fields that a failing pass leaves in the standalone state: text for the status, no position."""


@dataclass(frozen=True)
class Called:
    """The answer of one call."""

    status: int
    has_more: bool = False
    message: str = ""

    def failed(self, status: int, says: str) -> bool:
        """Return whether the call failed with this status, and a message that begins like this."""
        return self.status == status and self.message.startswith(says)


def called(w: World, face: str) -> Called:
    """Make one call. The connector's is a whole sync."""
    if face == "connector":
        return _synced(w)
    if face == "duckdb":
        status, answer = w.pass_locally()
        assert status == 200 or answer.keys() == {"errorMessage"}
        return Called(status, answer.get("hasMore", False), answer.get("errorMessage", ""))
    try:
        return Called(200, w.fivetran.step().has_more)
    except CallFailed as failure:
        return Called(failure.status, message=failure.message)


def _synced(w: World) -> Called:
    try:
        w.connection.sync()
    except SyncFailed as failure:
        return Called(failure.status, message=failure.message)
    return Called(200)


def calls(w: World, face: str, most: int = 60) -> list[Called]:
    """Call until a call fails or has no more."""
    made: list[Called] = []
    for _ in range(most):
        made.append(called(w, face))
        if not made[-1].has_more:
            return made
    pytest.fail(f"{most} calls, and still hasMore")


def statuses(made: list[Called]) -> set[int]:
    """Return the set of statuses of these answers."""
    return {one.status for one in made}


def state(w: World, face: str) -> dict[str, Any]:
    """Return the position from which the next call continues."""
    if face == "fivetran":
        return w.fivetran.state or {}
    if face == "connector":
        return w.connection.state or {}
    with local.opened(w.database) as file:
        held: dict[str, Any] = file.load() or {}
    return {name: value for name, value in held.items() if name not in NO_POSITION}


def tables(w: World, face: str) -> dict[str, Any]:
    """Return all live rows, by table and key."""
    return {table: w.rows(face, table) for table in TABLE_OF}


def of_project(project: str) -> Callable[[Request], bool]:
    """Return a filter of requests: it matches those whose body names this project."""
    return lambda request: project in json.dumps(request.body)


def is_further(request: Request) -> bool:
    """Return whether a request asks for a further page of a list."""
    body = request.body if isinstance(request.body, dict) else {}
    return bool(body.get("cursor")) or dict(request.query).get("offset", "0") != "0"
