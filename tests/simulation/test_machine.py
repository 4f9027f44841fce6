"""Everything is played against the product: sequences of steps that Hypothesis chooses, each brought to rest and judged.

The seeds are fixed, so that a failure is the same on every machine; `make soak` takes others.
"""

from __future__ import annotations

import pytest
from simulation.machine.running import MACHINES, replay, run

SEQUENCES = 25
"""Of 50 steps each: with eight seeds 200 for each face."""


@pytest.mark.parametrize("number", range(8))
@pytest.mark.parametrize("face", MACHINES)
def test_at_rest_nothing_is_lost_and_nothing_doubled(face: str, number: int) -> None:
    """After quiescence each table equals the truth, row by row; a violation of the protocol fails at once."""
    print(replay(face, number, SEQUENCES))  # noqa: T201  shown where it fails
    run(MACHINES[face], number, SEQUENCES, shrink=False)
