"""The dbt package on BigQuery's emulator, by the real dbt-bigquery: the same reports as on DuckDB.

Reports are views here: for a table dbt asks where CREATE TABLE AS has put it, and the emulator does not say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from emulators.bigquery_emulator import PROJECT
from emulators.test_bigquery_simulated import SETTINGS, Both
from emulators.warehouse import Warehouse, unhurried

from dbt_package import odd_workspace
from dbt_package.running import INTERMEDIATE, PACKAGE, REPORTS, Row, Target, invoked, of_place, plain, unhappy
from langsmith_core.destinations.bigquery import sink
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.faces import standalone
from langsmith_core.langsmith import client as langsmith
from langsmith_core.sync import state_json
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.engine import Engine
from simulator import Clock, Simulator

ONE_ORPHAN = {"langsmith_runs_without_root": 1}
DROPPED = ("", "_langsmith", "_langsmith_staging")
"""The datasets that dbt makes, after the target's own name."""


@pytest.fixture
def reports(warehouse: Warehouse) -> Iterator[str]:
    """The name of a dataset for dbt. The emulator gets slower with every table it holds, so what is made is dropped."""
    name = f"{warehouse.settings.bigquery_dataset}_reports"
    yield name
    for end in DROPPED:
        warehouse.client.delete_dataset(f"{PROJECT}.{name}{end}", delete_contents=True, not_found_ok=True)


def test_the_reports_are_those_of_duckdb(warehouse: Warehouse, bigquery_emulator: str, reports: str, tmp_path: Path) -> None:
    """The odd workspace, written to both sinks by one sync: the package's tests pass on both, and all reports are equal."""
    source, target = tmp_path / "odd.duckdb", Target(tmp_path / "reports.duckdb", {"source": tmp_path / "odd.duckdb"})
    _sync_twice(warehouse, str(source))
    outputs = {"duckdb": target.output(), "emulator": _output(bigquery_emulator, reports)}
    (tmp_path / "profiles.yml").write_text(json.dumps({"langsmith": {"target": "duckdb", "outputs": outputs}}))
    there = {"langsmith_schema": warehouse.settings.bigquery_dataset, "langsmith_materialized": "view"}
    here = {"langsmith_database": "source"}
    made = invoked(
        tmp_path, PACKAGE, [("build", "duckdb", {**ONE_ORPHAN, **here}), ("build", "emulator", {**ONE_ORPHAN, **there})]
    )
    assert [unhappy(one) for one in made] == [{}, {}]
    for report in (*REPORTS, *INTERMEDIATE):
        schema = "langsmith" if report in REPORTS else "langsmith_staging"
        found = _rows(warehouse, f"{PROJECT}.{reports}_{schema}.{report}")
        assert found
        assert found == of_place(target.rows(report), "source.main"), report


def _output(address: str, dataset: str) -> dict[str, Any]:
    """Return the emulator as a target of dbt's profile."""
    signed = {"type": "bigquery", "method": "oauth-secrets", "token": "none", "project": PROJECT}
    return {**signed, "dataset": dataset, "api_endpoint": f"http://{address}", "threads": 1}


def _rows(warehouse: Warehouse, table: str) -> list[Row]:
    found = warehouse.client.query(f"SELECT * EXCEPT (source_relation) FROM `{table}`").result()  # noqa: S608  a model's name
    return sorted(({name: plain(value, "as Google's client reads it") for name, value in row.items()} for row in found), key=repr)


def _sync_twice(warehouse: Warehouse, path: str) -> None:
    """Read the odd workspace as it is at first, and as it is two hours later."""
    clock = Clock("2026-06-01T00:00:00Z")
    sim = Simulator(clock=clock, mode="smithdb")
    odd_workspace.fill(sim.workspace)
    _sync(sim, clock, warehouse, path)
    clock.advance(hours=2)
    odd_workspace.change(sim.workspace)
    _sync(sim, clock, warehouse, path)


def _sync(sim: Simulator, clock: Clock, warehouse: Warehouse, path: str) -> None:
    session = langsmith.session()
    session.mount("https://", sim.adapter())
    client = langsmith.LangSmith(SETTINGS, clock, clock.now() + timedelta(hours=1), session)
    with sink.opened(warehouse.settings, unhurried) as bigquery, local.opened(path) as file:
        reader = Engine(SETTINGS, client, clock.now, Limits(32_000_000, lambda: 3600.0, stamped=True, exact=True))
        driver = standalone.Driver(state_json.load(file.load(), SETTINGS.source), Both(bigquery, file), file, clock.now)
        driver.run(reader.batches(driver.state))
