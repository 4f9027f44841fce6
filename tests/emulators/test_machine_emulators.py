"""The state machine plays against the standalone face, as tests/simulation/test_machine.py plays against the other faces.

Each job takes the BigQuery emulator a third of a second. So there are few sequences, and half of them have only this face's own
steps and some changes.
"""

from __future__ import annotations

import pytest
from emulators.firestore_emulator import Emulator
from emulators.machine_face import CloudMachine
from simulation.machine.calls import Calls
from simulation.machine.expectations import judged
from simulation.machine.running import restricted, run

OWN = ("instance_dies", "second_scheduler", "late_owner")
CHANGES = ("a_project_appears", "runs_arrive", "a_dataset_appears", "examples_change", "clock_turns")
MACHINES: dict[str, type[Calls]] = {"every step": CloudMachine, "its own steps": restricted(CloudMachine, (*OWN, *CHANGES))}
SEQUENCES, STEPS = 2, 12
EXAMPLES, FEEDBACK = 4, 6
"""Requests of a first pass: info, projects, datasets, the dataset's newest version, its examples (two), feedback."""


@pytest.fixture(autouse=True)
def emulators(bigquery_emulator: str, firestore_emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Start both emulators, and set the product to use them."""
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery_emulator)
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", firestore_emulator.address)


@pytest.mark.parametrize(("steps", "number"), [("every step", 0), ("its own steps", 1)])
def test_at_rest_nothing_is_lost_and_nothing_doubled(steps: str, number: int) -> None:
    """Passes die, overlap or come too late. Once all is at rest, each table in BigQuery equals the truth, row by row."""
    run(MACHINES[steps], number, SEQUENCES, steps=STEPS, shrink=False)


def test_rows_of_an_overtaken_pass_replace_nothing_newer() -> None:
    """An example edited after a pass has read it stays edited, though that pass writes late."""
    assert edited_meanwhile(FEEDBACK) == []


def test_examples_of_an_older_version_read_late() -> None:
    """Examples carry their version's time, so a pass that reads an old version late replaces nothing newer."""
    assert edited_meanwhile(EXAMPLES) == []


def edited_meanwhile(request: int) -> list[str]:
    """Let a pass stand still before this request, while an example is edited and another pass reads it. Return what is wrong."""
    machine = CloudMachine()
    try:
        machine.workspace_with_a_past(projects=0, days=0, datasets=1)
        machine.overtaken(request, lambda: machine.examples_change(0, "edit", 1))
        machine.calm()
        machine.sync_is_made()
        return list(machine.expectations.violations(judged(machine.world.truth()), machine.tables()))
    finally:
        machine.end()
        machine.patch.undo()
        machine.folder.cleanup()
