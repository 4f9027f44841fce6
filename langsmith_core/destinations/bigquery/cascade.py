"""Mark the rows of deleted parents as deleted: examples and versions go with their dataset, items with their queue.

Here: which partitions, and the two statements. Not here: which parents are gone (sink), or the statements' text (sql).
"""

from __future__ import annotations

from langsmith_core.destinations.bigquery import sql
from langsmith_core.destinations.bigquery.jobs import Jobs
from langsmith_core.destinations.bigquery.tables import Layout


def cascade(jobs: Jobs, parent: Layout, child: Layout, keys: list[str]) -> None:
    """Mark the rows of these parents as deleted. A crash repeats this, because it repeats the parents' deletion."""
    if not keys:
        return
    rows = jobs.run("look-up", child, sql.orphans(child, parent, jobs.dataset), keys).rows
    if rows:
        within = sql.within(child, [moment for (moment,) in rows])
        jobs.run("cascade", child, sql.orphan(child, parent, jobs.dataset, within), keys)
