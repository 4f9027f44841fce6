"""Print what a synced DuckDB file holds: the tables' sizes, questions with their SQL and answers, and a chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

import duckdb

from langsmith_core.streams.registry import TABLE_OF

CELL_WIDTH_MAX = 46


class Query(NamedTuple):
    """A question and its SQL, which is shown as it is run."""

    title: str
    sql: str


MODELS = Query(
    "What does each model cost, and how fast is its first token?",
    """\
SELECT model_name AS model, count(*) AS calls, sum(total_tokens) AS tokens,
       round(sum(total_cost), 4) AS usd,
       round(1e6 * sum(total_cost) / sum(total_tokens), 2) AS usd_per_million,
       round(median(time_to_first_token_seconds), 2) AS first_token_s
FROM langsmith_run WHERE run_type = 'llm' AND model_name IS NOT NULL
GROUP BY ALL ORDER BY usd DESC NULLS LAST, model LIMIT 10""",
)
PEOPLE = Query(
    "Who costs what, and where?",
    """\
-- Root runs only: a parent's cost has its children's in it, so a sum over all runs counts twice.
SELECT environment, user_id, count(*) AS traces, round(sum(total_cost), 4) AS usd,
       round(quantile_cont(latency_seconds, 0.95), 1) AS p95_seconds,
       count_if(status = 'error') AS failed
FROM langsmith_run WHERE is_root AND user_id IS NOT NULL
GROUP BY ALL ORDER BY usd DESC NULLS LAST, user_id LIMIT 8""",
)
ERRORS = Query(
    "What goes wrong most, and does a retry help?",
    """\
-- Where an error began: a parent that fails with its child is not counted again.
SELECT r.error_type AS error, count(*) AS runs, count(DISTINCT r.trace_id) AS traces,
       count(DISTINCT r.trace_id) FILTER (root.status = 'success') AS traces_that_ended_well
FROM langsmith_run r JOIN langsmith_run root ON root.run_id = r.trace_id
WHERE r.error_type IS NOT NULL AND r.run_id NOT IN
      (SELECT parent_run_id FROM langsmith_run WHERE status = 'error' AND NOT is_root)
GROUP BY ALL ORDER BY runs DESC, error LIMIT 10""",
)
EXPERIMENTS = Query(
    "Which experiment is best?",
    """\
WITH scores AS (SELECT project_id, key, printf('%s %.2f', key, avg(score)) AS score
                FROM langsmith_feedback WHERE score IS NOT NULL GROUP BY project_id, key)
SELECT p.name AS experiment, count(*) AS runs, round(sum(r.total_cost), 4) AS usd,
       round(median(r.latency_seconds), 2) AS p50_seconds,
       (SELECT string_agg(score, ', ' ORDER BY key) FROM scores s
        WHERE s.project_id = p.project_id) AS feedback
FROM langsmith_project p JOIN langsmith_run r USING (project_id)
WHERE p.is_experiment AND r.is_root
GROUP BY p.project_id, p.name, p.start_time ORDER BY p.start_time DESC LIMIT 10""",
)
FEEDBACK = Query(
    "Does feedback get better? One block is the average of two days; the newest is on the right.",
    """\
WITH given AS (SELECT *, epoch(max(created_at) OVER () - created_at) / 86400 AS days_ago,
                      min(score) OVER (PARTITION BY key) AS lo,
                      max(score) OVER (PARTITION BY key) AS hi
               FROM langsmith_feedback WHERE score IS NOT NULL AND value IS NULL),
     steps AS (SELECT key, floor(days_ago / 2) AS step, count(*) AS n, avg(score) AS mean,
                      round(7 * (avg(score) - min(lo)) / (max(hi) - min(lo)))::INT AS height
               FROM given WHERE days_ago < 14 AND hi > lo GROUP BY key, step)
SELECT key, sum(n) AS given, string_agg('▁▂▃▄▅▆▇█'[1 + height], '' ORDER BY step DESC) AS trend,
       round(sum(n * mean) FILTER (step > 2) / sum(n) FILTER (step > 2), 2) AS earlier,
       round(sum(n * mean) FILTER (step <= 2) / sum(n) FILTER (step <= 2), 2) AS last_6_days
FROM steps GROUP BY key ORDER BY given DESC, key LIMIT 10""",
)
PROMPTS = Query(
    "Which version of a prompt do users like?",
    """\
-- A prompt's run names the commit; users judge the trace.
WITH used AS (SELECT DISTINCT trace_id, prompt_commit AS commit_hash
              FROM langsmith_run WHERE prompt_commit IS NOT NULL)
SELECT p.repo_handle AS prompt, c.commit_hash[:8] AS commit, c.description,
       count(DISTINCT u.trace_id) AS traces, count(f.score) AS judged,
       round(avg(f.score), 2) AS score
FROM langsmith_prompt p JOIN langsmith_prompt_commit c USING (prompt_id)
LEFT JOIN used u USING (commit_hash)
LEFT JOIN langsmith_feedback f ON f.trace_id = u.trace_id AND f.source_type = 'app'
GROUP BY p.repo_handle, c.commit_hash, c.description, c.created_at
ORDER BY prompt, c.created_at DESC LIMIT 10""",
)
DAYS = Query(
    "What does a day cost?",
    """\
SELECT (start_time AT TIME ZONE 'UTC')::DATE AS day, count(*) AS traces,
       round(sum(total_cost), 4) AS usd,
       bar(sum(total_cost)::DOUBLE, 0, max(sum(total_cost)::DOUBLE) OVER (), 45) AS chart
FROM langsmith_run WHERE is_root GROUP BY day ORDER BY day DESC LIMIT 15""",
)
QUERIES = (MODELS, PEOPLE, ERRORS, EXPERIMENTS, PROMPTS, FEEDBACK, DAYS)
SIZES = " UNION ALL ".join(
    f'SELECT \'{table}\' AS "table", count(*) AS rows, count(_deleted_at) AS "of them deleted in LangSmith" FROM {table}'  # noqa: S608
    for table in TABLE_OF
)


HERE = """\
SELECT p.name AS project, count(r.run_id) AS runs_here, any_value(p.run_count) AS at_langsmith,
       (SELECT count(*) FROM langsmith_completeness c
        WHERE c.parent_id = p.project_id AND c.verdict = 'gap') AS gaps
FROM langsmith_project p LEFT JOIN langsmith_run r ON r.project_id = p.project_id AND r._deleted_at IS NULL
WHERE p._deleted_at IS NULL GROUP BY p.project_id, p.name ORDER BY runs_here DESC, project LIMIT 20"""
"""What is here, and what LangSmith counted when it last listed its projects. A run that came since is here already."""


def show(path: str, queries: Iterable[Query] = QUERIES) -> None:
    """Print the sizes and the questions of a file that no other process has open."""
    with duckdb.connect(path, read_only=True) as file:
        print(f"\n{table_of(file.execute(SIZES))}")
        print(f"\n{table_of(file.execute(HERE))}")
        for query in queries:
            print(f"\n{query.title}\n\n{indented(query.sql)}\n\n{table_of(file.execute(query.sql))}")


def table_of(result: duckdb.DuckDBPyConnection) -> str:
    """Return a result as text: as wide as needed, numbers to the right."""
    return aligned([column[0] for column in result.description or ()], result.fetchall())


def aligned(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rows as text under the names of their columns."""
    columns = [_column(name, [row[place] for row in rows]) for place, name in enumerate(names)]
    lines = ["  ".join(cells).rstrip() for cells in zip(*columns, strict=True)]
    return indented("\n".join(lines if rows else [*lines, "(no rows)"]))


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
