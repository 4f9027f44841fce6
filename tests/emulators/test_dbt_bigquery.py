"""The dbt package on BigQuery's emulator, by the real dbt-bigquery: the same reports as on DuckDB.

Reports are views here: for a table dbt asks where CREATE TABLE AS has put it, and the emulator does not say.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from dbt_package import odd_workspace
from dbt_package.running import INTERMEDIATE, PACKAGE, REPORTS, Outcome, Row, Target, invoked, of_place, unhappy
from emulators import bigquery_emulator
from emulators.test_bigquery_simulated import SETTINGS, Both
from emulators.warehouse import Warehouse, unhurried

from langsmith_core.destinations.bigquery import sink
from langsmith_core.destinations.duckdb import file as local
from langsmith_core.faces import standalone
from langsmith_core.langsmith import client as langsmith
from langsmith_core.sync import state_json
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.engine import Engine
from simulator import Clock, Simulator

VARIABLES = {"langsmith_runs_without_root": 1}


class Both2(NamedTuple):
    """What dbt made of the same rows in both."""

    outcomes: list[Outcome]
    duckdb: Target
    warehouse: Warehouse
    reports: str


def _synced(sim: Simulator, clock: Clock, warehouse: Warehouse, path: str) -> None:
    session = langsmith.session()
    session.mount("https://", sim.adapter())
    client = langsmith.LangSmith(SETTINGS, clock, clock.now() + timedelta(hours=1), session)
    with sink.opened(warehouse.settings, unhurried) as bigquery, local.opened(path) as file:
        reader = Engine(SETTINGS, client, clock.now, Limits(32_000_000, lambda: 3600.0, stamped=True))
        driver = standalone.Driver(state_json.load(file.load(), SETTINGS.source), Both(bigquery, file), file, clock.now)
        driver.run(reader.batches(driver.state))


@pytest.fixture
def both(warehouse: Warehouse, bigquery_emulator: str, tmp_path: Path) -> Both2:
    """The odd workspace in BigQuery and in DuckDB, and the package built on each."""
    clock, path = Clock("2026-06-01T00:00:00Z"), tmp_path / "odd.duckdb"
    sim = Simulator(clock=clock, mode="smithdb")
    odd_workspace.fill(sim.workspace)
    _synced(sim, clock, warehouse, str(path))
    clock.advance(hours=2)
    odd_workspace.change(sim.workspace)
    _synced(sim, clock, warehouse, str(path))
    target, reports = Target(tmp_path / "reports.duckdb", {"source": path}), f"{warehouse.settings.bigquery_dataset}_reports"
    emulated = {
        "type": "bigquery", "method": "oauth-secrets", "token": "none", "project": bigquery_emulator_project(), "dataset": reports,
        "api_endpoint": f"http://{bigquery_emulator}", "threads": 1,
    }  # fmt: skip
    (tmp_path / "profiles.yml").write_text(
        json.dumps({"langsmith": {"target": "duckdb", "outputs": {"duckdb": target.output(), "emulator": emulated}}})
    )
    there = {"langsmith_schema": warehouse.settings.bigquery_dataset, "langsmith_materialized": "view"}
    commands: list[tuple[str, str, Mapping[str, Any]]] = [
        ("build", "duckdb", {**VARIABLES, "langsmith_database": "source"}),
        ("build", "emulator", {**VARIABLES, **there}),
    ]
    return Both2(invoked(tmp_path, PACKAGE, commands), target, warehouse, reports)


def bigquery_emulator_project() -> str:
    """Return the emulator's project."""
    return bigquery_emulator.PROJECT
