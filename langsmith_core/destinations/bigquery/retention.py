"""How long rows are kept: tables with a partition for each day expire by the day, if RETENTION_DAYS says so.

Here: the expiry of runs and feedback, and which of their rows are too old to write. BigQuery drops what is written into a
partition that has expired, so the sink would never find such a row. Not here: datasets, their versions and examples, which
live until LangSmith deletes them, whenever they were made.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from google.cloud import bigquery

from langsmith_core.destinations.bigquery.check import Checked
from langsmith_core.destinations.bigquery.errors import RETRY
from langsmith_core.destinations.bigquery.tables import LAYOUTS

DAY_MS = 86_400_000
MARGIN_DAYS = 1
"""BigQuery keeps a partition so much longer than the last row for it is written: a pass at midnight loses none."""
_log = logging.getLogger(__name__)


def kept_days(client: bigquery.Client, tables: Mapping[str, bigquery.Table], days: int | None) -> dict[str, int]:
    """Have daily partitions expire after so many days. Return the days by table, of those tables that have an expiry.

    None leaves a table as it is: somebody may have given it an expiry of its own, or the dataset its default one.
    """
    found = {one.stream.name: _kept(client, tables[one.stream.name], days if one.daily else None) for one in LAYOUTS}
    return {name: kept for name, kept in found.items() if kept is not None}


def _kept(client: bigquery.Client, table: bigquery.Table, days: int | None) -> int | None:
    there = table.time_partitioning
    if there is None:
        return None
    wanted = (days + MARGIN_DAYS) * DAY_MS if days else there.expiration_ms
    if there.expiration_ms != wanted:
        there.expiration_ms = wanted
        table.time_partitioning = there
        client.update_table(table, ["time_partitioning"], retry=RETRY)
        _log.warning(
            "%s: rows are now kept for %d days; check that RETENTION_DAYS is what you want",
            table.table_id,
            days,
            extra={"fields": {"stream": table.table_id}},
        )
    return None if wanted is None else max(0, wanted // DAY_MS - MARGIN_DAYS)


def kept(rows: list[Checked], days: int | None) -> list[Checked]:
    """Return the rows that are young enough to be written; None: all. A row without a time is."""
    if days is None:
        return rows
    oldest = datetime.now(UTC) - timedelta(days=days)
    return [row for row in rows if row.at is None or row.at >= oldest]
