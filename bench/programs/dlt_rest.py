"""dlt's `rest_api` source into DuckDB, set up to do our work and no more.

It upserts by id. Payloads become JSON columns (`max_table_nesting=0`) rather than tables of their own, which would be slower.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dlt
from dlt.sources.rest_api import rest_api_source

from bench.programs import queries
from bench.work import Work


def drain(work: Work) -> int:
    """Run one pipeline."""
    folder = Path(work.folder)
    target = dlt.destinations.duckdb(str(folder / "dlt.duckdb"))
    pipeline = dlt.pipeline("bench", destination=target, dataset_name="bench", pipelines_dir=str(folder / "pipelines"))
    pipeline.run(rest_api_source(_config(work), max_table_nesting=0))
    with pipeline.sql_client() as client:
        found = client.execute_sql("SELECT count(DISTINCT id) FROM runs")
    return int(found[0][0]) if found else 0


def _config(work: Work) -> Any:
    names = queries.NAMES[work.api]
    pages = {"type": "cursor", "cursor_path": names.cursor_path, "cursor_body_path": "cursor"}
    endpoints = [
        {"path": names.path, "method": "POST", "json": body, "data_selector": names.records, "paginator": pages}
        for body in queries.of(work)
    ]
    return {
        "client": {"base_url": work.url, "headers": work.headers},
        "resource_defaults": {"primary_key": "id", "write_disposition": "merge", "table_name": "runs"},
        "resources": [{"name": f"runs_{number}", "endpoint": one} for number, one in enumerate(endpoints)],
    }
