"""The columns of usage by day. How it is read is in usage_days."""

from __future__ import annotations

from langsmith_core.records.columns import Column, Kind, Table, column, raw

USAGE_DAY = Table(
    "langsmith_usage_day",
    (
        Column("usage_id", Kind.STRING, (), "day and group_id, joined by @", made_of=("day", "group_id")),
        column("day", Kind.TIMESTAMP, "The day, in UTC (time_bucket in the API)", "time_bucket"),
        Column(
            "group_id",
            Kind.STRING,
            ("dimensions.project_id", "dimensions.workspace_id"),
            "The project, or the workspace for usage of no project",
            absent="none",
        ),
        column("project_id", Kind.STRING, "Project; it may be deleted by now", "dimensions.project_id"),
        column("project_name", Kind.STRING, "Its name when the row was read", "dimensions.project_name"),
        column("traces", Kind.INTEGER, "Billed traces"),
        raw(),
    ),
    how_read="once a day, with the seven days before; with LANGSMITH_ORG_ID only",
    time="day",
    is_keyed_by_id=False,
)
