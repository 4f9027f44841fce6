"""How long rows are kept: tables with a partition for each day expire by the day, where RETENTION_DAYS says so.

Here: the expiry of runs and feedback, and which of their rows are too old to write. BigQuery drops what is written into a
partition that has expired, so the sink would look for such a row in vain. Not here: datasets, their versions and examples, which
live until LangSmith deletes them, whenever they were made.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from google.cloud import bigquery

from langsmith_core.destinations.bigquery.check import Checked
from langsmith_core.destinations.bigquery.errors import RETRY
from langsmith_core.destinations.bigquery.tables import LAYOUTS, Layout

DAY_MS = 86_400_000
MARGIN_DAYS = 1
"""BigQuery keeps a partition so much longer than the last row for it is written: a pass at midnight loses none."""
_log = logging.getLogger(__name__)


def keep(client: bigquery.Client, tables: Mapping[str, bigquery.Table], days: int | None) -> None:
    """Have daily partitions expire after so many days, and no others; None: never, whatever the dataset's default."""
    for layout in LAYOUTS:
        _keep(client, layout, tables[layout.stream.name], days)


def _keep(client: bigquery.Client, layout: Layout, table: bigquery.Table, days: int | None) -> None:
    there = table.time_partitioning
    wanted = (days + MARGIN_DAYS) * DAY_MS if days and layout.daily else None
    if there is None or there.expiration_ms == wanted:
        return
    there.expiration_ms = wanted
    table.time_partitioning = there
    client.update_table(table, ["time_partitioning"], retry=RETRY)
    _log.warning(
        "%s: rows are now kept for %s; look whether RETENTION_DAYS is what you want",
        layout.stream.name,
        f"{days} days" if wanted else "ever",
        extra={"fields": {"stream": layout.stream.name}},
    )


def kept(layout: Layout, rows: list[Checked], days: int | None) -> list[Checked]:
    """Return the rows that are young enough to be written. A row without a time is."""
    if not days or not layout.daily:
        return rows
    oldest = datetime.now(UTC) - timedelta(days=days)
    return [row for row in rows if row.at is None or row.at >= oldest]
