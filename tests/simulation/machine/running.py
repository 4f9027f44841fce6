"""Running a machine by a seed: the same seed, face and number of sequences are the same steps on every machine.

Not here: which seeds (the tests' are fixed, `scripts/soak.py` takes fresh ones).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from typing import Any

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RULE_MARKER, run_state_machine_as_test
from simulation.machine.calls import Calls
from simulation.machine.faces import FivetranMachine, LocalMachine

MACHINES: dict[str, type[Calls]] = {"fivetran": FivetranMachine, "local": LocalMachine}
STEPS = 50


def restricted(machine: type[Calls], keep: Collection[str], **members: Any) -> type[Calls]:
    """The same machine with the rules named only, and other `members`. Every sequence still ends at rest."""
    rules = [name for name in dir(machine) if hasattr(getattr(machine, name), RULE_MARKER)]
    assert set(keep) <= set(rules), set(keep) - set(rules)
    without = {name: _no_rule(getattr(machine, name)) for name in rules if name not in keep}
    return type(machine.__name__, (machine,), {**without, **members})


def _no_rule(method: Callable[..., Any]) -> Callable[..., Any]:
    def plain(self: Any, *values: Any, **named: Any) -> Any:
        return method(self, *values, **named)

    return plain


def run(machine: type[Calls], number: int, sequences: int, *, steps: int = STEPS, shrink: bool = True) -> None:
    """Run sequences of steps chosen by a seed. Raises what the first failing one raises, its shortest form if `shrink`."""
    phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
    chosen = settings(
        max_examples=sequences,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=phases,
        suppress_health_check=list(HealthCheck),
    )
    logger = logging.getLogger()
    disabled = logger.manager.disable
    logging.disable(logging.CRITICAL)  # thousands of planned failures
    try:
        run_state_machine_as_test(seed(number)(type(machine.__name__, (machine,), {})), settings=chosen)
    finally:
        logging.disable(disabled)


def replay(face: str, number: int, sequences: int) -> str:
    """The command that runs the same steps again."""
    return f"replay: .venv/bin/python scripts/soak.py --face {face} --seed {number} --sequences {sequences}"
