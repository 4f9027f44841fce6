"""The machine is worth something: every bug of `planted` is found by it, by the same verdict, in at most 200 short sequences."""

from __future__ import annotations

import pytest
from simulation.machine.running import MACHINES, restricted, run
from simulation.planted import PLANTS

from fivetran_model import ProtocolViolation

SEQUENCES, STEPS, SEED = 200, 20, 1


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bug the machine fails, and by its own verdict."""
    bug = PLANTS[name]
    bug.plant(monkeypatch)
    with pytest.raises((AssertionError, ProtocolViolation, pytest.fail.Exception)):
        run(restricted(MACHINES[bug.face], bug.steps, **bug.members), SEED, SEQUENCES, steps=STEPS, shrink=False)


@pytest.mark.parametrize("name", PLANTS)
def test_nothing_is_found_where_nothing_is_planted(name: str) -> None:
    """The same steps without the bug pass: what was found is the bug."""
    bug = PLANTS[name]
    run(restricted(MACHINES[bug.face], bug.steps, **bug.members), SEED, 10, steps=STEPS, shrink=False)
