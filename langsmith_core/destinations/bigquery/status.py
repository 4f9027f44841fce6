"""What a dataset holds, for the status."""

from __future__ import annotations

from typing import Any

from google.api_core import exceptions

from langsmith_core.destinations.bigquery.client import connected, place_of
from langsmith_core.destinations.bigquery.errors import RETRY, explained
from langsmith_core.destinations.bigquery.tables import LAYOUTS, REJECTIONS
from langsmith_core.settings.config import Settings


def status(settings: Settings) -> dict[str, Any]:
    """Return what the dataset holds: `{"exists": bool, "rows": {table: n}}`. It reads metadata only: no query, no change."""
    with explained(place_of(settings)), connected(settings.google_project) as client:
        rows: dict[str, int] = {}
        for layout in (*LAYOUTS, REJECTIONS):
            try:
                table = client.get_table(f"{client.project}.{settings.bigquery_dataset}.{layout.stream.name}", retry=RETRY)
            except exceptions.NotFound:
                continue
            rows[layout.stream.name] = table.num_rows or 0
    return {"exists": bool(rows), "rows": rows}
