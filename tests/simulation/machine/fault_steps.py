"""Steps that make reading hard: faults from a table, switches of the simulator, the bounds of a call.

calls.py fails the test where a call fails and no fault explains it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import rule
from simulation.fault_table import MOVING, PACE, PLAYED
from simulation.machine.source import Source

from simulator import Fault
from simulator.messages import Request

FAULTS = {**PLAYED, **MOVING}
STORAGE = tuple(
    name
    for name, (fault, _) in PLAYED.items()
    if not fault.get("redirect") and (fault.get("status") in (None, 403, 429) or fault["status"] >= 500)
)
"""Faults that also strike downloads of payloads. The others would leave markers for good (test_offloaded)."""
TIMES_MAX = {"cursor repeats": 2}
KINDS = (None, "runs", "sessions", "feedback", "datasets", "examples", "versions", "diff", "info", "download")
SWITCHES: Mapping[str, tuple[Any, ...]] = {
    "stats_served": (True, False),
    "mode": ("clickhouse", "dual", "smithdb"),
    "last_page": ("null", "empty", "missing", "trailing"),
    "short_pages": (False, True),
    "feedback_order": ("newest", "oldest", "by_id"),
    "costs_as_strings": (False, True),
    "rate_limits": (False, True),
}
BOUNDS: Mapping[str, tuple[str, ...]] = {
    "PAGE_SIZE": ("2", "3", "5", "100"),
    "MAX_SECONDS": ("2", "20", "240"),
    "MAX_RESPONSE_MB": ("0.03", "0.1", "8"),
}
CALM = {"PAGE_SIZE": "5", "MAX_SECONDS": "240", "MAX_RESPONSE_MB": "0.05"}
switches = st.sampled_from([(name, value) for name, values in SWITCHES.items() for value in values])
bounds = st.sampled_from([(name, value) for name, values in BOUNDS.items() for value in values])
often = st.sampled_from([1, 2, 7, None])


class Planned(NamedTuple):
    """A fault, the status with which it may fail a call, and its strikes before the last call and before this one."""

    fault: Fault
    status: int | None
    before: int = 0
    begun: int = 0

    @property
    def spent(self) -> bool:
        """Whether it has struck as often as it may."""
        return self.fault.times is not None and self.fault.struck >= self.fault.times


class FaultSteps(Source):
    """A LangSmith that fails or changes, and a configuration that changes."""

    def __init__(self) -> None:
        super().__init__()
        self.planned: list[Planned] = []

    @property
    def trouble(self) -> bool:
        """Whether faults may still strike."""
        return not all(one.spent for one in self.planned)

    def call_begins(self) -> None:
        """Begin a call. Only faults that strike it, or struck the last one, excuse its failure: an answer may wait for it."""
        kept = [one for one in self.planned if not one.spent or one.fault.struck > one.begun]
        self.planned = [one._replace(before=one.begun, begun=one.fault.struck) for one in kept]

    def may_fail(self, status: int, message: str) -> bool:
        """Return whether a fault that struck the current call explains a failure with this status and message."""
        struck = {one.status for one in self.planned if one.fault.struck > one.before}
        return status in struck or (status == 503 and PACE in message)

    @rule(name=st.sampled_from(tuple(FAULTS)), kind=st.sampled_from(KINDS), after=st.integers(0, 8), times=often)
    def fault_is_planned(self, name: str, kind: str | None, after: int, times: int | None) -> None:
        """Plan a fault that begins after a few requests. Without `times` it lasts until it is mended."""
        served = len(self.world.sim.requests) + after
        times = min(times or TIMES_MAX.get(name, 0), TIMES_MAX.get(name, 7)) or None

        def when(request: Request) -> bool:
            return len(self.world.sim.requests) > served and (request.kind != "download" or name in STORAGE)

        fault, status = FAULTS[name]
        planned = self.world.sim.faults.add(Fault(kind=kind, times=times, when=when, **fault))
        self.planned.append(Planned(planned, status))

    @rule()
    def faults_are_mended(self) -> None:
        """Remove all planned faults."""
        self.world.sim.faults.clear()
        self.planned.clear()

    @rule(switch=switches)
    def langsmith_changes(self, switch: tuple[str, Any]) -> None:
        """Set a switch of the simulator, such as the run API or the form of the last page."""
        setattr(self.world.sim, *switch)

    def run_api_switches(self) -> None:
        """Serve the other run API. An instance that serves both keeps the newer one."""
        self.world.sim.mode = "clickhouse" if self.world.sim.mode == "smithdb" else "smithdb"

    @rule()
    def cursors_die(self) -> None:
        """Expire every cursor handed out so far."""
        self.world.sim.expire_cursors()

    @rule(bound=bounds)
    def bounds_change(self, bound: tuple[str, str]) -> None:
        """Change the page size, the seconds or the bytes of a call."""
        self.world.configure(**dict([bound]))

    def calm(self) -> None:
        """End all faults, and set bounds that let a sync end."""
        self.faults_are_mended()
        self.world.sim.rate_limits = False
        self.world.configure(**CALM)
