"""Steps that call the product, on schedule and off it.

faces.py says how each face is called and what its tables are. settling.py ends a sequence and checks it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from simulation.machine.expectations import Expectations
from simulation.machine.fault_steps import FaultSteps
from werkzeug.test import TestResponse

import main
from langsmith_core.sync import names
from product import Table, World
from simulator.adapter import SimulatorAdapter
from simulator.messages import Request, Response
from simulator.settings import Mode

LATENCY = 0.15
"""Seconds that every request takes, so that the clock moves during a call."""
TURNS = tuple(
    timedelta(**{unit: number})
    for unit, numbers in {"seconds": (7,), "minutes": (3, 20), "hours": (2, 23), "days": (1, 4, 9)}.items()
    for number in numbers
)
MEANWHILE = ("run", "feedback", "rename", "delete", "switch", "cursors")
PASSES_MAX, PASSES_TROUBLED = 400, 30
"""The most calls of one sync, and of one with faults: while requests hang, a look takes so long that the next is due."""
REQUESTS_MAX = 60_000
"""Requests of one sequence at most. The largest sequences need about a tenth of it."""


class Died(BaseException):
    """Raised where the process is killed."""


class CallFailed(Exception):  # noqa: N818  a regular answer of a target, not an error of the machine
    """A target answered with a failure."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Calls(FaultSteps):
    """Calls of one face. A face implements `call`, `state` and `tables`."""

    mode: Mode = "clickhouse"

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(self.patch, Path(self.folder.name), self.mode)
        self.expectations = Expectations()
        self.at_request: dict[int, Callable[[], None]] = {}
        main.SESSION.mount("https://", SimulatorAdapter(self._served, self.world.clock))
        self.world.configure(PAGE_SIZE="3", MAX_RESPONSE_MB="8")
        self.patch.setattr(self.world, "post", self._posted(self.world.post))
        self.begin()

    def begin(self) -> None:
        """Prepare the face. By default there is nothing to prepare."""

    def call(self) -> bool:
        """Make one call. Return whether there is more, or raise CallFailed."""
        raise NotImplementedError

    def state(self) -> Mapping[str, Any]:
        """The state with which the next call begins."""
        raise NotImplementedError

    def tables(self) -> Mapping[str, Table]:
        """The destination's live rows, by table and key."""
        raise NotImplementedError

    def _served(self, request: Request) -> Response:
        if len(self.world.sim.requests) > REQUESTS_MAX:
            pytest.fail(f"more than {REQUESTS_MAX} requests: it never ends")
        act = self.at_request.pop(len(self.world.sim.requests), None)
        if act:
            act()
        struck = self._struck()
        response = self.world.sim.handle(request)
        if request.kind == "download" and self._struck() > struck:
            self.expectations.storage_failed(self.now)
        response.delay_seconds += LATENCY
        return response

    def _struck(self) -> int:
        return sum(one.fault.struck for one in self.planned)

    def _posted(self, post: Callable[[str, bytes], TestResponse]) -> Callable[[str, bytes], TestResponse]:
        """Wrap every call, so that faults are counted anew for it. A nested call shares the count of the outer one."""

        def posted(target: str, body: bytes) -> TestResponse:
            if not self.depth:
                self.call_begins()
            self.depth += 1
            try:
                return post(target, body)
            finally:
                self.depth -= 1

        return posted

    depth = 0
    """Calls in progress."""

    # Calls

    @rule(turn=st.sampled_from(TURNS))
    def clock_turns(self, turn: timedelta) -> None:
        """Advance the clock."""
        self.world.clock.advance(turn)
        self.changes_end()

    @rule(count=st.integers(1, 4))
    def calls_are_made(self, count: int) -> None:
        """Make a few calls."""
        for _ in range(count):
            self.called()

    @rule()
    def sync_is_made(self) -> None:
        """Call until there is no more, or a call fails."""
        troubled = self.trouble
        for _ in range(PASSES_TROUBLED if troubled else PASSES_MAX):
            if not self.called():
                return
        if not troubled:
            pytest.fail(f"{PASSES_MAX} calls, and still hasMore")

    @rule(after=st.integers(0, 12))
    def call_dies(self, after: int) -> None:
        """Kill the process during a call. A new process begins with the state that was saved."""

        def die() -> None:
            raise Died

        self.at_request = {len(self.world.sim.requests) + after: die}
        try:
            self.called()
        except Died:
            self.begins_anew()
        finally:
            self.at_request = {}

    @rule()
    def begins_anew(self) -> None:
        """Start cold: the product keeps nothing but the state."""
        self.patch.setattr(main, "NAMES", names.Remembered())

    @precondition(lambda self: self.world.workspace.runs)
    @rule(after=st.integers(0, 12), pick=st.integers(0, 199), what=st.sampled_from(MEANWHILE))
    def changes_while_read(self, after: int, pick: int, what: str) -> None:
        """Change the workspace, or LangSmith, between two requests of one call."""
        acts: dict[str, Callable[[], None]] = {
            "run": lambda: self.runs_arrive(pick, 2, 0, tie=False, pending=False, lag=0),
            "feedback": lambda: self.feedback_is_given(pick, 1.0, 0),
            "rename": lambda: self.a_project_changes(pick, "rename"),
            "delete": lambda: self.a_project_changes(pick, "delete"),
            "switch": self.run_api_switches,
            "cursors": self.cursors_die,
        }
        self.at_request = {len(self.world.sim.requests) + after: acts[what]}
        try:
            self.called()
        finally:
            self.at_request = {}

    def called(self) -> bool:
        """Make one call, record its looks, and return whether there is more. A call that a planned fault fails has no more."""
        try:
            return self.call()
        except CallFailed as failure:
            if not self.may_fail(failure.status, str(failure)):
                pytest.fail(f"a call fails without a reason: {failure}")
            return False
        finally:
            self.expectations.record_looks(self.state())
            self.changes_end()
