"""Running a machine by a seed: the same seed, face and number of sequences are the same steps on every machine.

Not here: which seeds (the tests' are fixed, `scripts/soak.py` takes fresh ones).
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.internal.conjecture import providers
from hypothesis.internal.constants_ast import Constants
from hypothesis.stateful import RULE_MARKER, run_state_machine_as_test
from simulation.machine.calls import Calls
from simulation.machine.faces import FivetranMachine, LocalMachine

from simulator.messages import Request, Response

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
    with _silent(), _same_choices():
        run_state_machine_as_test(seed(number)(type(machine.__name__, (machine,), {})), settings=chosen)


@contextmanager
def _silent() -> Iterator[None]:
    """Nothing is logged: thousands of failures are planned."""
    disabled = logging.getLogger().manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(disabled)


@contextmanager
def _same_choices() -> Iterator[None]:
    """A seed alone decides. Hypothesis also draws constants of whatever modules are loaded, other ones in each test process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(providers, "_get_local_constants", Constants)
        providers.CONSTANTS_CACHE.cache.clear()
        yield
    providers.CONSTANTS_CACHE.cache.clear()


def fingerprint(face: str, number: int, sequences: int) -> str:
    """Of the requests that these steps make of LangSmith, in their order."""
    digest, machine = hashlib.sha256(), MACHINES[face]

    def served(self: Calls, request: Request) -> Response:
        digest.update(f"{request.method} {request.path} {request.query} {request.body}".encode())
        return machine._served(self, request)  # noqa: SLF001  what it replaces

    run(type(machine.__name__, (machine,), {"_served": served}), number, sequences, shrink=False)
    return digest.hexdigest()


def replay(face: str, number: int, sequences: int) -> str:
    """The command that runs the same steps again."""
    return f"replay: .venv/bin/python scripts/soak.py --face {face} --seed {number} --sequences {sequences}"
