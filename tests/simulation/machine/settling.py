"""How a sequence of steps ends: the source becomes quiet, the product syncs, and the tables are checked (expectations.py)."""

from __future__ import annotations

import sys
from datetime import timedelta

from hypothesis.stateful import invariant, precondition, rule
from leaks import QuickLeakWatch
from simulation.machine.expectations import DEEP, OVERLAP, judged
from simulation.machine.scenarios import Scenarios

from langsmith_core.langsmith.pacing import RETRY_AFTER_MAX


class Settling(Scenarios):
    """A machine whose every sequence ends at rest. `sentry` receives log lines, `played` the steps of each sequence."""

    sentry = QuickLeakWatch()
    played: list[int]
    steps = -1
    """The steps so far, without the one that creates the workspace."""

    @invariant()
    def step_is_over(self) -> None:
        """Count the step."""
        self.steps += 1

    @precondition(lambda self: self.settled_at + 60 < len(self.world.sim.requests))
    @rule()
    def all_comes_to_rest(self) -> None:
        """Quiet the source, end faults and sync: no announced change is missing. After a daily pass none at all is missing."""
        self.calm()
        self.world.clock.advance(timedelta(seconds=RETRY_AFTER_MAX + 1))  # past the longest Retry-After
        self._synced()
        for turn, looks in ((timedelta(minutes=62), (OVERLAP,)), (timedelta(hours=25), (OVERLAP, DEEP))):
            self.world.clock.advance(turn)
            self.changes_end()
            self._synced()
            self.expectations.require_looks(self.state(), *looks)
            offences = list(self.expectations.violations(judged(self.world.truth()), self.tables()))
            assert not offences, "\n".join(offences)
        self.settled_at = len(self.world.sim.requests)

    settled_at = 0

    def _synced(self) -> None:
        """Sync from a cold start. The state then holds no look, no backfill and no postponed work."""
        self.begins_anew()
        self.sync_is_made()
        left = {"look", "backfill", "later"} & self.state().keys()
        assert not left, f"no more, and still there is a {left}"

    def teardown(self) -> None:
        """Bring the sequence to rest, unless it has failed before."""
        try:
            if sys.exc_info()[0] is None:
                self.settled_at = -1_000
                self.all_comes_to_rest()
                self.played.append(self.steps)
            assert not self.sentry.found, self.sentry.found
        finally:
            self.sentry.found.clear()
            self.end()
            self.patch.undo()
            self.folder.cleanup()

    def end(self) -> None:
        """Close the face. By default there is nothing to close."""
