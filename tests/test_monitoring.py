"""Every statement of docs/monitoring.md runs on a DuckDB file and gives these rows, and calls write the fields that it names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import log_lines
import monitoring_page
import pytest

from destinations.files import batch, write
from langsmith_core.clock import SystemClock
from langsmith_core.records import rows
from langsmith_core.records.columns import Table
from langsmith_core.records.times import render
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, PROJECT, RUN
from product import World
from samples import encoded

RUN_AT = {"trace_id": "t", "session_id": "p"}


def day(ago: int) -> datetime:
    """Return noon in UTC of a day of the last weeks: the statements count from now."""
    return SystemClock().now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=ago)


def records() -> dict[Table, list[dict[str, Any]]]:
    """Return records with two days of traces, one of them with a child, one that failed, and one too old to count."""
    return {
        PROJECT: [{"id": "p", "start_time": render(day(40))}],
        RUN: [
            {**RUN_AT, "id": "old", "start_time": render(day(40)), "total_cost": "9", "status": "success"},
            {**RUN_AT, "id": "a", "start_time": render(day(3)), "total_cost": "0.25", "status": "success"},
            {**RUN_AT, "id": "b", "start_time": render(day(3)), "parent_run_id": "a", "total_cost": "0.2", "status": "error"},
            {**RUN_AT, "id": "c", "start_time": render(day(2)), "total_cost": "0.5", "status": "error"},
        ],
        FEEDBACK: [{"id": "f", "created_at": render(day(2))}],
        EXAMPLE: [{"id": "e", "dataset_id": "d", "modified_at": render(day(5))}],
    }


def expected() -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of each statement."""
    synced, first, second = day(1), f"{day(3):%Y-%m-%d}", f"{day(2):%Y-%m-%d}"
    return {
        "How fresh is each table?": [
            ("langsmith_example", day(5), synced),
            ("langsmith_feedback", day(2), synced),
            ("langsmith_run", day(2), synced),
        ],
        "What does a day cost?": [(first, 1, 0.25), (second, 1, 0.5)],
        "How many traces fail?": [(first, 1, 0), (second, 1, 1)],
        "What was deleted in LangSmith?": [("langsmith_example", 1, 0), ("langsmith_project", 1, 0)],
    }


def batches() -> list[Any]:
    """Return the records as batches, all read at one time."""
    return [
        batch(table, *(rows.to_row(table, encoded(one), {}) for one in found), at=render(day(1)))
        for table, found in records().items()
    ]


def test_every_statement_for_duckdb_gives_its_rows(tmp_path: Path) -> None:
    """Children and days past the bound count nowhere. Each statement of the page is in the table of this test."""
    path = str(tmp_path / "rows.duckdb")
    write(path, *batches())
    with duckdb.connect(path, read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        found = {name: connection.execute(one).fetchall() for name, one in monitoring_page.statements("DuckDB").items()}
    assert found == expected()


def test_each_question_stands_for_both_destinations() -> None:
    """DuckDB has no table of refused rows, since it refuses none. All else can be asked of either."""
    only = {"What did BigQuery refuse?"}
    assert monitoring_page.statements("BigQuery").keys() - monitoring_page.statements("DuckDB").keys() == only


@pytest.mark.parametrize(
    ("event", "situation"),
    [
        ("pass", "a pass of sync"),
        ("failure", "the workspace is refused"),
        ("status", "the status"),
        ("setup", "a setup test"),
    ],
)
def test_calls_write_the_fields_that_the_page_names(
    world: Callable[..., World],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    event: str,
    situation: str,
) -> None:
    """A real call's line has every field of the page's table as a number, and each metric's filter finds such a line."""
    lines = log_lines.of_situation(world("dual"), monkeypatch, capsys, situation)
    (line,) = [one for one in lines if one.get("event") == event]
    named = monitoring_page.fields(event) | {
        field for of, target, field in monitoring_page.metrics() if (of, target) == (event, line["target"])
    }
    assert {name for name in named if not isinstance(line.get(name), int | float)} == set()


def test_the_page_has_metrics() -> None:
    """The metrics of the page are those that the test above looks for."""
    assert monitoring_page.metrics() == [
        ("pass", "sync", "lag_seconds"),
        ("pass", "sync", "rate_limited"),
        ("failure", "sync", "status"),
    ]
