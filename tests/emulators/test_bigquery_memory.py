"""How much memory a pass into BigQuery takes, and that Terraform's default is far above it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from emulators.bigquery_emulator import PROJECT
from emulators.firestore_emulator import Emulator
from emulators.positions import ROOT
from emulators.warehouse import Warehouse
from processes.test_memory import Measured, peak

RUNS, BYTES = 1_200, 75_000
"""Rows of 90 MB in all: several batches, each as large as a batch may be, one written while the next is read."""


def test_the_default_memory_is_twice_what_a_pass_takes(
    warehouse: Warehouse, bigquery_emulator: str, firestore_emulator: Emulator, tmp_path: Path
) -> None:
    """A backfill of heavy runs into BigQuery takes less than half of the memory that Terraform gives the function."""
    measured = Measured(tmp_path, "sync")
    now = measured.sim.clock.now()
    for number in range(RUNS):
        inputs = {"q": f"{number:06}" + "x" * BYTES}
        measured.sim.workspace.add_run(measured.light, start_time=now - timedelta(seconds=60 * number + 60), inputs=inputs)
    calls = measured.read(
        SINK="bigquery",
        STATE_STORE="firestore",
        GOOGLE_CLOUD_PROJECT=PROJECT,
        BIGQUERY_DATASET=warehouse.settings.bigquery_dataset,
        BIGQUERY_EMULATOR_HOST=bigquery_emulator,
        FIRESTORE_EMULATOR_HOST=firestore_emulator.address,
    )
    assert calls[-1] == {"status": 200, "has_more": False, "peak": peak(calls)}
    ((rows,),) = warehouse.ask("SELECT COUNT(*) FROM `{}.langsmith_run`")
    assert rows == RUNS + 6
    sync = (ROOT / "terraform" / "variables.tf").read_text().split('variable "sync"')[1]
    given = re.search(r'memory += optional\(string, "(\d+)(Mi|Gi)"\)', sync)
    assert given
    assert 2 * peak(calls) < int(given[1]) * {"Mi": 2**20, "Gi": 2**30}[given[2]]
