"""Ask a table what it holds of some keys.

Here: the question, and its answer as values. Not here: which partitions are asked (sink), or what follows (plan, healing).
"""

from __future__ import annotations

from langsmith_core.destinations.bigquery import sql
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.plan import Found
from langsmith_core.destinations.bigquery.tables import Layout

KEYS_MAX = 50_000
"""Keys of one look-up: a request may have 10 MB."""


def look_up(jobs: Jobs, layout: Layout, keys: list[str], within: str) -> tuple[int, list[Found]]:
    """Return how many rows the table has, and what it has of these keys within some partitions."""
    rows = jobs.run("look-up", layout, sql.look_up(layout, jobs.name(layout), within), keys).rows
    (total,) = (row[-1] for row in rows if row[0] is None)
    return total, [Found(*row) for row in rows if row[0] is not None]
