"""What all calls of one process share: the clock, the HTTP session, and the names of projects and datasets read so far.

Here: making a call's LangSmith client and its limits from them. Not here: who creates them (main).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from langsmith_core.calls import Start
from langsmith_core.clock import Clock
from langsmith_core.langsmith.client import LangSmith
from langsmith_core.langsmith.pacing import Part, whole
from langsmith_core.langsmith.under_way import in_thread
from langsmith_core.settings.config import Settings
from langsmith_core.sync.ahead import Kept
from langsmith_core.sync.batch import Limits
from langsmith_core.sync.names import Remembered

if TYPE_CHECKING:
    import requests


class Process(Struct, frozen=True):
    """The parts that outlive a call.

    `under_way`: answers that a call had asked for ahead, for the next one. `start` begins a request ahead.
    """

    clock: Clock
    session: requests.Session
    names: Remembered
    under_way: Kept
    start: Start = in_thread

    def client(self, settings: Settings, part: Part = whole) -> LangSmith:
        """Return a LangSmith client for one call that begins now and has MAX_SECONDS. `part` of the limits is its own."""
        deadline = self.clock.now() + timedelta(seconds=settings.seconds_max)
        made = LangSmith(settings, self.clock, deadline, self.session, start=self.start)
        made.part = part
        return made

    def limits(
        self, settings: Settings, bytes_max: int, *, stamped: bool = False, exact: bool = False, instances: int = 0
    ) -> Limits:
        """Return the limits of one call that begins now. `bytes_max` bounds a batch; the others as in `batch.Limits`."""
        deadline = self.clock.now() + timedelta(seconds=settings.seconds_max)

        def seconds_left() -> float:
            return (deadline - self.clock.now()).total_seconds()

        return Limits(bytes_max, seconds_left, stamped, exact, instances)
