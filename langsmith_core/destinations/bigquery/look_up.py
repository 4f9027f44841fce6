"""Ask a table which rows it holds for some keys.

Here: which partitions are asked, and the answer as values. Not here: what follows from it (plan, healing).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from langsmith_core.destinations.bigquery import sql
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.plan import Found
from langsmith_core.destinations.bigquery.tables import Layout

KEYS_MAX = 50_000
"""Keys of one look-up: a request may have 10 MB."""


def near(jobs: Jobs, layout: Layout, keys: Collection[str], moments: Collection[datetime | None]) -> list[Found]:
    """Return what the partitions of these times have of the keys; of a key that they lack, what those next to them have."""
    found = _asked(jobs, layout, keys, sql.within(layout, moments))
    absent = set(keys) - {one.key for one in found}
    beside = sql.neighbours(layout, moments)
    return found + _asked(jobs, layout, absent, sql.within(layout, beside)) if absent and beside else found


def anywhere(jobs: Jobs, layout: Layout, keys: Collection[str]) -> list[Found]:
    """Return what the whole table has of the keys."""
    return _asked(jobs, layout, keys, sql.EVERYWHERE)


def count(jobs: Jobs, layout: Layout, fresh: Mapping[str, datetime | None]) -> int:
    """Count the rows of these keys in their own partitions. Two passes that insert a key at once meet in no other way."""
    statement = sql.count(layout, jobs.name(layout), sql.within(layout, fresh.values()))
    ((rows,),) = jobs.run("count", layout, statement, sorted(fresh)).rows
    return int(rows)


def _asked(jobs: Jobs, layout: Layout, keys: Collection[str], within: str) -> list[Found]:
    rows = jobs.run("look-up", layout, sql.look_up(layout, jobs.name(layout), within), sorted(keys)).rows
    return [Found(*row) for row in rows]
