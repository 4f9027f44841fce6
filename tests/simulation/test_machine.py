"""The state machine against the product: Hypothesis chooses sequences of steps. Each ends at rest and is checked.

The seeds are fixed, so that a failure is the same on every computer. `make soak` takes other seeds.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from simulation.machine.running import MACHINES, STEPS, fingerprint, replay, restricted, run

SEQUENCES = 10
SEEDS = {"fivetran": range(6), "local": range(2), "connector": range(3)}
"""Seeds, each of SEQUENCES sequences. Most play on Fivetran's model, in memory, since both faces share the engine."""


@pytest.mark.parametrize(("face", "number"), [(face, number) for face, numbers in SEEDS.items() for number in numbers])
def test_at_rest_nothing_is_lost_and_nothing_doubled(face: str, number: int) -> None:
    """Each table equals the truth, row by row, once all is at rest. Every sequence plays all its steps."""
    print(replay(face, number, SEQUENCES))  # noqa: T201  shown where it fails
    played = run(MACHINES[face], number, SEQUENCES, shrink=False)
    assert played.count(STEPS) == SEQUENCES


def test_every_face_plays_sequences_of_fifty_steps() -> None:
    """The seeds add up to 60, 20 and 30 sequences of 50 steps. `make soak` plays 10,000 for each face."""
    played = {face: SEQUENCES * len(numbers) for face, numbers in SEEDS.items()}
    assert (played, STEPS) == ({"fivetran": 60, "local": 20, "connector": 30}, 50)
    assert SEEDS.keys() == MACHINES.keys()


def test_sequences_that_hypothesis_throws_away_are_made_up_for() -> None:
    """As many sequences are played as asked for, even where Hypothesis discards many."""
    idle = restricted(MACHINES["fivetran"], ("a_run_finishes", "cursors_die"))
    assert run(idle, 1, 8, steps=3, shrink=False).count(3) == 8


@pytest.mark.parametrize("face", MACHINES)
def test_a_seed_is_the_same_steps_everywhere(face: str) -> None:
    """A seed gives the same requests in a process with other modules and hashes, so it replays a failure."""
    program = f"from simulation.machine.running import fingerprint; print(fingerprint({face!r}, 5, 1))"
    other = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": "7"},
        check=True,
        capture_output=True,
        text=True,
    )
    assert other.stdout.strip() == fingerprint(face, 5, 1)
