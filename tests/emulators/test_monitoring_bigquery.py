"""Every statement of docs/monitoring.md for BigQuery runs, and gives the rows that DuckDB's gives."""

from __future__ import annotations

import monitoring_page
from emulators.warehouse import Warehouse
from test_monitoring import batches, expected


def test_every_statement_for_bigquery_gives_its_rows(warehouse: Warehouse) -> None:
    """Nothing was refused, so the last of them has no row."""
    warehouse.write(*batches())
    found = {
        name: warehouse.ask(statement.replace("PROJECT.DATASET", "{}"))
        for name, statement in monitoring_page.statements("BigQuery").items()
    }
    assert found == {**expected(), "What did BigQuery refuse?": []}
