"""The machine is worth something: every bug of `planted` is found by it, by the same verdict, in short sequences.

Each has a seed that finds it among the first twenty; when other code has changed what follows from it, others are tried.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from simulation.machine.running import MACHINES, restricted, run
from simulation.planted import PLANTS

from fivetran_model import ProtocolViolation

SEQUENCES, STEPS, SEEDS = 40, 20, range(50)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bug the machine fails, and by its own verdict."""
    PLANTS[name].plant(monkeypatch)
    with pytest.raises((AssertionError, ProtocolViolation, pytest.fail.Exception)):
        played(name, (PLANTS[name].seed, *SEEDS), SEQUENCES)


@pytest.mark.parametrize("name", PLANTS)
def test_nothing_is_found_where_nothing_is_planted(name: str) -> None:
    """The same steps without the bug pass: what was found is the bug."""
    played(name, range(1), 3)


def played(name: str, seeds: Iterable[int], sequences: int) -> None:
    """Sequences of the bug's steps by each seed in turn, until one fails."""
    bug = PLANTS[name]
    for seed in seeds:
        run(restricted(MACHINES[bug.face], bug.steps, **bug.members), seed, sequences, steps=STEPS, shrink=False)
