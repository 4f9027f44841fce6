"""`make check-bigquery` asks a project about every statement of the sink. On the emulator: syntax, and what stays behind."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from emulators.bigquery_emulator import PROJECT
from emulators.positions import ROOT
from emulators.warehouse import Warehouse

from destinations.files import batch
from langsmith_core.destinations.bigquery.tables import LAYOUTS, REJECTIONS
from langsmith_core.streams.registry import RUN

KINDS = {"look-up", "load", "merge, inserts", "merge, updates", "count", "heal", "search", "cascade"}
"""All that `make bigquery-costs` counts."""


def checked(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the check as its command does."""
    command = [sys.executable, str(ROOT / "scripts" / "check_bigquery.py")]
    full = {**os.environ, **environment}
    return subprocess.run(command, env=full, capture_output=True, text=True, check=False)  # noqa: S603  our own interpreter and script


def told(output: str) -> list[tuple[str, str, str]]:
    """Return kind, table and outcome of each statement that it printed."""
    return re.findall(r"^(\S.*?) {2,}(langsmith_\w+) .* (accepted|refused)", output, re.MULTILINE)


def test_a_project_without_a_dataset_is_left_as_it_was(warehouse: Warehouse) -> None:
    """Each kind of statement is sent for each table, all are accepted, and the dataset that was made for it goes again."""
    name = warehouse.settings.bigquery_dataset
    result = checked(PROJECT=PROJECT, DATASET=name)
    assert result.returncode == 0, result.stdout + result.stderr
    found = told(result.stdout)
    assert {kind for kind, *_ in found} == KINDS
    assert {table for _, table, _ in found} == {layout.stream.name for layout in (*LAYOUTS, REJECTIONS)}
    assert {outcome for *_, outcome in found} == {"accepted"}
    assert "it counts no bytes and knows no rights" in result.stdout
    assert name not in {dataset.dataset_id for dataset in warehouse.client.list_datasets()}


def test_a_dataset_that_exists_keeps_its_tables_and_rows(warehouse: Warehouse) -> None:
    """No statement runs, no staging table stays. A table that is missing there is refused, by name, and the command fails."""
    row = {"run_id": "r", "_synced_at": "2026-06-01T00:00:00.000000Z"}
    warehouse.write(batch(RUN, row))
    tables, rows = warehouse.tables(), warehouse.rows(RUN)
    assert checked(PROJECT=PROJECT, DATASET=warehouse.settings.bigquery_dataset).returncode == 0
    assert (warehouse.tables(), warehouse.rows(RUN)) == (tables, rows)
    warehouse.client.delete_table(f"{warehouse.dataset}.{RUN.name}")
    result = checked(PROJECT=PROJECT, DATASET=warehouse.settings.bigquery_dataset)
    assert result.returncode == 1
    assert {table for _, table, outcome in told(result.stdout) if outcome == "refused"} == {RUN.name}


@pytest.mark.parametrize("project", ["", " "])
def test_a_check_without_a_project_says_how_it_is_called(project: str) -> None:
    """Nothing is asked where no project is named."""
    result = checked(PROJECT=project)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Name the project: make check-bigquery PROJECT=acme-data [DATASET=langsmith]\n"
