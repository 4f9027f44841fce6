"""The state machine finds every bug of `planted`, by its verdicts on tables and states.

A few sequences of all steps of the face find each, as test_machine chooses them. `stale replaces newer` needs a pass that hangs,
and only the three steps that make one are played. That test_machine's own seeds find the bugs is not proven.

Each bug has a seed that finds it. A change of the product or of the machine may change what follows from a seed. Then the test
fails, and `make soak` or scripts/soak.py --planted searches for another seed.
"""

from __future__ import annotations

import re

import pytest
from simulation.machine.running import MACHINES, restricted, run
from simulation.planted import PLANTS, Plant

from fivetran_model import ProtocolViolation

SEQUENCES = 5
FOUND = re.compile(
    r"is missing since|is not as it was left by|never was|is gone from the workspace since|its parent never had|has an old"
    r"|and still there is a|a position is kept whose rows are not"
)
"""The machine's verdicts on tables and states."""
CRASH = re.compile(r"fails without a reason: 500")


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine fails with the bug, and says what is wrong in the destination. A crash would prove nothing."""
    bug = PLANTS[name]
    bug.plant(monkeypatch)
    assert is_found(bug, bug.seed), (
        f"seed {bug.seed} finds it no more; run scripts/soak.py --planted {name!r} and put the seed that it prints"
        " into simulation/planted"
    )


def is_found(bug: Plant, number: int, sequences: int = SEQUENCES) -> bool:
    """Return whether the machine finds a planted bug by a seed. Raise AssertionError where the bug crashes the product."""
    said = verdict(bug, number, sequences)
    assert not CRASH.search(said), said
    return FOUND.search(said) is not None


def verdict(bug: Plant, number: int, sequences: int) -> str:
    """Return what the machine says of a few sequences, or nothing where all is well."""
    whole = MACHINES[bug.face]
    try:
        run(restricted(whole, bug.steps) if bug.steps else whole, number, sequences, steps=bug.length, shrink=False)
    except (AssertionError, ProtocolViolation, pytest.fail.Exception) as failure:
        return str(failure)
    return ""
