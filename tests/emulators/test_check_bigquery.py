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
from langsmith_core.destinations.bigquery.counts import KIND
from langsmith_core.destinations.bigquery.tables import EVERY
from langsmith_core.streams.registry import RUN

KINDS = {"look-up", "load", "merge, inserts", "merge, updates", "count", "heal", "search", "cascade", KIND}
"""All that `make bigquery-costs` counts, and the counts that are compared with LangSmith's."""


LIMIT = "MERGE INTO with DuckLake only supports a single UPDATE/DELETE action currently"
"""Why this emulator takes no dry run of a merge with an UPDATE. It runs such a merge."""
ALL = {layout.stream.name for layout in EVERY}


def checked(**environment: str) -> subprocess.CompletedProcess[str]:
    """Run the check as its command does."""
    command = [sys.executable, str(ROOT / "scripts" / "check_bigquery.py")]
    full = {**os.environ, **environment}
    return subprocess.run(command, env=full, capture_output=True, text=True, check=False)  # noqa: S603  our own interpreter and script


def told(output: str) -> list[tuple[str, str, str]]:
    """Return kind, table and outcome of each statement that it printed."""
    return re.findall(r"^(\S.*?) {2,}(langsmith_\w+) .* (accepted|refused)", output, re.MULTILINE)


def test_a_project_without_a_dataset_is_left_as_it_was(warehouse: Warehouse) -> None:
    """Each kind of statement is sent, for each table, and the dataset that was made for it goes again.

    What the emulator cannot take is refused with its own words, and is a failure of the command.
    """
    name = warehouse.settings.bigquery_dataset
    result = checked(PROJECT=PROJECT, DATASET=name)
    found = told(result.stdout)
    assert {(kind, outcome == "accepted") for kind, _, outcome in found} == {(kind, kind != "merge, updates") for kind in KINDS}
    assert {table for _, table, _ in found} == ALL
    assert (result.returncode, result.stdout.count(LIMIT)) == (1, len(ALL))
    assert "it counts no bytes and knows no rights" in result.stdout
    assert name not in {dataset.dataset_id for dataset in warehouse.client.list_datasets()}


def test_a_dataset_that_exists_keeps_its_tables_and_rows(warehouse: Warehouse) -> None:
    """No statement runs, no staging table stays. What asks a table that is missing there is refused."""
    row = {"run_id": "r", "_synced_at": "2026-06-01T00:00:00.000000Z"}
    warehouse.write(batch(RUN, row))
    tables, rows = warehouse.tables(), warehouse.rows(RUN)
    before = told(checked(PROJECT=PROJECT, DATASET=warehouse.settings.bigquery_dataset).stdout)
    assert (warehouse.tables(), warehouse.rows(RUN)) == (tables, rows)
    warehouse.client.delete_table(f"{warehouse.dataset}.{RUN.name}")
    after = told(checked(PROJECT=PROJECT, DATASET=warehouse.settings.bigquery_dataset).stdout)
    assert {table for _, table, _ in set(after) - set(before)} == {RUN.name}
    assert {kind for kind, table, outcome in after if (table, outcome) == (RUN.name, "accepted")} == {"load"}


@pytest.mark.parametrize("project", ["", " "])
def test_a_check_without_a_project_says_how_it_is_called(project: str) -> None:
    """Nothing is asked where no project is named."""
    result = checked(PROJECT=project)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == "Name the project: make check-bigquery PROJECT=acme-data [DATASET=langsmith]\n"
