"""Play the state machine of tests/simulation/machine for hours: `make soak`; or play one seed again.

    python scripts/soak.py [--sequences 10000] [--face fivetran|local|connector]      fresh seeds, each in a process of its own
    python scripts/soak.py --face fivetran --seed N [--sequences 50]        the same steps again
    python scripts/soak.py --planted "tie skipped" [...]                    search a seed that finds a planted bug

Prints each seed that fails with its steps in their shortest form and the command that replays it; ends with 1 if any did.
The search prints the first of forty seeds that finds the bug, soonest; ends with 1 if none does.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import pytest  # noqa: E402  the path above comes first
from simulation.machine.running import MACHINES, replay, run  # noqa: E402
from simulation.planted import PLANTS  # noqa: E402
from simulation.test_planted import SEQUENCES, is_found  # noqa: E402

CHUNK, SEARCHED = 50, 40


def main() -> int:
    """Search seeds for planted bugs, or play one seed, or play chunks of sequences with a fresh seed each."""
    asked = _arguments()
    if asked.planted:
        found = [_searched(name) for name in (PLANTS if "all" in asked.planted else asked.planted)]
        return 0 if all(found) else 1
    if asked.seed is not None:
        run(MACHINES[asked.face], asked.seed, min(CHUNK, asked.sequences))
        return 0
    failed = [
        number
        for face in ([asked.face] if asked.face else MACHINES)
        for number in _seeds(asked.sequences)
        if not _passes(face, number)
    ]
    return 1 if failed else 0


def _seeds(sequences: int) -> list[int]:
    return [random.randrange(10**9) for _ in range(0, sequences, CHUNK)]  # noqa: S311  no secret


def _searched(name: str) -> bool:
    """Whether a seed finds a planted bug; the first is printed."""
    bug, seeds = PLANTS[name], [PLANTS[name].seed, *range(SEARCHED)]
    with pytest.MonkeyPatch.context() as patch:
        bug.plant(patch)
        # One that finds it in the first sequence costs the tests least.
        tried = ((number, sequences) for sequences in (1, SEQUENCES) for number in seeds)
        found = next((number for number, sequences in tried if is_found(bug, number, sequences)), None)
    print(f"{name}: no seed below {SEARCHED} finds it" if found is None else f"{name}: seed {found} finds it", flush=True)
    return found is not None


def _passes(face: str, number: int) -> bool:
    """Whether a chunk passes. Its process prints what fails, and frees its memory when it ends."""
    command = [sys.executable, __file__, "--face", face, "--seed", str(number)]
    passed = subprocess.run(command, check=False).returncode == 0
    print(f"{face}: {CHUNK} sequences of seed {number} passed" if passed else replay(face, number, CHUNK), flush=True)
    return passed


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--sequences", type=int, default=10_000, help="for each face, in chunks of 50")
    parser.add_argument("--seed", type=int, help="this one only, as a failure has named it")
    parser.add_argument("--planted", nargs="+", choices=["all", *sorted(PLANTS)], help="planted bugs to search a seed for")
    parser.add_argument("--face", choices=sorted(MACHINES))
    asked = parser.parse_args()
    if asked.seed is not None and asked.face is None:
        parser.error("--seed needs --face")
    return asked


if __name__ == "__main__":
    sys.exit(main())
