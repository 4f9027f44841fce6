"""Print what a synced DuckDB file holds: the tables' sizes, and three questions with their SQL and answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

from progress import TABLES

CELL_WIDTH_MAX = 40


class Query(NamedTuple):
    """A question and its SQL, which is shown as it is run."""

    title: str
    sql: str


COST = Query(
    "What does each project cost?",
    """\
-- Root runs only: a parent's cost carries its children's, so a sum over all runs counts it again and again. One over
-- llm runs is too low: tools and retrievers cost as well.
SELECT p.name AS project, count(*) AS traces, sum(r.total_tokens) AS tokens, round(sum(r.total_cost), 4) AS usd
FROM langsmith_run r JOIN langsmith_project p USING (project_id)
WHERE r.parent_run_id IS NULL
GROUP BY ALL ORDER BY usd DESC NULLS LAST, project LIMIT 10""",
)
SLOWEST = Query(
    "Which runs took longest?",
    """\
SELECT p.name AS project, r.name AS run, r.run_type, r.status, round(epoch(r.end_time - r.start_time), 2) AS seconds
FROM langsmith_run r JOIN langsmith_project p USING (project_id)
WHERE r.end_time IS NOT NULL
ORDER BY seconds DESC, r.run_id LIMIT 5""",
)
ERRORS = Query(
    "How often does each project fail?",
    """\
SELECT p.name AS project, count(*) AS runs, count_if(r.status = 'error') AS errors,
       round(100.0 * count_if(r.status = 'error') / count(*), 1) AS percent
FROM langsmith_run r JOIN langsmith_project p USING (project_id)
GROUP BY ALL ORDER BY percent DESC, project LIMIT 10""",
)
SIZES = " UNION ALL ".join(
    f'SELECT \'{table}\' AS "table", count(*) AS rows, count(_deleted_at) AS "of them deleted in LangSmith" FROM {table}'  # noqa: S608
    for table in TABLES
)


def show(path: str) -> None:
    """Print the sizes and the questions of a file that no other process has open."""
    with duckdb.connect(path, read_only=True) as file:
        print(f"\n{table_of(file.execute(SIZES))}")
        for query in (COST, SLOWEST, ERRORS):
            print(f"\n{query.title}\n\n{indented(query.sql)}\n\n{table_of(file.execute(query.sql))}")


def table_of(result: duckdb.DuckDBPyConnection) -> str:
    """Return a result as text: as wide as needed, numbers to the right."""
    names = [column[0] for column in result.description or ()]
    rows = result.fetchall()
    columns = [_column(name, [row[place] for row in rows]) for place, name in enumerate(names)]
    lines = ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    return indented("\n".join(lines))


def indented(text: str) -> str:
    """Return the text, indented by two spaces."""
    return "\n".join(f"  {line}" for line in text.splitlines())


def _column(name: str, values: Sequence[Any]) -> list[str]:
    """Return the cells of one column from its name down, all of one width."""
    cells = [_cell(value) for value in values]
    width = max(map(len, [name, *cells]))
    return [name.ljust(width), "-" * width, *_aligned(cells, values, width)]


def _aligned(cells: Iterable[str], values: Sequence[Any], width: int) -> list[str]:
    numeric = any(isinstance(value, int | float | Decimal) for value in values)
    return [cell.rjust(width) if numeric else cell.ljust(width) for cell in cells]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:,}" if isinstance(value, int | float | Decimal) else " ".join(str(value).split())
    return text if len(text) <= CELL_WIDTH_MAX else f"{text[: CELL_WIDTH_MAX - 3]}..."
