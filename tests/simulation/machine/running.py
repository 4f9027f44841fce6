"""Run a machine by a seed: the same seed, face and number of sequences give the same steps on every computer.

The tests use fixed seeds, `scripts/soak.py` takes fresh ones.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import leaks
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import RULE_MARKER, run_state_machine_as_test
from simulation.machine import uniform
from simulation.machine.calls import Calls
from simulation.machine.connector_face import ConnectorMachine
from simulation.machine.faces import FivetranMachine, LocalMachine

from langsmith_core import logs
from simulator.messages import Request, Response

MACHINES: dict[str, type[Calls]] = {"fivetran": FivetranMachine, "local": LocalMachine, "connector": ConnectorMachine}
STEPS = 50
FURTHER = 10**9
"""The distance to a further seed, if one is not enough. `scripts/soak.py` takes seeds below it."""


def restricted(machine: type[Calls], keep: Collection[str], **members: Any) -> type[Calls]:
    """Return the machine with only the named rules, and with other `members`. Every sequence still ends at rest."""
    rules = [name for name in dir(machine) if hasattr(getattr(machine, name), RULE_MARKER)]
    assert set(keep) <= set(rules), set(keep) - set(rules)
    without = {name: _no_rule(getattr(machine, name)) for name in rules if name not in keep}
    return type(machine.__name__, (machine,), {**without, **members})


def _no_rule(method: Callable[..., Any]) -> Callable[..., Any]:
    def plain(self: Any, *values: Any, **named: Any) -> Any:
        return method(self, *values, **named)

    return plain


def run(machine: type[Calls], number: int, sequences: int, *, steps: int = STEPS, shrink: bool = True) -> list[int]:
    """Play this many sequences of `steps` each, chosen by a seed. Return the number of steps of each finished sequence.

    Raise what the first failing sequence raises, in its shortest form if `shrink`. Hypothesis discards a sequence if none of the
    chosen steps is possible. Sequences by further seeds replace it.
    """
    played: list[int] = []
    with only_watched() as sentry:
        for further in count():
            left = sequences - played.count(steps)
            if left <= 0:
                return played
            chosen = {"played": played, "sentry": sentry}
            _play(type(machine.__name__, (machine,), chosen), number + further * FURTHER, left, steps, shrink=shrink)
    raise AssertionError("a count has no end")


def _play(machine: type[Calls], number: int, sequences: int, steps: int, *, shrink: bool) -> None:
    chosen = settings(
        max_examples=sequences,
        stateful_step_count=steps + 1,  # Hypothesis counts the step that creates the workspace
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        backend=uniform.NAME,
    )
    run_state_machine_as_test(seed(number)(machine), settings=chosen)


@contextmanager
def only_watched() -> Iterator[leaks.QuickLeakWatch]:
    """Send all log lines to a leak watch only, since thousands of planned failures would flood the output."""
    loggers = [logging.getLogger(name) for name in (None, *logs.NAMES)]
    before, sentry = [logger.handlers[:] for logger in loggers], leaks.QuickLeakWatch()
    for logger in loggers:
        logger.handlers[:] = []
    loggers[0].addHandler(sentry)
    try:
        yield sentry
    finally:
        for logger, handlers in zip(loggers, before, strict=True):
            logger.handlers[:] = handlers


def fingerprint(face: str, number: int, sequences: int) -> str:
    """Return a digest of all requests that these steps send to LangSmith, in order."""
    digest, machine = hashlib.sha256(), MACHINES[face]

    def served(self: Calls, request: Request) -> Response:
        digest.update(f"{request.method} {request.path} {request.query} {request.body}".encode())
        return machine._served(self, request)  # noqa: SLF001  the method that it replaces

    run(type(machine.__name__, (machine,), {"_served": served}), number, sequences, shrink=False)
    return digest.hexdigest()


def replay(face: str, number: int, sequences: int) -> str:
    """Return the shell command that runs the same steps again."""
    return f"replay: .venv/bin/python scripts/soak.py --face {face} --seed {number} --sequences {sequences}"
