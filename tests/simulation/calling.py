"""Calls of either face one by one, as a scheduler makes them, and what they leave behind.

Not here: which trouble strikes them (fault_table), or what a table must hold in the end (product).
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb
import pytest
from simulation.machine.faces import Kept

from fivetran_model import CallFailed
from langsmith_core.destinations.duckdb import file as local
from product import World
from simulator.messages import Request

TABLES = ("langsmith_project", "langsmith_dataset", "langsmith_example", "langsmith_run", "langsmith_feedback")
TOLD = ("passes", "trouble")
"""What a failing pass leaves in a state of our own: words for the status, no position."""


@dataclass(frozen=True)
class Called:
    """What one call answered."""

    status: int
    has_more: bool = False
    message: str = ""

    def failed(self, status: int, says: str) -> bool:
        """Whether it is this failure."""
        return self.status == status and self.message.startswith(says)


def called(w: World, face: str) -> Called:
    """One call."""
    if face == "duckdb":
        status, answer = w.pass_locally()
        assert status == 200 or answer.keys() == {"errorMessage"}
        return Called(status, answer.get("hasMore", False), answer.get("errorMessage", ""))
    try:
        return Called(200, w.fivetran.step().has_more)
    except CallFailed as failure:
        return Called(failure.status, message=failure.message)


def calls(w: World, face: str, most: int = 60) -> list[Called]:
    """Calls until one fails or is the last."""
    made: list[Called] = []
    for _ in range(most):
        made.append(called(w, face))
        if not made[-1].has_more:
            return made
    pytest.fail(f"{most} calls, and still hasMore")


def statuses(made: list[Called]) -> set[int]:
    """All statuses among the answers."""
    return {one.status for one in made}


def state(w: World, face: str) -> dict[str, Any]:
    """The position that the next call goes on from."""
    if face == "fivetran":
        return w.fivetran.state or {}
    with local.opened(w.database) as file:
        held: dict[str, Any] = file.load() or {}
    return {name: value for name, value in held.items() if name not in TOLD}


def kept_open(w: World, patch: pytest.MonkeyPatch) -> None:
    """The file stays open from call to call, which takes most of their time; what is not committed is lost all the same."""
    held = Kept(duckdb.connect(w.database, config=local.CONFIG))
    local._prepare(held.connection)  # noqa: SLF001  its tables are made once
    patch.setattr(local, "_connected", lambda *_, **__: held)
    patch.setattr(local, "_made_ready", lambda *_: None)


def tables(w: World, face: str) -> dict[str, Any]:
    """All live rows."""
    return {table: w.in_fivetran(table) if face == "fivetran" else w.in_duckdb(table) for table in TABLES}


def of_project(project: str) -> Callable[[Request], bool]:
    """Run queries that name this project."""
    return lambda request: project in json.dumps(request.body)


def is_further(request: Request) -> bool:
    """Whether this asks for a page that is not the first of its list."""
    body = request.body if isinstance(request.body, dict) else {}
    return bool(body.get("cursor")) or dict(request.query).get("offset", "0") != "0"
