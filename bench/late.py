"""What dlt brings of the five changes that `make demo` makes: `python -m bench.late`. Nothing is timed, and no page is written.

A simulated LangSmith holds the demo's two weeks. dlt reads it, the five changes are made by the LangSmith SDK, and dlt reads
again. Twice: as dlt's documentation shows a cursor, and with its `lag` of a day, which reads the last day again. Lists without a
cursor are replaced whole, so that what LangSmith deletes leaves the table.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import dlt
from dlt.sources.rest_api import rest_api_source
from langsmith import Client

from langsmith_core.streams.run_queries import V2_SELECTS
from langsmith_sync.first_run import arrivals, five_changes, report
from simulator import Clock, Simulator, demo

DAY_SECONDS = 86_400
FIRST = datetime.now(UTC) - timedelta(days=30)
PICKED = f"""
SELECT (SELECT id FROM runs WHERE name = '{arrivals.LATE_RUN}') AS run,
       (SELECT arg_min(id, start_time) FROM runs WHERE name = 'support-agent' AND is_root) AS judged,
       (SELECT id FROM projects WHERE name = 'support-agent') AS project,
       (SELECT name FROM projects WHERE name = 'checkout-assistant') AS project_name,
       (SELECT min(id) FROM examples WHERE dataset_id = (SELECT id FROM datasets WHERE name = '{arrivals.FEWER}')) AS example,
       (SELECT id FROM datasets WHERE name = '{arrivals.GONE}') AS dataset
"""  # noqa: S608  names of ours
CHANGES = (
    ("a run ends hours after it was first read", "SELECT lower(any_value(status)) = 'success' FROM runs WHERE id = $run"),
    ("a run is sent 20 hours late", "SELECT count(*) = 1 FROM runs WHERE id = $back_dated"),
    ("feedback on a run of two weeks ago", "SELECT count(*) = 1 FROM feedback WHERE id = $feedback"),
    (
        "... and in that run's own feedback_stats",
        "SELECT any_value(feedback_stats::VARCHAR) LIKE '%reopened%' FROM runs WHERE id = $judged",
    ),
    ("an example is deleted", "SELECT count(*) = 0 FROM examples WHERE id = $example"),
    ("a dataset is deleted, with its examples", "SELECT count(*) = 0 FROM examples WHERE dataset_id = $dataset"),
)
"""Each change, and the question whether dlt's tables show it."""


def main() -> None:
    """Read, change, read again; by each set-up of the cursor."""
    os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"  # dlt tells of columns that hold nothing
    found = [_arrived(lag) for lag in (None, DAY_SECONDS)]
    rows = [(title, *(_said(one[title]) for one in found)) for title, _ in CHANGES]
    print(report.aligned(("changed in LangSmith", "dlt, cursor", "dlt, cursor with lag of a day"), rows))


def _said(arrived: bool) -> str:
    return "arrives" if arrived else "missing"


def _arrived(lag: int | None) -> dict[str, bool]:
    simulator = Simulator(clock=Clock.system(), mode="smithdb", seed=1)
    demo.fill(simulator.workspace, 1)
    with simulator.serve() as url, tempfile.TemporaryDirectory() as folder:
        pipeline = _pipeline(Path(folder))
        load = _loading(pipeline, simulator, url, lag)
        load()
        picks = _picks(pipeline)
        client = Client(url, api_key=simulator.api_key, workspace_id=simulator.tenant_id, auto_batch_tracing=False)
        for change in five_changes.CHANGES:
            change(client, picks)
        load()
        return {title: bool(_asked(pipeline, sql, picks)[0]) for title, sql in CHANGES}


def _pipeline(folder: Path) -> Any:
    target = dlt.destinations.duckdb(str(folder / "dlt.duckdb"))
    return dlt.pipeline("late", destination=target, dataset_name="late", pipelines_dir=str(folder / "pipelines"))


def _loading(pipeline: Any, simulator: Simulator, url: str, lag: int | None) -> Callable[[], Any]:
    headers = {"X-API-Key": simulator.api_key, "X-Tenant-Id": simulator.tenant_id}
    client = Client(url, api_key=simulator.api_key, workspace_id=simulator.tenant_id)
    projects = [str(project.id) for project in client.list_projects()]
    return lambda: pipeline.run(rest_api_source(_config(url, headers, projects, lag), max_table_nesting=0))


def _picks(pipeline: Any) -> arrivals.Picks:
    names = ("run", "judged", "project", "project_name", "example", "dataset")
    picked = dict(zip(names, map(str, _asked(pipeline, PICKED, {})), strict=True))
    return picked | {"back_dated": str(uuid4()), "feedback": str(uuid4())}


def _asked(pipeline: Any, sql: str, picks: arrivals.Picks) -> tuple[Any, ...]:
    used = {name: value for name, value in picks.items() if f"${name}" in sql}
    with pipeline.sql_client() as client:
        row: tuple[Any, ...] = client.native_connection.execute(f"SET schema = 'late'; {sql}", used or None).fetchall()[0]
    return row


def _config(url: str, headers: dict[str, str], projects: list[str], lag: int | None) -> Any:
    """Describe the five lists to dlt's `rest_api` source."""
    pages = {"type": "offset", "limit": 100, "total_path": None, "stop_after_empty_page": True}
    runs = {
        "path": "/api/v2/runs/query",
        "method": "POST",
        "json": {
            "project_ids": projects,
            "min_start_time": "{incremental.start_value}",
            "selects": V2_SELECTS,
            "page_size": 1000,
        },
        "data_selector": "items",
        "paginator": {"type": "cursor", "cursor_path": "next_cursor", "cursor_body_path": "cursor"},
        "incremental": _cursor("start_time", lag),
    }
    feedback = {
        "path": "/api/v1/feedback",
        "params": {"min_created_at": "{incremental.start_value}"},
        "paginator": pages,
        "incremental": _cursor("created_at", lag),
    }
    examples = {"path": "/api/v1/examples", "params": {"dataset": "{resources.datasets.id}"}, "paginator": pages}
    return {
        "client": {"base_url": url, "headers": headers},
        "resources": [
            _whole("projects", {"path": "/api/v1/sessions", "paginator": pages}),
            _whole("datasets", {"path": "/api/v1/datasets", "paginator": pages}),
            _whole("examples", examples),
            _merged("runs", runs, "start_time"),
            _merged("feedback", feedback, "created_at"),
        ],
    }


def _whole(name: str, endpoint: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "write_disposition": "replace", "endpoint": endpoint}


def _merged(name: str, endpoint: dict[str, Any], time: str) -> dict[str, Any]:
    """Upsert by id. dlt computes with a cursor that is a time, not with its text."""
    parsed = {"map": lambda record: record | {time: _time(record[time])}}
    return {"name": name, "primary_key": "id", "write_disposition": "merge", "endpoint": endpoint, "processing_steps": [parsed]}


def _cursor(path: str, lag: int | None) -> dict[str, Any]:
    return {"cursor_path": path, "initial_value": FIRST, "lag": lag, "convert": datetime.isoformat}


def _time(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


if __name__ == "__main__":
    main()
