"""Billed traces by day: GET /orgs/current/billing/granular-usage, by the OpenAPI document of August 2026.

A trace is counted once, on the day of its start, when its root arrives; what is deleted later stays counted. So the figure of a
past day grows while runs arrive late. The document does not say which day counts: this one is the harder for a reader.
The operation belongs to the organisation: it takes `X-Organization-Id`, and a key that may read it (`organization:read`).
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from simulator.auth import FORBIDDEN
from simulator.messages import ApiError, Response, answer, invalid
from simulator.query import moment_of
from simulator.resource import Record, Resource
from simulator.times import aware, zulu

if TYPE_CHECKING:
    from datetime import datetime
    from random import Random

    from simulator.call import Call
    from simulator.workspace import Workspace

TABLE = "langsmith_usage_day"
SPAN_MAX = timedelta(days=31)
DIMENSIONS = (
    *("user_id", "user_email", "api_key_id", "api_key_short_key", "project_id", "project_name", "workspace_id"),
    *("workspace_name", "trace_tier"),
)
GROUPS = ("user", "api_key", "project", "workspace", "trace_tier")
KINDS = ("traces", "langsmith_deployments")


def read_usage(call: Call) -> Response:
    """The traces of `[start_time, end_time)` by day and group. Buckets without a trace are not there."""
    if not call.settings.usage_readable or call.request.headers.get("X-Organization-Id") is None:
        raise ApiError(403, "forbidden", body=FORBIDDEN)
    start, end = _moment(call, "start_time"), _moment(call, "end_time")
    asked = call.query.ids("workspace_ids")
    if not asked:
        raise invalid("query", "workspace_ids", "field required", "value_error.missing")
    if end - start > SPAN_MAX:
        raise ApiError(400, "Time range cannot exceed 31 days")
    by = call.query.choice("group_by", GROUPS, "workspace")
    counts_traces = call.query.choice("kind", KINDS, "traces") == "traces"
    inside = Counter(
        (_day(at), project if by == "project" else None)
        for at, project in call.store.traced.values()
        if counts_traces and start <= at < end and call.tenant_id in asked
    )
    usage = [_record(call, by, day, project, count) for (day, project), count in sorted(inside.items(), key=str)]
    return answer({"stride": {"days": 1, "hours": 0}, "usage": usage})


def _moment(call: Call, name: str) -> datetime:
    if call.query.text(name) is None:
        raise invalid("query", name, "field required", "value_error.missing")
    return moment_of("query", name, call.query.text(name))


def _day(at: datetime) -> datetime:
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def _record(call: Call, by: str, day: datetime, project: str | None, count: int) -> Record:
    """A GranularUsageRecord. A deleted project has no name any more; of users, keys and tiers nothing is known."""
    known = call.store.projects.get(project or "")
    named: dict[str, Any] = {"project_id": project, "project_name": known.name if known else None}
    of_workspace: dict[str, Any] = {"workspace_id": call.tenant_id, "workspace_name": "Simulator"}
    of = {"project": named, "workspace": of_workspace}.get(by, {})
    figures = {"traces": count, "nodes_executed": 0, "agent_runs": 0, "agent_uptime_seconds": 0}
    return {"time_bucket": aware(day), "dimensions": dict.fromkeys(DIMENSIONS) | of, **figures}


def rows(workspace: Workspace) -> dict[str, Record]:
    """The rows of langsmith_usage_day by key: none for a key that may not read them."""
    if not workspace.settings.usage_readable:
        return {}
    counts = Counter((_day(at), project) for at, project in workspace.traced.values())
    return {f"{zulu(day)}@{project}": _row(day, project, count) for (day, project), count in counts.items()}


def _row(day: datetime, project: str, count: int) -> Record:
    return {"usage_id": f"{zulu(day)}@{project}", "day": day, "project_id": project, "traces": count}


def seed(workspace: Workspace, rng: Random, oldest: datetime) -> None:
    """Make nothing: usage is counted of the workspace's own runs."""
    del workspace, rng, oldest


RESOURCE = Resource(
    table=TABLE,
    operations=(("GET", "/orgs/current/billing/granular-usage", "usage", read_usage),),
    rows=rows,
    seed=seed,
    unimplemented={"GET /orgs/current/billing/granular-usage": ("trace_tier",)},
)
