"""Count what the file holds, to compare it with LangSmith's own counts, and read the verdicts that were found.

Here: the statements, and their answers as values. Not here: what follows from them (completeness).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb

from langsmith_core.completeness import stored, totals
from langsmith_core.completeness.totals import Listed
from langsmith_core.completeness.values import COMPLETENESS, VERDICTS_MAX, Runs, Total, Verdict

_RUNS = (
    "count(*), count(*) FILTER (parent_run_id IS NULL) FROM langsmith_run WHERE _deleted_at IS NULL AND project_id IS NOT NULL"
)
BY_DAY = f"SELECT project_id, date_trunc('day', start_time), {_RUNS} AND start_time >= $1 AND start_time < $2 GROUP BY ALL"
BY_PROJECT = f"SELECT project_id, {_RUNS} GROUP BY ALL"
FEEDBACK = """
    SELECT project_id, count(*) FROM langsmith_feedback
    WHERE _deleted_at IS NULL AND project_id IS NOT NULL AND run_id IS NOT NULL GROUP BY ALL"""
EXAMPLES = """
    SELECT dataset_id, count(*) FROM langsmith_example WHERE _deleted_at IS NULL AND dataset_id IS NOT NULL GROUP BY ALL"""
PROJECTS = "SELECT project_id, name, run_count, feedback_stats::VARCHAR FROM langsmith_project WHERE _deleted_at IS NULL"
DATASETS = "SELECT dataset_id, name, example_count FROM langsmith_dataset WHERE _deleted_at IS NULL"
VERDICTS = f"SELECT {stored.READ} FROM {COMPLETENESS.name} ORDER BY {stored.NEWEST} LIMIT {VERDICTS_MAX}"


def runs_by_day(connection: duckdb.DuckDBPyConnection, lo: datetime, hi: datetime) -> dict[tuple[str, datetime], Runs]:
    """Count the runs that began in `[lo, hi)`, by project and day. The connection's time zone is UTC."""
    found = connection.execute(BY_DAY, [lo, hi]).fetchall()
    return {(project, day.astimezone(UTC)): Runs(total, roots) for project, day, total, roots in found}


def in_all(connection: duckdb.DuckDBPyConnection) -> list[Total]:
    """Count runs and feedback of every project that is not deleted, and examples of every dataset."""
    runs = {project: Runs(total, roots) for project, total, roots in connection.execute(BY_PROJECT).fetchall()}
    feedback, examples = (dict(connection.execute(one).fetchall()) for one in (FEEDBACK, EXAMPLES))
    return [
        *totals.of_projects(_listed(connection, PROJECTS), runs, feedback),
        *totals.of_datasets(_listed(connection, DATASETS), examples),
    ]


def verdicts(connection: duckdb.DuckDBPyConnection) -> list[Verdict]:
    """Return the verdicts, gaps first, VERDICTS_MAX at most: of more the newest."""
    return stored.read(connection.execute(VERDICTS).fetchall())


def _listed(connection: duckdb.DuckDBPyConnection, statement: str) -> Iterator[Listed]:
    return (Listed(*row) for row in connection.execute(statement).fetchall())
