"""How a sequence comes to rest and is judged.

Not here: the verdict itself (promises), how a face is called (faces).
"""

from __future__ import annotations

import sys
from datetime import timedelta

from hypothesis.stateful import invariant, precondition, rule
from silence import Sentry
from simulation.machine.promises import DEEP, OVERLAP
from simulation.machine.scenes import Scenes

from langsmith_core.langsmith.pacing import TOLD_MAX


class Rest(Scenes):
    """A machine whose every sequence ends at rest. `sentry` hears what is logged, `played` gets the steps of each sequence."""

    sentry = Sentry()
    played: list[int]
    steps = -1
    """Without the one that begins a workspace."""

    @invariant()
    def step_is_over(self) -> None:
        """After each step."""
        self.steps += 1

    @precondition(lambda self: self.settled_at + 60 < len(self.world.sim.requests))
    @rule()
    def all_comes_to_rest(self) -> None:
        """The source is quiet, faults are over: after the next sync nothing is missing, after the next day's nothing at all."""
        self.calm()
        self.world.clock.advance(timedelta(seconds=TOLD_MAX + 1))  # past the longest Retry-After, which outlasts its call
        self._synced()
        for turn, looks in ((timedelta(minutes=62), (OVERLAP,)), (timedelta(hours=25), (OVERLAP, DEEP))):
            self.world.clock.advance(turn)
            self.changes_end()
            self._synced()
            self.promises.looked_well(self.state(), *looks)
            offences = list(self.promises.offences(self.world.workspace.truth(), self.tables()))
            assert not offences, "\n".join(offences)
        self.settled_at = len(self.world.sim.requests)

    settled_at = 0

    def _synced(self) -> None:
        """A sync from a cold start, after which nothing is in progress, put aside or left behind."""
        self.begins_anew()
        self.sync_is_made()
        left = {"cycle", "history", "owed", "unfilled"} & self.state().keys()
        assert not left, f"no more, and still there is a {left}"

    def teardown(self) -> None:
        """Every sequence ends at rest, unless it has failed before."""
        try:
            if sys.exc_info()[0] is None:
                self.settled_at = -1_000
                self.all_comes_to_rest()
                self.played.append(self.steps)
            assert not self.sentry.offences, self.sentry.offences
        finally:
            self.sentry.offences.clear()
            self.end()
            self.patch.undo()
            self.folder.cleanup()

    def end(self) -> None:
        """What a face closes."""
