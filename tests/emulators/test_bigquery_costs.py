"""Tests of the cost by day that the status shows of a BigQuery dataset."""

from __future__ import annotations

from typing import Any

import pytest
from emulators.warehouse import Warehouse
from google.cloud import bigquery

from destinations.files import batch
from destinations.test_duckdb_costs import COSTS, RUNS, SINCE
from langsmith_core.destinations.bigquery import costs
from langsmith_core.streams.registry import RUN


def test_each_day_has_its_traces_and_their_cost(warehouse: Warehouse) -> None:
    """The same runs give the same days as in DuckDB. A dataset whose tables no pass has made has none."""
    assert costs.by_day(warehouse.settings, SINCE) == []
    warehouse.write(batch(RUN, *RUNS))
    assert costs.by_day(warehouse.settings, SINCE) == COSTS


def test_the_query_is_bounded_by_partitions_and_bytes(warehouse: Warehouse, monkeypatch: pytest.MonkeyPatch) -> None:
    """One job runs, with the bound of the partitioning column as a literal, and BIGQUERY_MAX_GB as the most it may bill."""
    warehouse.write(batch(RUN, *RUNS))
    asked, ask = list[tuple[str, int | None]](), bigquery.Client.query_and_wait

    def watched(client: bigquery.Client, query: str, **more: Any) -> Any:
        asked.append((query, more["job_config"].maximum_bytes_billed))
        return ask(client, query, **more)

    monkeypatch.setattr(bigquery.Client, "query_and_wait", watched)
    costs.by_day(warehouse.settings, SINCE)
    ((query, most),) = asked
    assert "t.start_time >= TIMESTAMP '2026-05-30 00:00:00+00:00'" in query
    assert most == warehouse.settings.bigquery_bytes_max
