"""Tests of the cost by day that the status shows of a DuckDB file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from destinations.files import batch, write
from langsmith_core.destinations.duckdb import costs
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.errors import BusyError
from langsmith_core.records import rows
from langsmith_core.records.rows import Row
from langsmith_core.streams.registry import RUN
from samples import encoded

SINCE = datetime(2026, 5, 30, tzinfo=UTC)


def run(key: str, start: str, cost: str | None, parent: str | None = None) -> Row:
    """Make a run's row."""
    return rows.to_row(RUN, encoded({"id": key, "start_time": start, "total_cost": cost, "parent_run_id": parent}), {})


RUNS = [
    run("before", "2026-05-29T23:59:59.999999", "100"),
    run("first", "2026-05-30T00:00:00", "0.10"),
    run("child", "2026-05-30T01:00:00", "0.05", parent="first"),
    run("last of a day", "2026-05-30T23:59:59", "0.20"),
    run("no cost", "2026-05-31T12:00:00", None),
    run("one of two", "2026-06-01T00:00:00", None),
    run("two of two", "2026-06-01T00:00:00", "3"),
]
COSTS: list[dict[str, Any]] = [
    {"day": "2026-05-30", "traces": 2, "cost": pytest.approx(0.3)},
    {"day": "2026-05-31", "traces": 1, "cost": None},
    {"day": "2026-06-01", "traces": 2, "cost": 3.0},
]
"""Days in UTC. A child's cost is in its root's. A day on which no trace has a cost is not free: it is unknown."""


def test_each_day_has_its_traces_and_their_cost(tmp_path: Path) -> None:
    """Roots of the days asked for count, by the day in UTC on which they began."""
    path = str(tmp_path / "rows.duckdb")
    write(path, batch(RUN, *RUNS))
    assert costs.by_day(path, SINCE) == COSTS


def test_a_file_without_runs_has_no_costs(tmp_path: Path) -> None:
    """A file that does not exist is not made. One without the table, as of another program, has no days."""
    path = tmp_path / "rows.duckdb"
    assert (costs.by_day(str(path), SINCE), path.exists()) == ([], False)
    duckdb.connect(str(path)).close()
    assert costs.by_day(str(path), SINCE) == []


def test_a_file_that_a_pass_holds_is_busy_and_not_without_costs(tmp_path: Path) -> None:
    """No answer is made up while a pass writes the file."""
    path = str(tmp_path / "rows.duckdb")
    with local.opened(path), pytest.raises(BusyError, match=r"^LOCAL_DB: a pass is writing .*; ask again when it has ended$"):
        costs.by_day(path, SINCE)
