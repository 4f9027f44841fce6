"""Tests of the whole status that GET on `sync` answers, after passes that end well and passes that fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import log_lines
import pytest

from langsmith_core.streams.registry import TABLES
from product import World
from simulator import Fault

Worlds = Callable[..., World]
NONE = {"newest": None, "newest_age_seconds": None}
NOW = "2026-06-01T00:00:00.000000Z"


def status(w: World) -> dict[str, Any]:
    """Return the status, as a caller gets it who asks for nothing more."""
    answer: dict[str, Any] = w.request("GET", "/sync").get_json()
    return answer


def streams(rows: dict[str, int], age: int) -> dict[str, Any]:
    """Return the streams' part: each stream with rows has the same newest age."""
    return {
        stream.name: {"rows": rows.get(stream.name, 0)}
        | ({"newest": NOW, "newest_age_seconds": age} if rows.get(stream.name) else NONE)
        for stream in TABLES
    }


def workspace(w: World, runs: int = 5) -> None:
    """Add a project with runs."""
    project = w.workspace.add_project("p")
    for _ in range(runs):
        w.workspace.add_run(project)


def checked(table: str, count: int) -> dict[str, Any]:
    """Return the check's verdict on the project, counted after the rows of the same pass."""
    return {
        "table": table,
        "parent_id": "e3e70682-c209-4cac-a29f-6fbed82c07cd",  # the first id of the simulator's seed
        "name": "p",
        "day": None,
        "source": count,
        "destination": count,
        "verdict": "complete",
        "checked_at": "2026-06-01T00:00:00.390000Z",
    }


ROWS = {"langsmith_project": 1, "langsmith_run": 5}
DELIVERED = {
    **ROWS,
    "langsmith_dataset": 0,
    "langsmith_feedback": 0,
    "langsmith_feedback_config": 0,
    "langsmith_annotation_queue": 0,
    "langsmith_prompt": 0,
}
DONE: dict[str, Any] = {
    "exists": True,
    "busy": False,
    "check": {
        "checked_at": "2026-06-01T00:00:00.390000Z",
        "in_progress": False,
        "counts": None,
        "places": 2,
        "unknown": 0,
        "gaps": [],
    },
    "completeness": [checked("langsmith_feedback", 0), checked("langsmith_run", 5)],
    "readable": True,
    "rows": {table.name: ROWS.get(table.name, 0) for table in TABLES},
    "api": "v2",
    "v1_ends": "2027-01-31",
    "complete_to": NOW,
    "lag_seconds": 7200,
    "clock_ahead_seconds": 0,
    "in_progress": False,
    "reading": None,
    "this_pass": None,
    "backfill": None,
    "left_out": ["langsmith_usage_day"],
    "put_aside": [],
    "waiting": [],
    "own_usage_only": None,
    "payloads_missing_in": [],
    "streams": streams(ROWS, 7200),
    "passes": [
        {
            "ended": "2026-06-01T00:00:00.600000Z",
            "seconds": 0.6,
            "rows": DELIVERED,
            "requests": 17,
            "retries": 0,
            "rejected": 0,
            "has_more": False,
            "skew_seconds": 0,
            "rate_limited": 0,
        }
    ],
    "last_error": None,
}


def test_after_a_sync_that_is_complete(world: Worlds) -> None:
    """The status has counts, ages and the pass itself. The last complete look began two hours ago."""
    w = world("dual")
    workspace(w)
    w.sync_locally()
    w.clock.advance(hours=2, seconds=-0.6)
    assert status(w) == DONE


def test_after_a_pass_that_langsmith_refuses(world: Worlds) -> None:
    """The status says why and when the pass failed, and keeps the rest. The next good pass clears the failure."""
    w = world("dual")
    workspace(w)
    w.sync_locally()
    w.clock.advance(hours=2, seconds=-0.6)
    refused = w.sim.faults.add(Fault(status=401, body={"detail": "Invalid token"}))
    assert w.pass_locally()[0] == 401
    message = "LANGSMITH_API_KEY: LangSmith refuses the key; make a new one in its settings, in the region of LANGSMITH_BASE_URL"
    trouble = {"at": "2026-06-01T02:00:00Z", "status": 401, "message": f"{message} (401, /api/v1/info: Invalid token)"}
    assert (status(w), refused.struck) == ({**DONE, "last_error": trouble}, 1)
    w.sync_locally()
    assert status(w)["last_error"] is None


def test_after_a_first_pass_that_left_history(world: Worlds) -> None:
    """The status has the backfill's bounds, and its one project listed and still to read. The recent look has ended."""
    w = world("dual")
    w.configure(MAX_SECONDS="0.05")
    workspace(w)
    for _ in range(20):
        w.pass_locally()
        if status(w)["complete_to"]:
            break
    found = status(w)
    hi = "2026-05-25T00:05:00.000000Z"
    assert found["backfill"] == {"from": "2025-04-27T00:00:00.000000Z", "to": hi, "projects_passed": 0, "shards": 0}
    assert (found["in_progress"], found["complete_to"]) == (False, NOW)


def test_before_the_first_look_has_ended(world: Worlds) -> None:
    """Nothing is complete yet. Lag counts since the first look began, not since it began anew."""
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
        (log_lines.BUSY_SINK, 400, "BigQuery, p.d: the account may not run jobs"),
        (
            ValueError(log_lines.SECRET),
            500,
            "internal error (ValueError); report it with the trace in the log; the state has not moved",
        ),
    ],
)
def test_after_a_failure_of_the_sink(
    world: Worlds, monkeypatch: pytest.MonkeyPatch, failure: Exception, code: int, message: str
) -> None:
    """The status says why the second batch failed, and the first one stands. The next pass continues from there."""
    w = world("dual")
    workspace(w)
    with monkeypatch.context() as patch:
        log_lines.rejecting(w, patch, failure)
    found = status(w)
    trouble = {"status": code, "message": message, "at": "2026-06-01T00:00:00.660000Z"}
    assert (found["last_error"], found["passes"]) == (trouble, [])
    assert 0 < found["rows"]["langsmith_run"] < 5
    w.sync_locally()
    assert (status(w)["last_error"], status(w)["rows"]["langsmith_run"]) == (None, 5)
    w.assert_complete("duckdb")
