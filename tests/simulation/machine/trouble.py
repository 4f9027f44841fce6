"""Steps that make the way to LangSmith hard: faults by a table, switches of the simulator, the bounds of a call.

Not here: what a call does about them (calls).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from simulation.machine.source import Source

from simulator import Fault
from simulator.messages import Request

HTML = {"content_type": "text/html", "body": "<html><body>Bad Gateway</body></html>"}
FAULTS: Mapping[str, dict[str, Any]] = {
    "429": {"status": 429, "headers": {"Retry-After": "1"}},
    "429 for long": {"status": 429, "headers": {"Retry-After": "600"}},
    "429 bare": {"status": 429},
    "500": {"status": 500, "body": {"detail": "Internal server error"}},
    "502": {"status": 502, **HTML},
    "503": {"status": 503},
    "504": {"status": 504, **HTML},
    "reset": {"reset": True},
    "lost": {"lose_answer": True},
    "cut": {"truncate": 0.6},
    "html": {"status": 200, **HTML},
    "garbage": {"status": 200, "body": b'{"detail": '},
    "firewall": {"status": 403, **HTML},
    "slow": {"slow": 20.0},
    "silent": {"slow": 90.0},
    "elsewhere": {"redirect": "https://elsewhere.example/api"},
    "refused": {"status": 400, "body": {"detail": "no"}},
    "key refused": {"status": 401, "body": {"detail": "Invalid token"}},
    "cursor expires": {"cursor": "expire"},
    "cursor repeats": {"cursor": "repeat"},
    "shift down": {"offset_shift": 1},
    "shift up": {"offset_shift": -2},
}
"""What strikes a request, once or for a while. A 404 is no fault: LangSmith says by it that a record is gone."""
TIMES_MAX = {"cursor repeats": 2, "shift down": 7, "shift up": 7}
"""A list that shifts for ever at every page is read again for ever."""
KINDS = (None, "runs", "sessions", "feedback", "datasets", "examples", "versions", "diff", "info")
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


class Trouble(Source):
    """A LangSmith that fails, changes, and a configuration that does."""

    trouble = False
    """Whether faults may still strike: then a call may fail."""

    faults, kinds = tuple(FAULTS), KINDS
    switches = switches

    @rule(
        name=st.runner().flatmap(lambda machine: st.sampled_from(machine.faults)),
        kind=st.runner().flatmap(lambda machine: st.sampled_from(machine.kinds)),
        after=st.integers(0, 8),
        times=st.sampled_from([1, 2, 7, None]),
    )
    def fault_is_planned(self, name: str, kind: str | None, after: int, times: int | None) -> None:
        """From a few requests on, a fault strikes; without `times`, until it is mended."""
        served = len(self.world.sim.requests) + after
        times = min(times or TIMES_MAX.get(name, 0), TIMES_MAX.get(name, 7)) or None

        def when(_: Request) -> bool:
            return len(self.world.sim.requests) > served

        fault = Fault(kind=kind, times=times, when=when, **FAULTS[name])
        self.world.sim.faults.add(fault)
        self.trouble = True

    @rule()
    def faults_are_mended(self) -> None:
        """What was planned is forgotten."""
        self.world.sim.faults.clear()
        self.trouble = False

    @rule(switch=st.runner().flatmap(lambda machine: machine.switches))
    def langsmith_changes(self, switch: tuple[str, Any]) -> None:
        """Another run API, another order, another last page."""
        setattr(self.world.sim, *switch)

    @rule()
    def cursors_die(self) -> None:
        """Every cursor handed out is a 400."""
        self.world.sim.expire_cursors()

    @rule(bound=bounds)
    def bounds_change(self, bound: tuple[str, str]) -> None:
        """Calls get another page size, time or weight."""
        self.world.configure(**dict([bound]))

    def calm(self) -> None:
        """No trouble any more, and bounds that let a sync end."""
        self.faults_are_mended()
        self.world.sim.rate_limits = False
        self.world.configure(**CALM)
