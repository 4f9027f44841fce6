"""Everything is played against the product: sequences of steps that Hypothesis chooses, each brought to rest and judged.

The seeds are fixed, so that a failure is the same on every machine; `make soak` takes others.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from simulation.machine.running import MACHINES, STEPS, fingerprint, replay, restricted, run

SEQUENCES, SEEDS = 25, range(8)
"""Of 50 steps each by each seed: 200 for each face."""


@pytest.mark.parametrize("number", SEEDS)
@pytest.mark.parametrize("face", MACHINES)
def test_at_rest_nothing_is_lost_and_nothing_doubled(face: str, number: int) -> None:
    """After quiescence each table equals the truth, row by row; a violation of the protocol fails at once. No step is missing."""
    print(replay(face, number, SEQUENCES))  # noqa: T201  shown where it fails
    played = run(MACHINES[face], number, SEQUENCES, shrink=False)
    assert played.count(STEPS) == SEQUENCES


def test_two_hundred_sequences_of_fifty_steps() -> None:
    """What the tests above add up to, for each face."""
    assert (SEQUENCES * len(SEEDS), STEPS) == (200, 50)


def test_sequences_that_hypothesis_throws_away_are_made_up_for() -> None:
    """Where a step that is chosen is often impossible, as many are played as without."""
    idle = restricted(MACHINES["fivetran"], ("a_run_finishes", "cursors_die"))
    assert run(idle, 1, 20, steps=3, shrink=False).count(3) == 20


@pytest.mark.parametrize("face", MACHINES)
def test_a_seed_is_the_same_steps_everywhere(face: str) -> None:
    """A process that has loaded other modules and hashes otherwise makes the same requests, so a failure's seed replays it."""
    program = f"from simulation.machine.running import fingerprint; print(fingerprint({face!r}, 5, 3))"
    other = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert other.stdout.strip() == fingerprint(face, 5, 3)
