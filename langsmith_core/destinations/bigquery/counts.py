# ruff: noqa: S608  every name in this SQL comes from the streams' declaration
"""Count what the dataset holds, to compare it with LangSmith's own counts, and read the verdicts that were found.

Here: the statements, and their answers as values. A key that stands twice counts once, but on two days where its rows have other
days: until the daily search. Of a shared dataset the workspace's own rows count. Not here: what follows (completeness).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from langsmith_core.completeness import stored, totals
from langsmith_core.completeness.totals import Listed
from langsmith_core.completeness.values import COMPLETENESS, VERDICTS_MAX, Runs, Total, Verdict
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.shared import mine
from langsmith_core.destinations.bigquery.sql import literal
from langsmith_core.destinations.bigquery.tables import DELETED, Layout
from langsmith_core.streams.registry import DATASET, EXAMPLE, FEEDBACK, PROJECT, RUN

KIND = "completeness"
"""The label of these jobs."""
ROOTS = "COUNT(DISTINCT IF(t.parent_run_id IS NULL, t.run_id, NULL))"
Layouts = Mapping[str, Layout]


def by_day(jobs: Jobs, layout: Layout, lo: datetime, hi: datetime) -> str:
    """Count the runs of each project and day. Only the partitions of these days are billed."""
    return f"""
        SELECT t.project_id, TIMESTAMP_TRUNC(t.start_time, DAY) AS day, COUNT(DISTINCT t.run_id), {ROOTS}
        FROM `{jobs.name(layout)}` t
        WHERE t.start_time >= {literal(lo)} AND t.start_time < {literal(hi)}
          AND t.project_id IS NOT NULL AND t.{DELETED} IS NULL{mine(layout)}
        GROUP BY t.project_id, day"""


def by_parent(jobs: Jobs, layout: Layout, parent: str, *also: str, where: str = "TRUE") -> str:
    """Count the rows of each project or dataset. It reads a few columns of the whole table."""
    counted = ", ".join((f"COUNT(DISTINCT t.{layout.stream.key})", *also))
    return f"""
        SELECT t.{parent}, {counted} FROM `{jobs.name(layout)}` t
        WHERE t.{parent} IS NOT NULL AND t.{DELETED} IS NULL AND {where}{mine(layout)} GROUP BY t.{parent}"""


def listed(jobs: Jobs, layout: Layout, *columns: str) -> str:
    """Select the projects or datasets that are not deleted: key, name and what LangSmith counts."""
    names = ", ".join((f"t.{layout.stream.key}", "t.name", *columns))
    return f"SELECT {names} FROM `{jobs.name(layout)}` t WHERE t.{DELETED} IS NULL{mine(layout)}"


def found(jobs: Jobs, layout: Layout) -> str:
    """Select the verdicts, VERDICTS_MAX at most."""
    table, bound = f"`{jobs.name(layout)}` t WHERE TRUE{mine(layout)}", f"LIMIT {VERDICTS_MAX}"
    return f"SELECT {stored.READ} FROM {table} ORDER BY {stored.NEWEST} {bound}"


def whole(jobs: Jobs, layouts: Layouts) -> dict[str, str]:
    """Return the statements of which totals are made, by the table that they read."""
    return {
        PROJECT.name: listed(jobs, layouts[PROJECT.name], "t.run_count", "TO_JSON_STRING(t.feedback_stats)"),
        RUN.name: by_parent(jobs, layouts[RUN.name], "project_id", ROOTS),
        FEEDBACK.name: by_parent(jobs, layouts[FEEDBACK.name], "project_id", where="t.run_id IS NOT NULL"),
        DATASET.name: listed(jobs, layouts[DATASET.name], "t.example_count"),
        EXAMPLE.name: by_parent(jobs, layouts[EXAMPLE.name], "dataset_id"),
    }


def statements(jobs: Jobs, layouts: Layouts, lo: datetime, hi: datetime) -> Iterator[tuple[Layout, str]]:
    """Yield every statement of this module, and the layout of the table that it reads."""
    yield layouts[RUN.name], by_day(jobs, layouts[RUN.name], lo, hi)
    yield from ((layouts[table], text) for table, text in whole(jobs, layouts).items())
    yield layouts[COMPLETENESS.name], found(jobs, layouts[COMPLETENESS.name])


def runs_by_day(jobs: Jobs, layout: Layout, lo: datetime, hi: datetime) -> dict[tuple[str, datetime], Runs]:
    """Count the runs that began in `[lo, hi)`, by project and day."""
    rows = jobs.run(KIND, layout, by_day(jobs, layout, lo, hi)).rows
    return {(project, day.astimezone(UTC)): Runs(total, roots) for project, day, total, roots in rows}


def in_all(jobs: Jobs, layouts: Layouts) -> list[Total]:
    """Count runs and feedback of every project that is not deleted, and examples of every dataset."""
    rows = {table: jobs.run(KIND, layouts[table], text).rows for table, text in whole(jobs, layouts).items()}
    runs = {project: Runs(total, roots) for project, total, roots in rows[RUN.name]}
    projects, datasets = ({row[0]: Listed(*row) for row in rows[one.name]}.values() for one in (PROJECT, DATASET))
    return [
        *totals.of_projects(projects, runs, dict(rows[FEEDBACK.name])),
        *totals.of_datasets(datasets, dict(rows[EXAMPLE.name])),
    ]


def verdicts(jobs: Jobs, layout: Layout) -> list[Verdict]:
    """Return the verdicts, gaps first, VERDICTS_MAX at most: of more the newest."""
    return stored.read(jobs.run(KIND, layout, found(jobs, layout)).rows)
