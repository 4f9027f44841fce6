"""What each day's traces have cost, for the status: one query of a few columns, bounded by partitions and by bytes.

BigQuery answers the same question again from its cache, at no cost, while the table has not changed.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from google.api_core import exceptions
from google.cloud import bigquery

from langsmith_core.destinations.bigquery.client import connected, place_of
from langsmith_core.destinations.bigquery.errors import RETRY, explained
from langsmith_core.destinations.bigquery.shared import layouts_of, mine
from langsmith_core.destinations.bigquery.tables import Layout
from langsmith_core.settings.config import Settings
from langsmith_core.streams.registry import RUN

SECONDS = 30.0
"""How long the status waits for the answer."""


def by_day(settings: Settings, since: datetime) -> list[dict[str, Any]]:
    """Return the days since a midnight that have traces: `[{"day": "2026-05-31", "traces": 3, "cost": dollars or None}]`.

    Raises ConfigError where a person must act, SyncError with status 503 where asking again may help.
    """
    with explained(place_of(settings)), connected(settings.google_project) as client:
        dataset = f"{client.project}.{settings.bigquery_dataset}"
        layout = next(one for one in layouts_of(client, dataset, settings) if one.stream is RUN)
        try:
            found = client.query_and_wait(
                statement(layout, dataset, since), job_config=_config(layout, settings), wait_timeout=SECONDS, retry=RETRY
            )
        except exceptions.NotFound:  # no pass has made the table yet
            return []
        return [{"day": day, "traces": traces, "cost": cost} for day, traces, cost in found]


def statement(layout: Layout, dataset: str, since: datetime) -> str:
    """Return the query. The bound is a literal, so that BigQuery reads the partitions behind it alone."""
    return f"""
        SELECT FORMAT_TIMESTAMP('%Y-%m-%d', t.start_time) AS day, COUNT(*) AS traces, CAST(SUM(t.total_cost) AS FLOAT64) AS cost
        FROM `{dataset}.{layout.stream.name}` t
        WHERE t.start_time >= TIMESTAMP '{since.isoformat(sep=" ")}' AND t.is_root{mine(layout)}
        GROUP BY day ORDER BY day"""  # noqa: S608  every name in it comes from a declaration


def _config(layout: Layout, settings: Settings) -> bigquery.QueryJobConfig:
    own = [bigquery.ScalarQueryParameter("workspace", "STRING", layout.workspace)] if layout.workspace else []
    config = bigquery.QueryJobConfig(query_parameters=own, maximum_bytes_billed=settings.bigquery_bytes_max)
    config.labels = {"kind": "costs", "table": layout.stream.name, "workspace": settings.source}
    return config
