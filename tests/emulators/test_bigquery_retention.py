"""RETENTION_DAYS: runs and feedback expire by the day, what lives in LangSmith does not. No expired row is written."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from emulators.warehouse import Warehouse
from msgspec.structs import replace

from destinations.files import batch
from langsmith_core.records import rows
from langsmith_core.records.rows import Row
from langsmith_core.records.times import render
from langsmith_core.streams.registry import EXAMPLE, FEEDBACK, RUN
from samples import encoded

DAY_MS = 86_400_000
PARTITIONED = (
    "langsmith_annotation_queue_item",
    "langsmith_dataset_version",
    "langsmith_example",
    "langsmith_feedback",
    "langsmith_run",
)


def _ago(days: float) -> str:
    return render(datetime.now(UTC) - timedelta(days=days))


def _run(key: str, days: float | None) -> Row:
    return rows.to_row(RUN, encoded({"id": key, "name": key, "start_time": None if days is None else _ago(days)}), {})


def _expiries(warehouse: Warehouse) -> dict[str, int | None]:
    """Return each table's expiry in milliseconds, of those that have partitions."""
    found = {name: warehouse.client.get_table(f"{warehouse.dataset}.{name}") for name in warehouse.tables()}
    return {name: one.time_partitioning.expiration_ms for name, one in found.items() if one.time_partitioning}


def test_daily_partitions_expire_after_the_days_and_one(warehouse: Warehouse) -> None:
    """With RETENTION_DAYS runs and feedback expire a day later; examples and versions never. Without it nothing does.

    A change reaches tables that are there. An expiry stays where the key is taken away, since it may be somebody's own.
    """
    warehouse.write()
    assert _expiries(warehouse) == dict.fromkeys(PARTITIONED)
    warehouse.settings = replace(warehouse.settings, retention_days=90)
    warehouse.write()
    expected = dict.fromkeys(PARTITIONED) | dict.fromkeys(("langsmith_feedback", "langsmith_run"), 91 * DAY_MS)
    assert _expiries(warehouse) == expected
    warehouse.settings = replace(warehouse.settings, retention_days=None)
    warehouse.write(batch(RUN, _run("new", 89.9), _run("old", 90.1)))
    assert _expiries(warehouse) == expected
    assert warehouse.ask("SELECT run_id FROM `{}.langsmith_run`") == [("new",)]


def test_what_has_expired_is_not_written(warehouse: Warehouse) -> None:
    """A run or feedback older than the days is left out, and the rest of its batch is written. An old example is written."""
    warehouse.settings = replace(warehouse.settings, retention_days=30)
    feedback = [
        rows.to_row(FEEDBACK, encoded({"id": key, "created_at": _ago(days)}), {}) for key, days in (("new", 29.9), ("old", 30.1))
    ]
    example = rows.to_row(EXAMPLE, encoded({"id": "e", "dataset_id": "d", "created_at": _ago(900)}), {})
    warehouse.write(
        batch(RUN, _run("new", 29.9), _run("old", 30.1), _run("timeless", None)),
        batch(FEEDBACK, *feedback),
        batch(EXAMPLE, example),
    )
    assert warehouse.ask("SELECT run_id FROM `{}.langsmith_run` ORDER BY 1") == [("new",), ("timeless",)]
    assert warehouse.ask("SELECT feedback_id FROM `{}.langsmith_feedback`") == [("new",)]
    assert warehouse.ask("SELECT example_id FROM `{}.langsmith_example`") == [("e",)]


def test_an_expiry_that_somebody_gave_a_table_is_heeded(warehouse: Warehouse) -> None:
    """It stays, and rows that BigQuery would drop are left out: else the sink would look for them in vain, pass after pass."""
    warehouse.write()
    table = warehouse.client.get_table(f"{warehouse.dataset}.langsmith_example")
    assert table.time_partitioning
    table.time_partitioning.expiration_ms = 31 * DAY_MS
    warehouse.client.update_table(table, ["time_partitioning"])
    old, new = (
        rows.to_row(EXAMPLE, encoded({"id": key, "dataset_id": "d", "created_at": _ago(days)}), {})
        for key, days in (("old", 900), ("new", 1))
    )
    warehouse.write(batch(EXAMPLE, old, new))
    assert warehouse.ask("SELECT example_id FROM `{}.langsmith_example`") == [("new",)]
    assert _expiries(warehouse)["langsmith_example"] == 31 * DAY_MS
