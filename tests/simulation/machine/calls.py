"""Steps that call the product, in time and out of it.

Not here: the faces (each says how it is called and what its tables are), how a sequence comes to rest and is judged (rest).
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
from simulation.machine.promises import Promises
from simulation.machine.trouble import Trouble
from werkzeug.test import TestResponse

import main
from langsmith_core.sync import names
from product import Table, World
from simulator.adapter import SimulatorAdapter
from simulator.messages import Request, Response
from simulator.settings import Mode

LATENCY = 0.05
"""Seconds of every request: the clock of a call does not stand still."""
TURNS = tuple(
    timedelta(**{unit: number})
    for unit, numbers in {"seconds": (7,), "minutes": (3, 20), "hours": (2, 23), "days": (1, 4, 9)}.items()
    for number in numbers
)
MEANWHILE = ("run", "feedback", "rename", "delete", "switch", "cursors")
PASSES_MAX, PASSES_TROUBLED = 400, 30
"""A sync ends; while LangSmith leaves requests hanging, each look takes so long that the next is due."""
REQUESTS_MAX = 60_000
"""Of one sequence. The largest need about a tenth of it."""


class Died(BaseException):
    """The process ends here."""


class CallFailed(Exception):  # noqa: N818  a proper answer of a target, not an error of the machine
    """A target answered a failure."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Calls(Trouble):
    """Calls of one face. A face has `call`, `state` and `tables`."""

    mode: Mode = "clickhouse"

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        self.folder = tempfile.TemporaryDirectory()
        self.world = World(self.patch, Path(self.folder.name), self.mode)
        self.promises = Promises()
        self.at_request: dict[int, Callable[[], None]] = {}
        main.SESSION.trust_env = False  # for each request it would look for proxies in the environment
        main.SESSION.mount("https://", SimulatorAdapter(self._served, self.world.clock))
        self.world.configure(PAGE_SIZE="3", MAX_RESPONSE_MB="8")
        self.patch.setattr(self.world, "post", self._posted(self.world.post))
        self.begin()

    def begin(self) -> None:
        """What a face prepares."""

    def call(self) -> bool:
        """One call; whether it has more. Raises CallFailed."""
        raise NotImplementedError

    def state(self) -> Mapping[str, Any]:
        """The state that the next call begins with."""
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
            self.promises.storage_failed(self.now)
        response.delay_seconds += LATENCY
        return response

    def _struck(self) -> int:
        return sum(one.fault.struck for one in self.planned)

    def _posted(self, post: Callable[[str, bytes], TestResponse]) -> Callable[[str, bytes], TestResponse]:
        """Any call: it begins, unless it is made in the middle of another, whose faults excuse it too."""

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
    """Calls that are at work."""

    # Calls

    @rule(turn=st.sampled_from(TURNS))
    def clock_turns(self, turn: timedelta) -> None:
        """Time goes by."""
        self.world.clock.advance(turn)
        self.changes_end()

    @rule(count=st.integers(1, 4))
    def calls_are_made(self, count: int) -> None:
        """A few calls."""
        for _ in range(count):
            self.called()

    @rule()
    def sync_is_made(self) -> None:
        """Calls until one has no more, or fails."""
        troubled = self.trouble
        for _ in range(PASSES_TROUBLED if troubled else PASSES_MAX):
            if not self.called():
                return
        if not troubled:
            pytest.fail(f"{PASSES_MAX} calls, and still hasMore")

    @rule(after=st.integers(0, 12))
    def call_dies(self, after: int) -> None:
        """A process ends in the middle of a call, and another one begins with the state that was kept."""

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
        """A cold start: nothing is remembered but the state."""
        self.patch.setattr(main, "NAMES", names.Remembered())

    @precondition(lambda self: self.world.workspace.runs)
    @rule(after=st.integers(0, 12), pick=st.integers(0, 199), what=st.sampled_from(MEANWHILE))
    def changes_while_read(self, after: int, pick: int, what: str) -> None:
        """The workspace, or LangSmith, changes between two requests of one call."""
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
        """One call, and what is noted after it; one that fails because LangSmith does has no more."""
        try:
            return self.call()
        except CallFailed as failure:
            if not self.may_fail(failure.status, str(failure)):
                pytest.fail(f"a call fails without a reason: {failure}")
            return False
        finally:
            self.promises.looked(self.state())
            self.changes_end()
