"""Everything is played against the product: sequences of steps that Hypothesis chooses, each brought to rest and judged.

The seeds are fixed, so that a failure is the same on every machine; `make soak` takes others.
"""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from simulation.machine.running import MACHINES, fingerprint, replay, run

SEQUENCES = 25
"""Of 50 steps each: with eight seeds 200 for each face."""


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("face", MACHINES)
def test_at_rest_nothing_is_lost_and_nothing_doubled(face: str, number: int) -> None:
    """After quiescence each table equals the truth, row by row; a violation of the protocol fails at once."""
    print(replay(face, number, SEQUENCES))  # noqa: T201  shown where it fails
    run(MACHINES[face], number, SEQUENCES, shrink=False)


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
