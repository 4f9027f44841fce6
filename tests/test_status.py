"""The whole status that GET on `sync` answers, after passes that end well and passes that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import told

from langsmith_core.streams.registry import TABLES
from product import World
from simulator import Fault

Worlds = Callable[..., World]
NONE = {"newest": None, "newest_age_seconds": None}
NOW = "2026-06-01T00:00:00.000000Z"


def status(w: World) -> dict[str, Any]:
    """The status without the state, which has tests of its own."""
    answer: dict[str, Any] = w.request("GET", "/sync").get_json()
    answer.pop("state")
    return answer


def streams(rows: dict[str, int], age: int) -> dict[str, Any]:
    """The part on streams: the newest of those that have rows is as old as the workspace."""
    return {
        stream.name: {"rows": rows.get(stream.name, 0)}
        | ({"newest": NOW, "newest_age_seconds": age} if rows.get(stream.name) else NONE)
        for stream in TABLES
    }


def workspace(w: World, runs: int = 5) -> None:
    """A project with runs."""
    project = w.workspace.add_project("p")
    for _ in range(runs):
        w.workspace.add_run(project)


ROWS = {"langsmith_project": 1, "langsmith_run": 5}
DELIVERED = {**ROWS, "langsmith_dataset": 0, "langsmith_feedback": 0}
DONE: dict[str, Any] = {
    "exists": True,
    "busy": False,
    "rows": {"langsmith_project": 1, "langsmith_dataset": 0, "langsmith_example": 0, "langsmith_run": 5, "langsmith_feedback": 0},
    "api": "v2",
    "v1_ends": "2027-01-31",
    "complete_to": NOW,
    "lag_seconds": 7200,
    "in_progress": False,
    "backfill": None,
    "put_aside": [],
    "payloads_missing_in": [],
    "streams": streams(ROWS, 7200),
    "passes": [
        {
            "ended": "2026-06-01T00:00:00.180000Z",
            "seconds": 0.18,
            "rows": DELIVERED,
            "requests": 7,
            "retries": 0,
            "rejected": 0,
            "has_more": False,
        }
    ],
    "last_error": None,
}


def test_after_a_sync_that_is_complete(world: Worlds) -> None:
    """Counts, ages and the pass itself; the look that is complete was begun two hours ago."""
    w = world("dual")
    workspace(w)
    w.sync_locally()
    w.clock.advance(hours=2, seconds=-0.18)
    assert status(w) == DONE


def test_after_a_pass_that_langsmith_refuses(world: Worlds) -> None:
    """Why it failed, and when; all else stands. The next good pass clears it."""
    w = world("dual")
    workspace(w)
    w.sync_locally()
    w.clock.advance(hours=2, seconds=-0.18)
    refused = w.sim.faults.add(Fault(status=401, body={"detail": "Invalid token"}))
    assert w.pass_locally()[0] == 401
    message = "LANGSMITH_API_KEY: LangSmith refuses the key; make a new one in its settings, in the region of LANGSMITH_BASE_URL"
    trouble = {"at": "2026-06-01T02:00:00Z", "status": 401, "message": f"{message} (401, /api/v1/info: Invalid token)"}
    assert (status(w), refused.struck) == ({**DONE, "last_error": trouble}, 1)
    w.sync_locally()
    assert status(w)["last_error"] is None


def test_after_a_first_pass_that_left_history(world: Worlds) -> None:
    """History's bounds, its one project listed and still to read; the look at what is recent has ended."""
    w = world("dual")
    w.configure(MAX_SECONDS="0.15")
    workspace(w)
    for _ in range(20):
        w.pass_locally()
        if status(w)["complete_to"]:
            break
    found = status(w)
    hi = "2026-05-25T00:05:00.000000Z"
    assert found["backfill"] == {"from": "2025-04-27T00:00:00.000000Z", "to": hi, "projects_passed": None}
    assert (found["in_progress"], found["complete_to"]) == (False, NOW)


def test_before_the_first_look_has_ended(world: Worlds) -> None:
    """Nothing is complete; lag counts since the first look was begun, not since it was begun anew."""
    w = world("dual")
    workspace(w)
    w.sim.faults.add(Fault(kind="datasets", status=500, times=None))
    for _ in range(3):
        assert w.pass_locally()[1]["hasMore"]
        w.clock.advance(hours=1)
    found = status(w)
    assert (found["complete_to"], found["in_progress"]) == (None, True)
    assert 3 * 3600 <= found["lag_seconds"] <= 3.2 * 3600


@pytest.mark.parametrize(
    ("failure", "code", "message"),
    [
        (told.BUSY_SINK, 400, "BigQuery, p.d: the account may not run jobs"),
        (ValueError(told.SECRET), 500, "internal error (ValueError); the log has the trace, the state has not moved"),
    ],
)
def test_after_a_failure_of_the_sink(
    world: Worlds, monkeypatch: pytest.MonkeyPatch, failure: Exception, code: int, message: str
) -> None:
    """Why the second batch failed is told; the first stands with its position, and the next pass goes on from there."""
    w = world("dual")
    workspace(w)
    with monkeypatch.context() as patch:
        told.rejecting(w, patch, failure)
    found = status(w)
    trouble = {"status": code, "message": message, "at": "2026-06-01T00:00:01.770000Z"}
    assert (found["last_error"], found["rows"]["langsmith_run"], found["passes"]) == (trouble, 3, [])
    w.sync_locally()
    assert (status(w)["last_error"], status(w)["rows"]["langsmith_run"]) == (None, 5)
    w.assert_complete("duckdb")
